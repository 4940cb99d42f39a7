"""Whole runs on CSV packages through the command line: the same roster as over REST, and nothing lost to a bad file."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import pytest

from rostersync.demo import District, make_district
from tests.csv.csv_packages import text_of, to_zip
from tests.runs.csv_site import Drop, bulk, delta, drop, live_tables
from tests.runs.demo_site import Clock, codes, is_empty, site

OldOrNew = Literal["1.1", "1.2"]
VERSIONS: tuple[OldOrNew, ...] = ("1.1", "1.2")
Files = dict[str, str]


def plain(students: int) -> District:
    """A district of which both versions say the same: one role for each person, and roles that both know."""
    district = make_district(students=students)
    for user in district.users.values():
        (role, *_) = user["roles"]
        if role["role"] not in {"student", "teacher", "parent", "guardian", "relative"}:
            role["role"] = "aide"
        user["roles"] = [each for each in user["roles"] if each["role"] == role["role"]]
    return district


def synced(folder: Path, version: OldOrNew = "1.2", **configured: object) -> tuple[Drop, Files]:
    """An integration that has read a good package, and the files of that package."""
    files = bulk(live_tables(make_district(students=40), version), version)
    main = drop(folder, files, **configured)
    main.run()
    return main, files


def test_one_district_gives_the_same_roster_by_all_four_ways(tmp_path: Path) -> None:
    district = plain(60)
    sync = {"parents": True}
    rosters, counts = [], []
    for version in VERSIONS:
        with site(tmp_path / f"rest-{version}", version=version, clock=Clock(), district=district, sync=sync) as rest:
            counts.append(rest.run()["counts"])
            rosters.append(rest.roster())
        main = drop(tmp_path / f"csv-{version}", bulk(live_tables(district, version), version), sync=sync)
        code, checked = main.json("check", "main")
        assert code == 0, checked
        shown, ran = main.preview(), main.run()
        assert (shown["mode"], ran["mode"], shown["plan_hash"]) == ("full", "full", ran["plan_hash"])
        assert is_empty(main.run()["changes"])
        counts.append(ran["counts"])
        rosters.append(main.roster())
    assert all(len(rows) > 1 for rows in rosters[0].values())
    assert all(roster == rosters[0] for roster in rosters)
    assert all(count == counts[0] for count in counts)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_district_with_all_its_flaws_is_the_same_as_over_rest(version: OldOrNew, tmp_path: Path) -> None:
    district = make_district(students=60)
    with site(tmp_path / "rest", version=version, district=district) as rest:
        over_rest = rest.run()
        main = drop(tmp_path / "csv", bulk(live_tables(district, version), version))
        by_file = main.run()
        assert main.roster() == rest.roster()
    assert codes(by_file) == codes(over_rest)
    assert by_file["counts"] == over_rest["counts"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_header_only_users_file_is_blocked(version: OldOrNew, tmp_path: Path) -> None:
    main, files = synced(tmp_path, version)
    before = main.mark()
    main.put(files | {"users.csv": files["users.csv"].partition("\r\n")[0] + "\r\n"})
    assert "RS-LIMIT-002" in main.preview()["verdict"]["reasons"]
    run = main.run(code=4)
    assert run["status"] == "blocked"
    assert "RS-LIMIT-002" in codes(run)
    assert main.mark() == before


@pytest.mark.parametrize("name", ["orgs", "classes", "users", "roles", "enrollments"])
@pytest.mark.parametrize("how", ["quote", "short", "latin-1", "nul"])
def test_a_broken_row_removes_nothing(name: str, how: str, tmp_path: Path) -> None:
    main, files = synced(tmp_path)
    before = main.roster()
    head, first, rest = files[f"{name}.csv"].split("\r\n", maxsplit=2)
    broken = {
        "quote": lambda row: row + '"x',
        "short": lambda row: row.rpartition(",")[0],
        "latin-1": lambda row: row + "\xe9",
        "nul": lambda row: row + "\0",
    }[how](first)
    raw = f"{head}\r\n{broken}\r\n{rest}".encode("latin-1" if how == "latin-1" else "utf-8", "replace")
    main.put({**files, f"{name}.csv": raw})
    run = main.run(code=None)
    assert run["status"] in {"success", "partial"}
    assert "RS-DATA-001" in codes(run)
    assert f"{name}.csv line 2" in str(run["diagnostics"])
    assert is_empty(run["changes"])
    assert main.roster() == before


@pytest.mark.parametrize("name", ["orgs", "classes", "users", "roles", "enrollments"])
def test_a_truncated_file_fails_the_run_and_changes_nothing(name: str, tmp_path: Path) -> None:
    main, files = synced(tmp_path)
    before = main.mark()
    main.put(files | {f"{name}.csv": files[f"{name}.csv"].rpartition(",")[0]})
    run = main.run(code=1)
    assert (run["status"], run["error"]["code"]) == ("failed", "RS-SRC-002")
    assert f"{name}.csv ends in the middle of line" in run["error"]["message"]
    assert main.mark() == before


@pytest.mark.parametrize("name", ["courses", "academicSessions"])
def test_truncated_courses_or_sessions_leave_them_as_they_were(name: str, tmp_path: Path) -> None:
    main, files = synced(tmp_path)
    before = main.roster()
    main.put(files | {f"{name}.csv": files[f"{name}.csv"].rpartition(",")[0]})
    run = main.run(code=3)
    assert "RS-SRC-002" in codes(run)
    assert main.roster() == before


@pytest.mark.parametrize("said", ["delta", "absent"])
def test_where_manifest_and_rows_disagree_the_rows_win_and_the_run_is_partial(said: str, tmp_path: Path) -> None:
    main, _ = synced(tmp_path)
    tables = live_tables(make_district(students=40), "1.2")
    tables["users"] = [row | {"dateLastModified": ""} for row in tables["users"] if row["sourcedId"] != "stu-0020"]
    files = bulk(tables, "1.2")
    main.put(files | {"manifest.csv": files["manifest.csv"].replace("file.users,bulk", f"file.users,{said}")})
    run = main.run(code=3)
    assert (run["status"], run["mode"]) == ("partial", "full")
    assert "RS-SRC-006" in codes(run)
    assert run["changes"]["users"]["remove"] == 1


def test_a_file_that_the_manifest_promises_fails_the_run(tmp_path: Path) -> None:
    main, files = synced(tmp_path)
    before = main.mark()
    main.put({name: text for name, text in files.items() if name != "users.csv"})
    run = main.run(code=1)
    assert run["error"]["code"] == "RS-SRC-006"
    assert main.mark() == before


Attack = Callable[[Path, Mapping[str, str]], object]


def outside(path: Path, files: Mapping[str, str]) -> object:
    return to_zip(path, {**files, "../users.csv": "x"})


def twice(path: Path, files: Mapping[str, str]) -> object:
    return to_zip(path, {**files, "Users.csv": files["users.csv"]})


def bomb(path: Path, files: Mapping[str, str]) -> object:
    head = text_of(["sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId"], [])
    return to_zip(path, {**files, "orgs.csv": head + "s,,,n,school,,\r\n" * 2_000_000})


def lie(path: Path, files: Mapping[str, str]) -> object:
    to_zip(path, files)
    data = bytearray(path.read_bytes())
    place = data.rindex(b"users.csv") - 46
    struct.pack_into("<L", data, place + 24, 77)
    return path.write_bytes(data)


def cut(path: Path, files: Mapping[str, str]) -> object:
    to_zip(path, files)
    return path.write_bytes(path.read_bytes()[:-300])


def no_zip(path: Path, files: Mapping[str, str]) -> object:
    return path.write_text(files["users.csv"], "utf-8")


def many(path: Path, files: Mapping[str, str]) -> object:
    return to_zip(path, {**files, **{f"{number}.txt": "" for number in range(300)}})


def packed_oddly(path: Path, files: Mapping[str, str]) -> object:
    return to_zip(path, files, zipfile.ZIP_LZMA)


@pytest.mark.parametrize("attack", [outside, twice, bomb, lie, cut, no_zip, many, packed_oddly])
def test_a_zip_made_to_harm_fails_the_run_and_changes_nothing(attack: Attack, tmp_path: Path) -> None:
    main, files = synced(tmp_path)
    before = main.mark()
    attack(main.drop / "roster-2.zip", files)
    run = main.run(code=1)
    assert (run["status"], run["error"]["code"]) == ("failed", "RS-SRC-005")
    assert run["error"]["hint"]
    assert main.mark() == before
    assert main.cli("check", "main").code == 1
    (main.drop / "roster-2.zip").unlink()
    assert is_empty(main.run()["changes"])


def test_a_package_that_is_not_there_fails_the_run(tmp_path: Path) -> None:
    main = drop(tmp_path)
    run = main.run(code=1)
    assert run["error"]["code"] == "RS-SRC-005"
    assert "drop/*.zip" in run["error"]["hint"]


def test_a_folder_is_as_good_as_a_zip(tmp_path: Path) -> None:
    main, files = synced(tmp_path / "zip")
    folder = drop(tmp_path / "folder", source={"path": "drop"})
    for name, text in files.items():
        (folder.drop / name).write_bytes(text.encode())
    folder.run()
    assert folder.roster() == main.roster()


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_exported_is_read_back_as_the_same_roster(version: OldOrNew, tmp_path: Path) -> None:
    sync = {"parents": True}
    path = tmp_path / "out" / "again.zip"
    main = drop(
        tmp_path / "first",
        bulk(live_tables(plain(60), version), version),
        sync=sync,
        outputs=[{"format": f"oneroster-{version}", "path": str(path)}],
    )
    main.run(code=None)
    assert path.exists()
    exported = tmp_path / "exported.zip"
    assert main.cli("export", "main", "--format", f"oneroster-{version}", "--output", str(exported)).code == 0
    assert main.cli("validate", str(exported)).code in {0, 3}
    for package in (path, exported):
        second = drop(tmp_path / package.stem, source={"path": str(package)}, sync=sync)
        assert second.run()["mode"] == "full"
        before, after = main.roster(in_force=True), second.roster()
        assert {view: len(rows) for view, rows in after.items()} == {view: len(rows) for view, rows in before.items()}
        assert after == before


def test_a_delta_that_was_blocked_is_read_again_by_hand(tmp_path: Path) -> None:
    """The folder has a newer package by then, which does not repeat what the blocked one said."""
    district = make_district(students=40)
    first = live_tables(district, "1.2")
    main = drop(tmp_path, bulk(first, "1.2"), limits={"removals": 0})
    main.run()
    district.mark_deleted("users", "stu-0020", main.clock.advance(days=1))
    second = live_tables(district, "1.2")
    blocked = main.put(delta(first, second, "1.2"))
    assert main.run(code=4)["mode"] == "delta"
    main.put(delta(second, second, "1.2"))
    assert is_empty(main.run()["changes"])
    assert main.run("--file", str(blocked), "--force")["changes"]["users"]["remove"] == 1
