"""The guard in whole runs: what is blocked is shown, recorded, and applied only on demand (rule 13)."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.demo import District, make_district
from tests.runs.demo_site import Site, Values, codes, is_empty, site


def lean(students: int = 80) -> District:
    """A district without parents and flaws, so that its users can be counted."""
    return make_district(students=students, parents=False, with_flaws=False)


def forget_users(district: District, count: int) -> list[str]:
    """Let some students go without a mark, one in five of the list, so that no school is suddenly empty."""
    students = [one for one in sorted(district.users) if one.startswith("stu-")]
    gone = students[2 : 2 + count]
    for student in gone:
        for enrollment in list(district.enrollments_of(student)):
            district.drop("enrollments", enrollment["sourcedId"])
        district.drop("users", student)
    return gone


def in_force(main: Site, view: str) -> int:
    return len(main.roster(in_force=True)[view])


def blocked_day(main: Site) -> list[str]:
    """A first run, and then a day on which more than a tenth of the users is gone."""
    main.run()
    main.clock.advance(days=1)
    return forget_users(main.server.district, in_force(main, "users") // 10 + 1)


def test_a_plan_that_removes_too_much_is_blocked_and_recorded(tmp_path: Path) -> None:
    with site(tmp_path, district=lean()) as main:
        gone = blocked_day(main)
        before, synced = main.mark(), main.status()["last_sync_at"]
        shown = main.preview("--full")
        assert shown["verdict"] == {"allowed": False, "reasons": ["RS-LIMIT-001"]}
        run = main.run("--full", code=4)
        assert run["status"] == "blocked"
        assert run["error"] is None
        assert run["id"] is not None
        assert {key: run[key] for key in ("plan_hash", "counts", "changes")} == {
            key: shown[key] for key in ("plan_hash", "counts", "changes")
        }
        assert run["changes"]["users"]["remove"] == len(gone)
        assert run["diagnostics"] == shown["diagnostics"]
        assert {each["kind"] for each in run["diagnostics"] if each["code"] == "RS-LIMIT-001"} >= {"users"}
        assert main.mark() == before
        recorded = main.log("--run", str(run["id"]), "--changes")[0]
        assert recorded["plan"] == shown["plan"]
        assert {key: recorded[key] for key in run} == run
        assert {each["sourced_id"] for each in recorded["plan"] if each["kind"] == "users"} == set(gone)
        status = main.status()
        assert (status["last_status"], status["last_run_id"], status["last_sync_at"]) == ("blocked", run["id"], synced)


def test_a_person_reads_why_it_was_blocked_and_what_to_do(tmp_path: Path) -> None:
    with site(tmp_path, district=lean()) as main:
        blocked_day(main)
        answer = main.cli("run", "main", "--full")
        assert answer.code == 4
        assert "RS-LIMIT-001" in answer.out
        assert main.preview("--full")["plan_hash"] in answer.out + main.cli("preview", "main", "--full").out


def test_the_previewed_hash_applies_exactly_that_plan(tmp_path: Path) -> None:
    with site(tmp_path, district=lean()) as main:
        gone = blocked_day(main)
        main.run("--full", code=4)
        approved = main.preview("--full")["plan_hash"]
        run = main.run("--full", "--approve", approved.upper())
        assert (run["status"], run["plan_hash"], run["forced"]) == ("success", approved, False)
        assert not any(code.startswith("RS-LIMIT") for code in codes(run))
        assert not main.ids("users") & set(gone)
        assert is_empty(main.run("--full")["changes"])


def test_another_hash_is_refused_whatever_the_verdict(tmp_path: Path) -> None:
    with site(tmp_path, district=lean()) as main:
        main.run()
        old = main.preview("--full")["plan_hash"]
        for allowed in (True, False):
            main.clock.advance(days=1)
            if allowed:
                main.server.district.touch("users", "stu-0030", main.clock.now, familyName="Changed")
            else:
                forget_users(main.server.district, 20)
            before = main.mark()
            assert main.preview("--full")["verdict"]["allowed"] is allowed
            run = main.run("--full", "--approve", old, code=4)
            assert run["status"] == "blocked"
            assert "RS-LIMIT-003" in codes(run)
            assert main.mark() == before


def test_a_plan_that_moved_on_after_the_approval_is_refused(tmp_path: Path) -> None:
    with site(tmp_path, district=lean()) as main:
        blocked_day(main)
        approved = main.preview("--full")["plan_hash"]
        main.server.district.touch("users", "stu-0060", main.clock.advance(minutes=1), familyName="Moved")
        assert "RS-LIMIT-003" in codes(main.run("--full", "--approve", approved, code=4))


def test_force_applies_whatever_the_plan_is(tmp_path: Path) -> None:
    with site(tmp_path, district=lean()) as main:
        gone = blocked_day(main)
        run = main.run("--full", "--force")
        assert (run["status"], run["forced"]) == ("success", True)
        assert not any(code.startswith("RS-LIMIT") for code in codes(run))
        assert not main.ids("users") & set(gone)
        assert not main.run()["forced"]


@pytest.mark.parametrize("over", [False, True])
def test_exactly_a_tenth_passes(tmp_path: Path, over: bool) -> None:  # noqa: FBT001 - a parameter of the test
    with site(tmp_path, district=lean(), sync={"classes": False}) as main:
        main.run()
        district = main.server.district
        extra = -in_force(main, "users") % 10
        for number in range(extra):
            district.add(
                "users", f"usr-{number}", "2026-10-20T00:00:00.000Z", roles=[{"role": "teacher", "org": "sch-01"}]
            )
        main.run("--full")
        count = in_force(main, "users")
        assert count % 10 == 0
        forget_users(district, count // 10 + over)
        run = main.run("--full", code=4 if over else 0)
        assert run["changes"]["users"]["remove"] == count // 10 + over


def test_limits_are_the_ones_of_the_configuration(tmp_path: Path) -> None:
    with site(tmp_path, district=lean(), limits={"removals_percent": 100, "removals": 2}) as main:
        main.run()
        gone = forget_users(main.server.district, 3)
        run = main.run("--full", code=4)
        assert {each["kind"] for each in run["diagnostics"] if each["code"] == "RS-LIMIT-001"} == {
            "users",
            "enrollments",
        }
        enrollments = run["changes"]["enrollments"]["remove"]
        main.configure(limits={"removals_percent": 100, "removals": enrollments})
        assert main.run("--full")["changes"]["users"]["remove"] == len(gone)


def test_fewer_than_ten_in_force_may_all_go(tmp_path: Path) -> None:
    district = lean(26)
    keep = {"stu-0001", "stu-0002", "stu-0003"}
    for one in list(district.users):
        if one not in keep:
            district.drop("users", one)
    with site(tmp_path, district=district, sync={"classes": False, "roles": ["student"]}) as main:
        main.run()
        assert in_force(main, "users") == 3
        for one in keep:
            district.drop("users", one)
        run = main.run("--full")
        assert run["changes"]["users"]["remove"] == 3


@pytest.mark.parametrize("kind", ["users", "classes"])
def test_a_collection_that_is_suddenly_empty_is_blocked(tmp_path: Path, kind: str) -> None:
    with site(tmp_path, district=lean()) as main:
        main.run()
        before = main.mark()
        district = main.server.district
        for one in list(district.collection(kind)):
            district.drop(kind, one)
        main.clock.advance(days=1)
        shown = main.preview("--full")
        assert "RS-LIMIT-002" in shown["verdict"]["reasons"]
        run = main.run("--full", code=4)
        found = [each["kind"] for each in run["diagnostics"] if each["code"] == "RS-LIMIT-002"]
        assert found == [kind]
        assert main.mark() == before


def test_classes_that_are_not_synced_may_be_empty(tmp_path: Path) -> None:
    with site(tmp_path, district=lean(), sync={"classes": False}) as main:
        main.run()
        for one in list(main.server.district.classes):
            main.server.district.drop("classes", one)
        assert main.run("--full")["status"] == "success"


def test_everything_marked_deleted_is_suddenly_empty_too(tmp_path: Path) -> None:
    with site(tmp_path, district=lean()) as main:
        main.run()
        before, now = main.mark(), main.clock.advance(days=1)
        for one in list(main.server.district.users):
            main.server.district.mark_deleted("users", one, now)
        run = main.run(code=4)
        assert run["mode"] == "delta"
        assert "RS-LIMIT-002" in codes(run)
        assert main.mark() == before
        for one in list(main.server.district.users):
            main.server.district.touch("users", one, main.clock.now, status="active")
        assert is_empty(main.run()["changes"])


def test_switching_classes_off_is_held_up_by_the_guard(tmp_path: Path) -> None:
    with site(tmp_path, district=lean()) as main:
        main.run()
        main.configure(sync={"classes": False})
        run = main.run(code=4)
        assert {each["reason"] for each in plan_of(main, run) if each["kind"] == "classes"} == {"classes-not-synced"}
        main.run("--force")
        assert main.ids("classes") == main.ids("enrollments") == main.ids("sessions") == set()
        assert is_empty(main.run()["changes"])


def plan_of(main: Site, run: Values) -> list[Values]:
    found: list[Values] = main.log("--run", str(run["id"]), "--changes")[0]["plan"]
    return found


def test_approval_is_refused_where_it_says_nothing_clear(tmp_path: Path) -> None:
    with site(tmp_path, district=lean()) as main:
        for words in (["main", "--approve", "12"], ["--approve", "a" * 64], ["main", "--approve", "a" * 64, "--force"]):
            code, document = main.json("run", *words)
            assert (code, document["code"]) == (2, "RS-CFG-007")
        assert not main.store.exists()
