"""Users of 1.2 and their roles, in packages that tell all of both, or only what has changed in either."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.errors import Fatal
from rostersync.model.kind import Coverage, Kind
from rostersync.model.snapshot import User
from tests.csv.csv_flaws import STAMP, Files, both, delta, drop, good, mode
from tests.csv.csv_packages import files_of, to_folder
from tests.csv.csv_reading import Reading, Snapshot, merged, read_files, read_package

OLD = {"u1": ["r1"], "u2": ["r2", "r3"], "p1": ["r4"], "u3": ["r5"]}


@pytest.fixture
def before(tmp_path: Path) -> Snapshot:
    """What a bulk package has left."""
    return merged(read_files(tmp_path / "before", good("1.2")))


def only(users: list[str], roles: list[str], files: Files | None = None) -> Files:
    """A package in which users.csv and roles.csv are deltas with these lines of the good one, or those given."""
    files = files or delta("1.2")
    for name, lines in (("users", users), ("roles", roles)):
        head, *rows = str(files[f"{name}.csv"]).strip().split("\r\n")
        at_hand = {row.partition(",")[0]: row for row in rows}
        files[f"{name}.csv"] = "\r\n".join([head, *(at_hand.get(line, line) for line in lines)]) + "\r\n"
    return files


def roles_of(snapshot: Snapshot) -> dict[str, list[str | None]]:
    records = {entry.sourced_id: entry.record for entry in snapshot[Kind.USERS]}
    return {key: [role.sourced_id for role in user.roles] for key, user in records.items() if isinstance(user, User)}


def role(identifier: str, user: str, name: str = "aide", status: str = "active") -> str:
    return f"{identifier},{status},{STAMP},{user},secondary,{name},,,s2,"


def after(tmp_path: Path, before: Snapshot, files: Files) -> tuple[dict[str, list[str | None]], Reading]:
    reading = read_files(tmp_path / "after", files, before)
    return roles_of(merged(reading, before)), reading


def test_roles_are_known_by_their_sourced_ids(before: Snapshot) -> None:
    assert roles_of(before) == OLD


def test_a_changed_user_keeps_the_roles_that_a_delta_does_not_repeat(before: Snapshot, tmp_path: Path) -> None:
    line = f"u2,active,{STAMP},true,robert,,Bob,Day,,,bob@x.example,,,,,,,,,,,s,"
    now, reading = after(tmp_path, before, only([line], []))
    assert now == OLD
    assert reading.coverage[Kind.USERS] is Coverage.DELTA
    assert reading.codes == []
    (user,) = (row.record for row in reading.rows[Kind.USERS])
    assert isinstance(user, User)
    assert user.username == "robert"


def test_also_where_roles_are_absent(before: Snapshot, tmp_path: Path) -> None:
    files = only(["u2", "u3"], [])
    both(drop("roles"), mode("roles", "delta", "absent"))(files)
    now, reading = after(tmp_path, before, files)
    assert (now, reading.codes) == (OLD, [])


def test_a_role_is_added_changed_and_removed_without_its_user(before: Snapshot, tmp_path: Path) -> None:
    rows = [role("r9", "u1"), role("r5", "u3", "teacher"), role("r3", "u2", status="tobedeleted")]
    now, reading = after(tmp_path, before, only([], rows))
    assert now == {**OLD, "u1": ["r1", "r9"], "u2": ["r2"]}
    changed = reading.of(Kind.USERS)["u3"].record
    assert isinstance(changed, User)
    assert [(each.role, each.org) for each in changed.roles] == [("teacher", "s2")]
    assert (changed.username, changed.modified, set(reading.of(Kind.USERS))) == ("eve", "", {"u1", "u2", "u3"})


@pytest.mark.parametrize("absent", [True, False])
def test_roles_change_where_there_is_no_users_csv(before: Snapshot, tmp_path: Path, *, absent: bool) -> None:
    files = only([], [role("r9", "u1")])
    if absent:
        both(drop("users"), mode("users", "delta", "absent"))(files)
    now, reading = after(tmp_path, before, files)
    assert now == {**OLD, "u1": ["r1", "r9"]}
    assert reading.coverage[Kind.USERS] is Coverage.DELTA


def test_a_new_user_has_the_roles_of_the_delta(before: Snapshot, tmp_path: Path) -> None:
    line = f"u9,active,{STAMP},true,kim,,Kim,Roe,,,kim@x.example,,,,,,,,,,,s,"
    now, reading = after(tmp_path, before, only([line], [role("r8", "u9"), role("r9", "u9")]))
    assert (now, reading.codes) == ({**OLD, "u9": ["r8", "r9"]}, [])


def test_a_new_user_without_a_role_is_rejected(before: Snapshot, tmp_path: Path) -> None:
    line = f"u9,active,{STAMP},true,kim,,Kim,Roe,,,kim@x.example,,,,,,,,,,,s,"
    now, reading = after(tmp_path, before, only([line], []))
    rejection = reading.of(Kind.USERS)["u9"].rejection
    assert rejection is not None
    assert (now, rejection.field) == (OLD, "roles")


def test_who_loses_the_last_role_stays_as_in_a_bulk_package(before: Snapshot, tmp_path: Path) -> None:
    rows = [role("r1", "u1", status="tobedeleted")]
    now, reading = after(tmp_path, before, only([], rows))
    rejection = reading.of(Kind.USERS)["u1"].rejection
    assert rejection is not None
    assert (now, rejection.message) == (OLD, "is missing")
    bulk = good("1.2")
    bulk["roles.csv"] = str(bulk["roles.csv"]).replace("r1,,,u1,", "r1,,,u9,")
    assert roles_of(merged(read_files(tmp_path / "bulk", bulk), before)) == now


def test_a_role_that_moves_to_somebody_else_leaves_the_first(before: Snapshot, tmp_path: Path) -> None:
    now, _ = after(tmp_path, before, only([], [role("r3", "u3")]))
    assert now == {**OLD, "u2": ["r2"], "u3": ["r3", "r5"]}


def test_a_role_may_be_deleted_by_its_sourced_id_alone(before: Snapshot, tmp_path: Path) -> None:
    now, reading = after(
        tmp_path, before, only([], [f"r3,tobedeleted,{STAMP},,,,,,,", f"r99,tobedeleted,{STAMP},,,,,,,"])
    )
    assert (now, reading.codes) == ({**OLD, "u2": ["r2"]}, [])


def test_roles_of_somebody_unknown_are_told(before: Snapshot, tmp_path: Path) -> None:
    rows = [role("r8", "u8"), role("r9", "u9", status="tobedeleted")]
    now, reading = after(tmp_path, before, only([], rows))
    assert (now, reading.codes) == (OLD, ["RS-SRC-002"])
    assert "1 users of roles.csv (the first is 'u8')" in reading.found[0].message


def test_roles_of_somebody_deleted_are_nobodys(before: Snapshot, tmp_path: Path) -> None:
    gone = only([f"u3,tobedeleted,{STAMP},,,,,,,,,,,,,,,,,,,,"], [role("r5", "u3", status="tobedeleted")])
    reading = read_files(tmp_path / "gone", gone, before)
    assert reading.of(Kind.USERS)["u3"].deleted_at
    then = merged(reading, before)
    now, reading = after(tmp_path, then, only([], [role("r5", "u3")]))
    assert (now, reading.codes, reading.rows.get(Kind.USERS)) == (
        {key: held for key, held in OLD.items() if key != "u3"},
        [],
        None,
    )


def test_bulk_users_keep_their_roles_where_roles_are_a_delta(before: Snapshot, tmp_path: Path) -> None:
    files = only(
        ["u1", "u2", "p1"],
        [role("r9", "u1"), role("r8", "u3")],
        {**good("1.2"), "roles.csv": delta("1.2")["roles.csv"]},
    )
    mode("roles", "bulk", "delta")(files)
    now, reading = after(tmp_path, before, files)
    assert now == {"u1": ["r1", "r9"], "u2": ["r2", "r3"], "p1": ["r4"]}
    assert (reading.coverage[Kind.USERS], reading.codes) == (Coverage.FULL, [])


def test_changed_users_and_all_roles(before: Snapshot, tmp_path: Path) -> None:
    files = only(
        ["u1"],
        ["r1", "r2", "r4", "r5", "r9,,,p1,secondary,aide,,,s,"],
        {**good("1.2"), "users.csv": delta("1.2")["users.csv"]},
    )
    mode("users", "bulk", "delta")(files)
    now, reading = after(tmp_path, before, files)
    assert now == {**OLD, "u2": ["r2"], "p1": ["r4", "r9"]}
    assert [row.sourced_id for row in reading.rows[Kind.USERS]] == ["u1", "p1", "u2"]
    assert reading.codes == []


@pytest.mark.parametrize("absent", [True, False])
def test_bulk_users_of_whom_no_role_is_known_are_not_to_be_had(tmp_path: Path, *, absent: bool) -> None:
    files = only(["u1"], [], {**good("1.2"), "roles.csv": delta("1.2")["roles.csv"]})
    mode("roles", "bulk", "delta")(files)
    if absent:
        both(drop("roles"), mode("roles", "delta", "absent"))(files)
    with pytest.raises(Fatal, match=r"nobody in users\.csv has a role"):
        read_files(tmp_path, files)


def test_roles_alone_of_whom_nothing_is_known_are_no_users(tmp_path: Path) -> None:
    files = only([], [role("r9", "u1")])
    both(drop("users"), mode("users", "delta", "absent"))(files)
    reading = read_files(tmp_path, files)
    assert (reading.coverage[Kind.USERS], reading.codes) == (Coverage.NONE, ["RS-SRC-002"])


def test_a_broken_role_rejects_its_user_until_it_is_mended(before: Snapshot, tmp_path: Path) -> None:
    broken = only([], [role("r9", "u1").replace("aide", 'ai"de')])
    first = read_files(tmp_path / "broken", broken, before)
    then = merged(first, before)
    assert first.of(Kind.USERS)["u1"].rejection is not None
    assert roles_of(then) == OLD
    now, reading = after(tmp_path, then, only([], [role("r9", "u1")]))
    assert now == {**OLD, "u1": ["r1", "r9"]}
    assert reading.of(Kind.USERS)["u1"].rejection is None


def test_who_is_rejected_for_something_else_stays_so(before: Snapshot, tmp_path: Path) -> None:
    broken = only([f'u1,active,{STAMP},true,a"nn,,Ann,Lee,,,,,,,,,,,,,,,'], [])
    then = merged(read_files(tmp_path / "broken", broken, before), before)
    now, reading = after(tmp_path, then, only([], [role("r9", "u1")]))
    assert (now, reading.rows.get(Kind.USERS)) == (OLD, None)


def test_roles_from_before_that_have_no_sourced_id_are_known_by_what_they_say(tmp_path: Path) -> None:
    """As after a change from REST to files, or where a vendor gives roles none."""
    files = good("1.2")
    files["roles.csv"] = str(files["roles.csv"]).replace("r2,", ",").replace("r3,", ",")
    before = merged(read_files(tmp_path / "before", files))
    assert roles_of(before)["u2"] == [None, None]
    gone = f"r3,tobedeleted,{STAMP},u2,secondary,aide,,,s,"
    now, _ = after(tmp_path, before, only([], [gone, f"r2,active,{STAMP},u2,primary,teacher,,,s,"]))
    assert now["u2"] == ["r2"]


def test_an_unchanged_package_changes_nothing(before: Snapshot, tmp_path: Path) -> None:
    tables = delta("1.2")
    files = {**tables, "users.csv": str(tables["users.csv"]).split("\r\n", maxsplit=1)[0] + "\r\n"}
    now, reading = after(tmp_path, before, files)
    assert (now, reading.rows.get(Kind.USERS), reading.codes) == (OLD, None, [])
    assert (
        read_package(to_folder(tmp_path / "none", files_of({}, "1.2")), known=before).coverage[Kind.USERS]
        is Coverage.NONE
    )
