"""What differs from the standard and is accepted: a run says so, once for the package and once for each file."""

from __future__ import annotations

from pathlib import Path

from rostersync.model.codes import Code
from rostersync.model.kind import Kind
from tests.csv.csv_flaws import Change, Files, both, good, mode, swap
from tests.csv.csv_packages import to_zip
from tests.csv.csv_reading import Reading, read_files, read_package
from tests.runs.csv_site import drop as site
from tests.runs.demo_site import codes

SAYS = Code.SRC_TOLERATED


def read(path: Path, files: Files, *changes: Change) -> Reading:
    both(*changes)(files)
    return read_files(path, files)


def told(reading: Reading) -> list[tuple[Kind | None, str]]:
    assert {found.code for found in reading.found} <= {SAYS}
    return [(found.kind, found.message) for found in reading.found]


def test_columns_in_another_case_are_told_once_for_the_file(tmp_path: Path) -> None:
    reading = read(tmp_path, good("1.1"), swap("users", "sourcedId,", "SOURCEDID,"), swap("users", "role", "Role"))
    ((kind, message),) = told(reading)
    assert kind is Kind.USERS
    assert message == ("users.csv: the column sourcedId is written 'SOURCEDID'; the column role is written 'Role'")
    assert "validate" in reading.found[0].hint
    assert len(reading.of(Kind.USERS)) == 4


def test_columns_in_another_order_are_told(tmp_path: Path) -> None:
    files = good("1.1")
    files["orgs.csv"] = (
        "sourcedId,status,dateLastModified,type,name,identifier,parentSourcedId\ns,,,school,North,,\nd,,,district,D,,\n"
    )
    ((kind, message),) = told(read(tmp_path, files))
    assert (kind, message) == (Kind.ORGS, "orgs.csv: the column type stands where name is due")


def test_columns_that_are_missing_are_told_and_the_list_is_cut(tmp_path: Path) -> None:
    files = good("1.1")
    files["courses.csv"] = "sourcedId,title,orgSourcedId\nk,Writing,d\n"
    ((kind, message),) = told(read(tmp_path, files))
    assert kind is Kind.COURSES
    assert message == (
        "courses.csv: the column status is missing; the column dateLastModified is missing; "
        "the column schoolYearSourcedId is missing; and 4 more"
    )


def test_a_metadata_column_before_one_of_the_standard_is_told(tmp_path: Path) -> None:
    change = swap("orgs", "sourcedId,status", "sourcedId,metadata.zone,status")
    files = good("1.1")
    change(files)
    files["orgs.csv"] = str(files["orgs.csv"]).replace(",,,", ",,,,")
    assert [kind for kind, _ in told(read_files(tmp_path, files))] == [Kind.ORGS]


def test_roles_count_with_the_users(tmp_path: Path) -> None:
    ((kind, message),) = told(read(tmp_path, good("1.2"), swap("roles", "roleType", "roletype")))
    assert (kind, message[:10]) == (Kind.USERS, "roles.csv:")


def test_a_folder_around_the_files_and_names_in_another_case_are_told_once(tmp_path: Path) -> None:
    files = {f"export/{name.replace('orgs', 'Orgs')}": text for name, text in good("1.1").items()}
    path = to_zip(tmp_path / "roster.zip", files | {"export/readme.txt": "hello"})
    ((kind, message),) = told(read_package(path))
    assert kind is None
    assert message == "roster.zip: the files are in a folder, 'export/'; the file is named 'export/Orgs.csv'"


def test_what_is_accepted_as_it_is_is_not_told(tmp_path: Path) -> None:
    files = good("1.1")
    head, *rows = str(files["orgs.csv"]).strip().split("\r\n")
    more = [f"{head},colour,metadata.zone", *(f"{row},red,1" for row in rows)]
    files["orgs.csv"] = "\ufeff" + "\n".join(more) + "\n\n"
    assert told(read_files(tmp_path, files | {"notes.csv": "x\n"})) == []
    assert told(read_files(tmp_path / "old", good("1.0"))) == []


def test_a_file_that_is_not_accepted_is_not_said_to_be(tmp_path: Path) -> None:
    files = good("1.1")
    files["courses.csv"] = "SOURCEDID,title,orgSourcedId\nk,Writing"
    assert [found.code for found in read_files(tmp_path, files).found] == [Code.SRC_INCOMPLETE]


def test_a_run_and_its_preview_say_so_and_the_log_keeps_it(tmp_path: Path) -> None:
    files = {f"export/{name}": text for name, text in good("1.1").items()}
    files["export/users.csv"] = str(files["export/users.csv"]).replace("email", "eMail", 1)
    main = site(tmp_path, files)
    shown, ran = main.preview(), main.run()
    assert len(ran["diagnostics"]) == 2
    assert codes(shown) == codes(ran) == ["RS-SRC-008"]
    assert (ran["status"], {each["severity"] for each in ran["diagnostics"]}) == ("success", {"warning"})
    assert codes(main.log("main")[0]) == codes(ran)
    assert "the column email is written 'eMail'" in main.cli("log", "main", "--last").out


def test_what_is_not_to_be_had_is_not_laid_to_what_was_accepted(tmp_path: Path) -> None:
    files = good("1.1")
    both(mode("users", "bulk", "absent"), swap("users", "role", "Role"))(files)
    files["users.csv"] = str(files["users.csv"]).partition("\r\n")[0]
    error = site(tmp_path, files).run(code=1)["error"]
    assert (error["code"], error["message"]) == ("RS-SRC-002", "no users are known, and the source did not give them")
