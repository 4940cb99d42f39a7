"""Deltas over a changing source: the same roster, numbers and diagnostics as full fetches of it."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rostersync.demo import District, faults, make_district, next_day
from rostersync.demo.faults import Fault
from tests.runs.days import told_day
from tests.runs.demo_site import Clock, Site, Values, codes, is_empty, site

POLICIES: dict[str, Values] = {
    "plain": {},
    "respectful": {"sync": {"respect_enrollment_dates": True, "respect_academic_sessions": True, "parents": True}},
    "strict": {"sync": {"class_requires": ["teacher", "student"], "removed_users": "delete", "parents": True}},
    "keeping": {"sync": {"removed_users": "keep", "removed_classes": "keep", "roles": ["student"]}},
    "small": {"schools": {"exclude": ["sch-02"]}, "sync": {"removed_classes": "delete", "end_dates": "inclusive"}},
    "no classes": {"sync": {"classes": False, "respect_enrollment_dates": True, "parents": True}},
}
SAME = ("counts", "changes", "plan_hash", "diagnostics", "status", "date")


def unsettle(district: District, day: int, now: datetime) -> None:
    """Do what an ordinary day does not: reject, repair, revive, disable, move between orgs, close."""
    students = sorted(one for one in district.users if one.startswith("stu-00"))
    one, two, three = students[day], students[day + 10], students[day + 20]
    if day % 3 == 0:
        district.touch("users", one, now, roles=[])
        district.touch("enrollments", sorted(district.enrollments)[day], now, role=None)
    if day % 3 == 1:
        district.touch("users", students[day - 1], now, roles=[{"role": "student", "org": "sch-03"}])
        district.touch("users", two, now, email=district.users[three].get("email"))
    if day % 3 == 2:
        district.touch("users", two, now, enabledUser="false", status="inactive")
        district.touch("classes", sorted(district.classes)[day], now, school="sch-nowhere")
    if day % 4 == 3:
        gone = [one for one, user in district.users.items() if user["status"] != "active"][:2]
        for user in gone:
            district.touch("users", user, now, status="active", roles=[{"role": "student", "org": "sch-01"}])


CASES = [*((policy, "1.2") for policy in POLICIES), ("plain", "1.1"), ("respectful", "1.1")]


@pytest.mark.parametrize(("policy", "version"), CASES)
def test_deltas_end_where_full_runs_end(tmp_path: Path, policy: str, version: str) -> None:
    clock, district = Clock(), make_district(students=60)
    how = POLICIES[policy] | {"limits": {"removals_percent": 100}}
    with (
        site(tmp_path / "delta", version=version, clock=clock, district=district, **how) as delta,
        site(tmp_path / "full", version=version, clock=clock, district=district, **how) as full,
    ):
        for day in range(4):
            runs = delta.run(code=None), full.run("--full", code=None)
            assert (runs[0]["mode"], runs[1]["mode"]) == ("delta" if day else "full", "full")
            assert {key: runs[0][key] for key in SAME} == {key: runs[1][key] for key in SAME}
            assert delta.roster() == full.roster()
            told_day(district, day, clock.advance(days=1))
            unsettle(district, day, clock.now)
        delta.run(code=None)
        assert is_empty(delta.run(code=None)["changes"])


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_deltas_end_where_a_first_run_ends(tmp_path: Path, version: str) -> None:
    clock, district = Clock(), make_district(students=60)
    how = POLICIES["respectful"] | {"limits": {"removals_percent": 100}}
    with site(tmp_path / "delta", version=version, clock=clock, district=district, **how) as delta:
        for day in range(4):
            delta.run()
            told_day(district, day, clock.advance(days=1))
        last = delta.run()
        fresh = Site(tmp_path / "fresh", delta.server, clock, version)
        fresh.configure(**how)
        first = fresh.run()
        assert (last["mode"], first["mode"]) == ("delta", "full")
        assert (first["counts"], first["diagnostics"]) == (last["counts"], last["diagnostics"])
        assert fresh.roster() == delta.roster(in_force=True)


def test_absence_is_only_seen_by_a_full_fetch(tmp_path: Path) -> None:
    with site(tmp_path, students=60) as main:
        main.run()
        district, now = main.server.district, main.clock.advance(days=1)
        student = "stu-0030"
        for enrollment in list(district.enrollments_of(student)):
            district.drop("enrollments", enrollment["sourcedId"])
        district.drop("users", student)
        marked = "stu-0031"
        for enrollment in list(district.enrollments_of(marked)):
            district.mark_deleted("enrollments", enrollment["sourcedId"], now)
        district.mark_deleted("users", marked, now)
        run = main.run()
        assert run["mode"] == "delta"
        plan = plan_of(main, run)
        assert plan["users", marked] == ("remove", "record-deleted")
        assert ("users", student) not in plan
        assert main.row("users", student)["state"] == "active"  # type: ignore[index]
        run = main.run("--full")
        plan = plan_of(main, run)
        assert plan["users", student] == ("remove", "not-in-source")
        assert ("users", marked) not in plan
        assert {key[0] for key in plan} == {"users", "enrollments"}
        row = main.row("users", student)
        assert row is not None
        assert (row["state"], row["enabled"], row["given_name"] is not None) == ("disabled", 0, True)


def plan_of(main: Site, run: Values) -> dict[tuple[str, str], tuple[str, Any]]:
    recorded = main.log("--run", str(run["id"]), "--changes")[0]
    return {(each["kind"], each["sourced_id"]): (each["action"], each["reason"]) for each in recorded["plan"]}


def test_reset_makes_the_next_run_full_and_removes_nothing(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        main.run()
        main.clock.advance(hours=2)
        assert main.run()["mode"] == "delta"
        roster = main.roster()
        assert main.cli("reset", "main", "--json").code == 2
        assert main.cli("reset", "main", "--yes").code == 0
        assert main.roster() == roster
        assert main.status()["last_sync_at"] is None
        run = main.run()
        assert run["mode"] == "full"
        assert is_empty(run["changes"])
        assert main.run()["mode"] == "delta"


def test_full_every_counts_from_the_last_full_run(tmp_path: Path) -> None:
    with site(tmp_path, sync={"full_every": "3d"}) as main:
        modes = []
        for _ in range(8):
            modes.append(main.run()["mode"][0])
            main.clock.advance(days=1)
        assert "".join(modes) == "fddfddfd"


@pytest.mark.parametrize(
    "edit",
    [
        {"sync": {"parents": True}},
        {"schools": {"exclude": ["sch-annex"]}},
        {"match": {"by": ["username"]}},
        {"source": {"page_size": 50}},
    ],
)
def test_an_edited_integration_runs_full_once(tmp_path: Path, edit: Values) -> None:
    with site(tmp_path) as main:
        main.run()
        assert not main.status()["edited"]
        main.configure(**edit)
        assert main.status()["edited"]
        assert main.preview()["mode"] == "full"
        assert main.run()["mode"] == "full"
        assert not main.status()["edited"]
        assert main.run()["mode"] == "delta"


def test_limits_and_schedule_are_no_edit(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        main.run()
        main.configure(limits={"removals": 3}, schedule={"cron": "@daily"}, partner_id="t-1")
        assert not main.status()["edited"]
        assert main.run()["mode"] == "delta"


def filters(main: Site, since: int) -> set[str]:
    return {one.params["filter"] for one in main.server.requests[since:] if "filter" in one.params}


@pytest.mark.parametrize(
    ("fault", "cursor"),
    [
        ((), "2026-10-20T17:00:00.000Z"),
        ((faults.WrongClock(7200),), "2026-10-20T19:00:00.000Z"),
        ((faults.WrongClock(-86400),), "2026-10-19T17:00:00.000Z"),
        ((faults.WrongClock(None),), "2026-10-20T17:00:00.250Z"),
        ((faults.WrongClock(2 * 86400),), "2026-10-20T17:00:00.250Z"),
    ],
    ids=["right", "ahead", "behind", "none", "days ahead"],
)
def test_the_cursor_is_the_servers_time_less_an_hour(tmp_path: Path, fault: tuple[Fault, ...], cursor: str) -> None:
    fault = tuple(type(one)(**{**vars(one), "on": ["orgs"]}) for one in fault)
    with site(tmp_path, fault, auth="bearer", clock=Clock(datetime(2026, 10, 20, 18, 0, 0, 250_000, UTC))) as main:
        main.run()
        main.server.faults.clear()
        asked = len(main.server.requests)
        main.clock.advance(hours=5)
        assert main.run()["mode"] == "delta"
        assert filters(main, asked) == {f"dateLastModified>='{cursor}'"}
        asked = len(main.server.requests)
        main.clock.advance(hours=1)
        main.run()
        assert filters(main, asked) == {"dateLastModified>='2026-10-20T22:00:00.000Z'"}


def test_the_cursor_stays_where_it_is_until_a_run_applies(tmp_path: Path) -> None:
    with site(tmp_path, students=60) as main:
        main.run()
        main.clock.advance(hours=4)
        main.preview()
        main.server.faults.set(faults.Fail(500, on=["enrollments"]))
        main.run(code=1)
        main.server.faults.clear()
        main.configure(limits={"removals": 0})
        main.server.district.mark_deleted("users", "stu-0030", main.clock.advance(hours=4))
        main.run(code=4)
        asked = len(main.server.requests)
        main.run("--force")
        assert filters(main, asked) == {"dateLastModified>='2026-10-20T17:00:00.000Z'"}
        assert {one.params.get("limit") for one in main.server.requests[asked:] if "filter" in one.params} == {"40"}


def test_a_change_within_the_overlap_is_not_lost(tmp_path: Path) -> None:
    """A record may be stamped before the cursor and become visible only after the fetch."""
    with site(tmp_path) as main:
        main.run()
        late = main.clock.now.replace(hour=17, minute=30)
        main.server.district.touch("users", "stu-0020", late, familyName="Late")
        main.clock.advance(days=1)
        assert main.run()["changes"]["users"]["update"] == 1
        assert main.row("users", "stu-0020")["family_name"] == "Late"  # type: ignore[index]


def test_what_was_not_to_be_had_is_fetched_in_full_next_time(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        main.run()
        main.server.district.touch("courses", "crs-mat-kg", main.clock.advance(hours=1), title="Counting")
        main.server.faults.set(faults.Fail(500, on=["courses"]))
        assert main.run(code=3)["mode"] == "delta"
        main.server.faults.clear()
        main.clock.advance(days=2)
        asked = len(main.server.requests)
        run = main.run()
        assert run["mode"] == "delta"
        assert run["changes"]["courses"] == {"create": 0, "update": 1, "remove": 0}
        paths = {one.path.rpartition("/")[2] for one in main.server.requests[asked:] if "filter" in one.params}
        assert paths == {"orgs", "academicSessions", "classes", "users", "enrollments"}


def test_a_source_that_was_never_had_whole_is_fetched_in_full_until_it_is(tmp_path: Path) -> None:
    broken = faults.Fail(500, on=["courses"])
    with site(tmp_path, [broken]) as main:
        assert main.run(code=3)["mode"] == "full"
        assert main.run(code=3)["mode"] == "full"
        main.server.faults.clear()
        assert main.run()["mode"] == "full"
        assert main.run()["mode"] == "delta"


def test_an_endpoint_that_does_not_exist_does_not_keep_deltas_away(tmp_path: Path) -> None:
    with site(tmp_path, [faults.Fail(404, on=["courses"])]) as main:
        assert main.run(code=3)["mode"] == "full"
        again = main.run(code=3)
        assert again["mode"] == "delta"
        assert codes(again).count("RS-SRC-003") == 1


def test_the_order_of_the_source_does_not_matter(tmp_path: Path) -> None:
    clock, district = Clock(), make_district(students=40)
    other = deepcopy(district)
    for kind in ("orgs", "academicSessions", "courses", "classes", "users", "enrollments"):
        collection = other.collection(kind)
        rows = list(collection.items())
        for key, _ in rows:
            del collection[key]
        for key, row in reversed(rows):
            collection[key] = row
    found = []
    for name, served in (("one", district), ("two", other)):
        with site(tmp_path / name, [faults.SortIgnored()], clock=clock, district=served) as main:
            run = main.run()
            found.append((run["plan_hash"], run["counts"], run["diagnostics"], main.roster()))
    assert found[0] == found[1]


def test_many_days_of_a_forgetful_source_come_right_with_a_full_run(tmp_path: Path) -> None:
    clock, district = Clock(), make_district(students=80)
    how: Values = {"sync": {"parents": True, "full_every": "30d"}, "limits": {"removals_percent": 100}}
    with (
        site(tmp_path / "delta", clock=clock, district=district, **how) as delta,
        site(tmp_path / "full", clock=clock, district=district, **how) as full,
    ):
        for day in range(5):
            assert delta.run()["mode"] == ("delta" if day else "full")
            full.run("--full")
            next_day(district, day, clock.advance(days=1))
        runs = delta.run("--full"), full.run("--full")
        assert runs[0]["counts"] == runs[1]["counts"]
        assert delta.roster() == full.roster()
