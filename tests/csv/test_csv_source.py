"""The CSV source: what it takes, what it covers, and what it refuses."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from rostersync.errors import Fatal
from rostersync.model.codes import Code
from rostersync.model.kind import COLLECTIONS, Coverage, Kind
from rostersync.model.snapshot import User
from rostersync.sources.base import Batch, Probe, Request
from rostersync.sources.csv import CsvSettings, CsvSource
from rostersync.sources.csv.package import newest
from rostersync.sources.csv.settings import CsvSettings as Settings
from tests.csv.csv_flaws import Change, Files, both, delta, drop, good, mode, raw, row, swap
from tests.csv.csv_packages import to_folder, to_zip
from tests.csv.csv_reading import NOW, Reading, merged, read_files, read_package


def read(path: Path, files: Files, *changes: Change) -> Reading:
    """Read a package that is good but for the changes."""
    both(*changes)(files)
    return read_files(path, files)


def probes(path: Path) -> dict[str, Probe]:
    source = CsvSource(Settings(path), clock=lambda: NOW)
    return {probe.name: probe for probe in source.probe(COLLECTIONS)}


# what is read


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_a_bulk_package_is_full_in_all(version: str, tmp_path: Path) -> None:
    reading = read(tmp_path, good(version))  # type: ignore[arg-type]
    assert reading.coverage == dict.fromkeys(COLLECTIONS, Coverage.FULL)
    assert reading.found == []
    assert set(reading.of(Kind.USERS)) == {"u1", "u2", "p1", "u3"}


def test_a_value_stays_what_it_is(tmp_path: Path) -> None:
    user = read(tmp_path, good("1.1")).of(Kind.USERS)["u1"].record
    assert isinstance(user, User)
    assert user.identifier == "007"
    assert (user.grades, user.agents, user.orgs) == (("09",), ("p1",), ("s",))


def test_the_roles_of_a_user_come_from_the_other_file_in_any_order(tmp_path: Path) -> None:
    files = good("1.2")
    head, *rows = str(files["roles.csv"]).strip().split("\r\n")
    files["roles.csv"] = "\r\n".join([head, *reversed(rows)])
    user = read(tmp_path, files).of(Kind.USERS)["u2"].record
    assert isinstance(user, User)
    assert [role.role for role in user.roles] == ["teacher", "aide"]
    assert [role.org for role in user.roles] == ["s", "s"]


def test_no_password_and_no_demographics_leave_the_package(tmp_path: Path) -> None:
    files = good("1.2")
    swap("users", "p1,09,,", "p1,09,hush-hush,")(files)
    reading = read(tmp_path, files)
    assert "hush-hush" not in repr(reading)
    assert "2010-04-01" not in repr(reading)


def test_columns_may_be_in_another_order_and_case_and_there_may_be_more(tmp_path: Path) -> None:
    files = good("1.1")
    files["orgs.csv"] = "TYPE,colour,Name,metadata.zone,sourcedid,parentSourcedId\nschool,red,North,1,s,d\n"
    reading = read(tmp_path, files)
    org = reading.of(Kind.ORGS)["s"].record
    assert (getattr(org, "name", None), getattr(org, "parent", None)) == ("North", "d")
    assert reading.coverage[Kind.ORGS] is Coverage.FULL
    assert "TYPE" in probes(tmp_path)["orgs.csv"].hint


def test_a_package_of_1_0_may_use_its_own_column_names(tmp_path: Path) -> None:
    files = good("1.0")
    swap("users", "agentSourcedIds", "agents")(files)
    swap("classes", "termSourcedIds", "termSourcedId")(files)
    reading = read(tmp_path, files)
    assert getattr(reading.of(Kind.USERS)["u1"].record, "agents", None) == ("p1",)
    assert getattr(reading.of(Kind.CLASSES)["c"].record, "sessions", None) == ("t", "y")


def test_of_a_glob_the_newest_by_name_is_read(tmp_path: Path) -> None:
    for number in (2, 9, 10):
        to_zip(tmp_path / f"roster-{number}.zip", good("1.1"))
    assert newest(tmp_path / "roster-*.zip").name == "roster-10.zip"
    assert read_package(tmp_path / "*.zip").coverage[Kind.USERS] is Coverage.FULL
    with pytest.raises(Fatal, match=r"no '.*' that matches"):
        read_package(tmp_path / "*.tar")


def test_only_what_is_asked_for_is_read(tmp_path: Path) -> None:
    files = good("1.1")
    files["enrollments.csv"] = "not,a,roster\n"
    reading = read_package(to_folder(tmp_path, files), (Kind.ORGS, Kind.USERS))
    assert list(reading.coverage) == [Kind.ORGS, Kind.USERS]


def test_rows_come_in_batches(tmp_path: Path) -> None:
    files = good("1.1")
    files["orgs.csv"] = "sourcedId,name,type\n" + "".join(f"s{n},School {n},school\n" for n in range(2500))
    reading = read(tmp_path, files)
    assert (len(reading.rows[Kind.ORGS]), reading.largest_batch) == (2500, 1000)


# what a file covers


def test_a_delta_package_covers_changes_and_deletions(tmp_path: Path) -> None:
    reading = read(tmp_path, delta("1.1"), swap("users", "u3,active", "u3,tobedeleted"))
    assert set(reading.coverage.values()) == {Coverage.DELTA}
    assert reading.of(Kind.USERS)["u3"].deleted_at == "2026-08-01T06:00:00.000000Z"


def test_a_file_that_is_absent_says_nothing(tmp_path: Path) -> None:
    reading = read(tmp_path, good("1.1"), drop("users"), mode("users", "bulk", "absent"))
    assert reading.coverage[Kind.USERS] is Coverage.NONE
    assert reading.found == []


@pytest.mark.parametrize(("said", "files"), [("delta", good), ("bulk", delta), ("absent", good)])
def test_where_rows_and_manifest_disagree_the_rows_win(said: str, files: object, tmp_path: Path) -> None:
    package: Files = files("1.1")  # type: ignore[operator]
    true = "bulk" if files is good else "delta"
    reading = read(tmp_path, package, swap("manifest", f"file.users,{true}", f"file.users,{said}"))
    assert reading.coverage[Kind.USERS] is (Coverage.FULL if files is good else Coverage.DELTA)
    assert reading.codes == ["RS-SRC-006"]
    assert said in reading.found[0].message


def test_one_row_with_a_status_makes_a_delta_of_a_bulk_file(tmp_path: Path) -> None:
    reading = read(tmp_path, good("1.1"), swap("users", "u3,,,", "u3,active,,"))
    assert reading.coverage[Kind.USERS] is Coverage.DELTA
    assert reading.codes == ["RS-SRC-006"]


def test_dates_alone_do_not_make_a_delta(tmp_path: Path) -> None:
    reading = read(tmp_path, good("1.1"), swap("users", "u3,,,", "u3,,2026-08-01T06:00:00Z,"))
    assert reading.coverage[Kind.USERS] is Coverage.FULL
    assert reading.found == []


def test_a_header_alone_is_suddenly_empty_and_no_error(tmp_path: Path) -> None:
    files = good("1.1")
    files["users.csv"] = str(files["users.csv"]).split("\r\n", maxsplit=1)[0]
    reading = read(tmp_path, files)
    assert (reading.coverage[Kind.USERS], reading.of(Kind.USERS)) == (Coverage.FULL, {})


def test_a_file_that_the_manifest_promises_and_that_is_missing_is_not_to_be_had(tmp_path: Path) -> None:
    reading = read(tmp_path / "a", good("1.1"), drop("courses"))
    assert (reading.coverage[Kind.COURSES], reading.codes) == (Coverage.NONE, ["RS-SRC-006"])
    with pytest.raises(Fatal) as caught:
        read(tmp_path / "b", good("1.1"), drop("users"))
    assert caught.value.code == Code.SRC_MANIFEST_MISMATCH


# broken records


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (swap("users", "eve,,Eve", 'eve,,E"ve'), r"users.csv line 5.*quote"),
        (swap("users", "eve,,Eve,Kay", "eve,,Eve"), r"users.csv line 5.*cells"),
        (swap("users", "eve,,Eve,", "eve,,Eve,Maria,"), r"users.csv line 5.*cells"),
        (swap("users", "Eve", "E\0ve"), r"users.csv line 5.*NUL"),
        (raw("users", b"Eve", b"\xc9ve"), r"users.csv line 5.*UTF-8"),
        (swap("users", "Eve", '"E\r\nve"'), r"users.csv line 5.*line break"),
        (swap("users", "Eve", "E\rve"), r"users.csv line 5.*line break"),
    ],
    ids=["quote", "short", "long", "nul", "latin1", "crlf", "cr"],
)
def test_a_broken_line_rejects_its_record_and_removes_nothing(change: Change, says: str, tmp_path: Path) -> None:
    before = merged(read(tmp_path / "before", good("1.1")))
    reading = read(tmp_path / "after", good("1.1"), change)
    rejection = reading.of(Kind.USERS)["u3"].rejection
    assert rejection is not None
    assert rejection.code == Code.DATA_REJECTED
    assert re.search(says, rejection.message)
    assert reading.coverage[Kind.USERS] is Coverage.FULL
    after = merged(reading, before)
    assert [entry.record for entry in after[Kind.USERS]] == [entry.record for entry in before[Kind.USERS]]


@pytest.mark.parametrize("new", ['u"3', '"u3" ', "u\x003"])
def test_a_line_whose_id_cannot_be_read_keeps_everything_that_is_not_in_the_file(new: str, tmp_path: Path) -> None:
    before = merged(read(tmp_path / "before", good("1.1")))
    reading = read(tmp_path / "after", good("1.1"), swap("users", "\r\nu3,", f"\r\n{new},"))
    assert reading.coverage[Kind.USERS] is Coverage.DELTA
    assert reading.codes == ["RS-SRC-002"]
    live = [entry.sourced_id for entry in merged(reading, before)[Kind.USERS] if entry.record is not None]
    assert live == ["p1", "u1", "u2", "u3"]


def test_a_quote_that_swallows_other_records_costs_only_its_own(tmp_path: Path) -> None:
    reading = read(tmp_path, good("1.1"), swap("users", "bob,,Bob", 'bob,,"Bob'))
    assert {key: row.record is not None for key, row in reading.of(Kind.USERS).items()} == {
        "u1": True, "u2": False, "p1": True, "u3": True,
    }  # fmt: skip


def test_a_record_that_lacks_what_it_needs_is_rejected_as_over_rest(tmp_path: Path) -> None:
    rejection = read(tmp_path, good("1.1"), swap("classes", "Writing A", " ")).of(Kind.CLASSES)["c"].rejection
    assert rejection is not None
    assert (rejection.field, rejection.message, rejection.schools) == ("title", "is missing", ("s",))


# files that cannot be had


@pytest.mark.parametrize(
    "change",
    [
        swap("users", "username", "Username,username"),
        swap("users", ",username", ",login"),
        lambda files: files.update({"users.csv": ""}),
        lambda files: files.update({"users.csv": "sourcedId".encode("utf-16")}),
        lambda files: files.update({"users.csv": str(files["users.csv"])[:-30]}),
        lambda files: files.update({"users.csv": 'sourcedId,"status\n'}),
    ],
    ids=["twice", "missing", "empty", "utf-16", "cut-off", "header"],
)
def test_a_file_that_cannot_be_read_fails_or_is_none(change: Change, tmp_path: Path) -> None:
    with pytest.raises(Fatal) as caught:
        read(tmp_path / "users", good("1.1"), change)
    assert caught.value.code == Code.SRC_INCOMPLETE
    assert "users.csv" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("name", ["courses", "academicSessions"])
def test_courses_and_sessions_that_cannot_be_read_are_none(name: str, tmp_path: Path) -> None:
    files = good("1.1")
    files[f"{name}.csv"] = ""
    reading = read(tmp_path, files)
    kind = Kind.COURSES if name == "courses" else Kind.SESSIONS
    assert (reading.coverage[kind], reading.codes) == (Coverage.NONE, ["RS-SRC-002"])


def test_a_file_of_which_hardly_a_line_is_a_record_is_not_to_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rostersync.sources.csv.table.MOST_BROKEN", 20)
    files = good("1.1")
    files["orgs.csv"] = str(files["orgs.csv"]) + "x\r\n" * 20 + "s3,,,West,school,4,d\r\n"
    assert "s3" in read(tmp_path / "some", files).of(Kind.ORGS)
    files["orgs.csv"] = str(files["orgs.csv"]) + "x\r\n"
    with pytest.raises(
        Fatal, match=r"orgs\.csv has more than 20 lines that are no records, the last of them line 2[0-9]"
    ) as caught:
        read(tmp_path / "many", files)
    assert caught.value.code == "RS-SRC-002"


def test_a_file_that_changes_while_it_is_read_fails(tmp_path: Path) -> None:
    files = good("1.1")
    files["orgs.csv"] = "sourcedId,name,type\n" + "".join(f"s{n},School {n},school\n" for n in range(2500))
    to_folder(tmp_path, files)
    events = CsvSource(CsvSettings(tmp_path), clock=lambda: NOW).fetch(Request((Kind.ORGS,)))
    assert isinstance(next(event for event in events if isinstance(event, Batch)), Batch)
    with (tmp_path / "orgs.csv").open("a") as file:
        file.write("late,Late,school\n")
    with pytest.raises(Fatal, match="changed while it was read"):
        list(events)


def test_a_zip_that_is_written_to_while_it_is_read_fails(tmp_path: Path) -> None:
    path = to_zip(tmp_path / "r.zip", good("1.1"))
    events = CsvSource(CsvSettings(path), clock=lambda: NOW).fetch(Request(COLLECTIONS))
    next(event for event in events if isinstance(event, Batch))
    os.utime(path, (1, 1))
    with pytest.raises(Fatal, match="changed while it was read"):
        list(events)


@pytest.mark.parametrize("version", ["", "2.0", "1"])
def test_a_manifest_of_an_unknown_version_is_refused(version: str, tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"oneroster\.version"):
        read(tmp_path, good("1.2"), swap("manifest", "oneroster.version,1.2", f"oneroster.version,{version}"))


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_fetch_that_is_given_up_leaves_nothing_open(version: str, tmp_path: Path) -> None:
    path = to_zip(tmp_path / "r.zip", good(version))  # type: ignore[arg-type]
    source = CsvSource(CsvSettings(path), clock=lambda: NOW)
    events = source.fetch(Request(COLLECTIONS))
    next(event for event in events if isinstance(event, Batch) and event.kind is Kind.USERS)
    source.close()
    source.close()
    del events
    opened = (
        [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()] if Path("/proc/self/fd").exists() else []
    )
    assert str(path) not in opened


# users of 1.2 and their roles


def test_a_user_without_a_role_is_rejected(tmp_path: Path) -> None:
    found = read(tmp_path, good("1.2"), swap("roles", "r5,,,u3,", "r5,,,u2,")).of(Kind.USERS)["u3"]
    assert found.rejection is not None
    assert found.rejection.field == "roles"


def test_a_role_that_cannot_be_read_rejects_its_user(tmp_path: Path) -> None:
    found = read(tmp_path, good("1.2"), swap("roles", "u2,secondary,aide", 'u2,secondary,ai"de')).of(Kind.USERS)["u2"]
    assert found.rejection is not None
    assert "roles.csv line 4" in found.rejection.message


def test_a_role_without_a_user_that_can_be_read_fails_the_users(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"roles\.csv line 4"):
        read(tmp_path, good("1.2"), swap("roles", "u2,secondary", ",secondary"))


def test_roles_that_are_stamped_though_bulk_are_a_delta(tmp_path: Path) -> None:
    reading = read(tmp_path, delta("1.2"), swap("manifest", "file.roles,delta", "file.roles,bulk"))
    assert set(reading.of(Kind.USERS)) == {"u1", "u2", "p1", "u3"}
    assert (reading.coverage[Kind.USERS], reading.codes) == (Coverage.DELTA, ["RS-SRC-006"])


# check


def test_probes_tell_the_package_its_files_modes_and_rows(tmp_path: Path) -> None:
    files = good("1.2")
    both(drop("courses"), mode("courses", "bulk", "absent"))(files)
    found = probes(to_zip(tmp_path / "r.zip", files))
    assert list(found) == [
        *("package", "orgs.csv", "academicSessions.csv", "courses.csv", "classes.csv", "roles.csv", "users.csv"),
        "enrollments.csv",
    ]
    assert all(probe.ok for probe in found.values())
    assert found["package"].message == "r.zip: version 1.2"
    assert found["users.csv"].detail == {"mode": "bulk", "rows": 4, "broken": 0}
    assert found["courses.csv"].detail == {"mode": "absent", "rows": 0}


def test_probes_tell_what_is_wrong(tmp_path: Path) -> None:
    files = good("1.1")
    both(swap("orgs", "North", 'No"rth'), drop("courses"), mode("users", "bulk", "delta"))(files)
    files["classes.csv"] = ""
    found = probes(to_folder(tmp_path / "package", files))
    assert {name: probe.code for name, probe in found.items() if not probe.ok} == {
        "orgs.csv": Code.DATA_REJECTED,
        "courses.csv": Code.SRC_MANIFEST_MISMATCH,
        "classes.csv": Code.SRC_INCOMPLETE,
        "users.csv": Code.SRC_MANIFEST_MISMATCH,
    }
    (missing,) = probes(tmp_path / "none").values()
    assert (missing.ok, missing.code) == (False, Code.SRC_ARCHIVE_UNREADABLE)


def test_a_row_that_is_added_is_a_row_more(tmp_path: Path) -> None:
    reading = read(tmp_path, good("1.1"), row("orgs", "s9,,,East High,school,9,d"))
    assert reading.of(Kind.ORGS)["s9"].record is not None
