"""What the day of a run decides, and what a run asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rostersync.demo import faults, make_district
from tests.runs.demo_site import Clock, Values, codes, is_empty, site


def test_the_day_is_that_of_the_time_zone(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 10, 1, 4, 59, tzinfo=UTC))
    how: Values = {
        "sync": {"respect_enrollment_dates": True},
        "schedule": {"cron": "@daily", "timezone": "America/Chicago"},
    }
    with site(tmp_path, clock=clock, **how) as main:
        leaver = main.server.district.examples["leaver"]
        run = main.run()
        assert run["date"] == "2026-09-30"
        assert leaver in main.ids("users")
        clock.advance(minutes=1)
        shown = main.preview("--detailed-exitcode", code=10)
        run = main.run()
        assert (run["date"], run["mode"], shown["date"]) == ("2026-10-01", "delta", "2026-10-01")
        assert run["changes"]["users"]["remove"] == 1
        assert leaver not in main.ids("users")


def test_a_day_that_comes_brings_what_begins_on_it(tmp_path: Path) -> None:
    clock = Clock(datetime(2027, 1, 9, 12, tzinfo=UTC))
    with site(tmp_path, clock=clock, sync={"respect_enrollment_dates": True}) as main:
        main.run()
        newcomer = main.server.district.examples["newcomer"]
        begins = {one["sourcedId"] for one in main.server.district.enrollments_of(newcomer)}
        assert newcomer in main.ids("users")
        assert not main.ids("enrollments") & begins
        clock.advance(days=1)
        run = main.run()
        assert run["mode"] == "delta"
        assert run["changes"]["enrollments"]["create"] == len(begins)
        assert main.ids("enrollments") >= begins


def test_a_run_for_another_day_is_undone_by_the_next(tmp_path: Path) -> None:
    with site(tmp_path, sync={"respect_enrollment_dates": True}) as main:
        main.run()
        roster = main.roster()
        assert main.run("--date", "2027-01-10")["date"] == "2027-01-10"
        assert main.roster() != roster
        main.run()
        assert main.roster() == roster


def test_collections_that_no_option_needs_are_not_asked_for(tmp_path: Path) -> None:
    broken = faults.Fail(500, on=["classes", "enrollments", "academicSessions", "courses"])
    with site(tmp_path, [broken], sync={"classes": False}) as main:
        assert main.run()["status"] == "success"
        assert {path.rpartition("/")[2] for path in main.server.paths()} == {"token", "orgs", "users"}
        main.configure(sync={"classes": False, "respect_enrollment_dates": True})
        assert main.run(code=1)["error"]["code"] == "RS-NET-003"


def test_an_approved_plan_that_needed_no_approval_is_applied_too(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        shown = main.preview()
        assert main.run("--approve", shown["plan_hash"])["plan_hash"] == shown["plan_hash"]


def test_removed_people_come_back_as_they_were(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        main.run()
        before, district = main.roster(), main.server.district
        student = "stu-0030"
        district.mark_deleted("users", student, main.clock.advance(days=1))
        assert main.run()["changes"]["users"] == {"create": 0, "update": 0, "remove": 1}
        assert is_empty(main.run("--full")["changes"])
        district.touch("users", student, main.clock.advance(days=1), status="active")
        run = main.run()
        assert run["changes"]["users"] == {"create": 0, "update": 1, "remove": 0}
        assert main.roster() == before


def test_strange_names_go_through_every_command(tmp_path: Path) -> None:
    district = make_district(students=40)
    names = [
        "A\u0000B",
        "[bold]x[/bold]",
        "\x1b[31mred",
        "\u202eabc",
        "\U0001f600",
        "x" * 5000,
        "O'Neil; DROP TABLE",
        "é",
    ]
    for number, name in enumerate(names):
        district.users[f"stu-{number + 20:04}"]["familyName"] = name
    district.orgs["sch-01"]["name"] = "\x1b]0;title\x07[red]"
    with site(tmp_path, district=district) as main:
        main.run()
        stored = {row[9] for row in main.roster()["users"]}
        assert stored >= {name for name in names if "\u0000" not in name}
        assert is_empty(main.run("--full")["changes"])
        for words in (
            ["preview", "main", "--limit", "500"],
            ["log", "--last", "--changes"],
            ["schools", "list", "main"],
            ["explain", "main", "stu-0022"],
            ["status"],
        ):
            answer = main.cli(*words)
            assert answer.code == 0, answer.err
            assert not {"\x1b", "\u202e", "\x07"} & set(answer.out + answer.err)


def test_a_first_run_of_an_empty_source_is_no_sudden_emptiness(tmp_path: Path) -> None:
    district = make_district(students=40)
    for kind in ("users", "classes", "enrollments", "courses"):
        for one in list(district.collection(kind)):
            district.drop(kind, one)
    with site(tmp_path, district=district) as main:
        run = main.run()
        assert run["status"] == "success"
        assert not main.ids("users")
        assert not any(code.startswith("RS-LIMIT") for code in codes(run))
