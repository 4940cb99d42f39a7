"""The four filters show their effect in preview, and explain names rule and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.demo import make_district
from tests.runs.demo_site import Site, Values, codes, site


def removed(shown: Values) -> dict[str, dict[str, str]]:
    """What a plan removes: the reasons by kind and sourcedId."""
    found: dict[str, dict[str, str]] = {}
    for each in shown["plan"]:
        if each["action"] == "remove":
            found.setdefault(each["kind"], {})[each["sourced_id"]] = each["reason"]
    return found


def rules(main: Site, who: str, *words: str) -> list[str]:
    """The numbers of the rules that explain names for somebody."""
    return [str(decision["rule"]) for subject in main.explain(who, *words) for decision in subject["decisions"]]


def reason(main: Site, who: str, *words: str) -> tuple[bool, str | None]:
    subject = next(each for each in main.explain(who, *words) if each["sourced_id"] == who)
    return subject["kept"], subject["reason"]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_enrollment_dates(tmp_path: Path, version: str) -> None:
    with site(tmp_path, version=version, students=60) as main:
        main.run()
        leaver, newcomer = (main.server.district.examples[one] for one in ("leaver", "newcomer"))
        assert reason(main, leaver) == (True, None)
        main.configure(sync={"respect_enrollment_dates": True})
        shown = main.preview()
        gone = removed(shown)
        assert gone["users"] == {leaver: "left-school"}
        ended = {one["sourcedId"] for one in main.server.district.enrollments_of(leaver)}
        begins = {one["sourcedId"] for one in main.server.district.enrollments_of(newcomer)}
        assert {one for one, why in gone["enrollments"].items() if why == "enrollment-not-current"} >= ended | begins
        assert main.row("users", leaver)["state"] == "active"  # type: ignore[index]
        main.run("--force")
        assert reason(main, leaver) == (False, "left-school")
        assert reason(main, newcomer) == (True, None)
        assert "3" in " ".join(rules(main, leaver))
        assert reason(main, leaver, "--date", "2026-09-30") == (True, None)
        assert reason(main, leaver, "--date", "2026-10-01") == (False, "left-school")
        main.configure(sync={"respect_enrollment_dates": True, "end_dates": "inclusive"})
        assert reason(main, leaver, "--date", "2026-10-01") == (True, None)
        assert reason(main, leaver, "--date", "2026-10-02") == (False, "left-school")


def test_academic_sessions(tmp_path: Path) -> None:
    with site(tmp_path, students=60) as main:
        main.run()
        main.configure(sync={"respect_academic_sessions": True}, limits={"removals_percent": 100})
        past = main.server.district.examples["past class"]
        gone = removed(main.preview())
        assert gone["classes"][past] == "session-not-current"
        assert set(gone["classes"].values()) == {"session-not-current"}
        assert "users" not in gone
        current = {
            one
            for one, row in main.server.district.classes.items()
            if any(covers(main, session, "2026-10-20") for session in row["terms"]) and one != "cls-untitled"
        }
        main.run()
        assert main.ids("classes") == current
        assert reason(main, past) == (False, "session-not-current")
        assert "4" in " ".join(rules(main, past))
        spring = main.preview("--date", "2027-03-01")
        assert removed(spring)["classes"]
        before = main.preview("--date", "2026-07-01")
        assert before["counts"]["imported_classes"] == 0
        assert before["verdict"]["allowed"]


def covers(main: Site, session: str, day: str) -> bool:
    row = main.server.district.academic_sessions[session]
    return bool(row["startDate"] <= day < row["endDate"])


def test_excluded_schools(tmp_path: Path) -> None:
    with site(tmp_path, students=60) as main:
        main.run()
        main.configure(schools={"exclude": ["sch-01", "sch-none"]})
        shown = main.preview()
        gone = removed(shown)
        assert gone["orgs"] == {"sch-01": "school-not-selected"}
        assert set(gone["classes"].values()) == {"school-not-selected"}
        assert set(gone["users"].values()) == {"school-not-selected"}
        assert not shown["verdict"]["allowed"]
        assert [each["sourced_id"] for each in shown["diagnostics"] if each["code"] == "RS-SCHOOL-003"] == ["sch-none"]
        main.run("--force")
        user = next(iter(gone["users"]))
        assert reason(main, user) == (False, "school-not-selected")
        assert "1" in " ".join(rules(main, user))
        code, document = main.json("schools", "list", "main")
        assert code == 0
        assert {org["sourced_id"]: org["selected"] for org in document["orgs"]}["sch-01"] is False
        main.configure(schools={"include": ["org-district"], "exclude": ["sch-01"]})
        assert not any(count for kind in main.preview()["changes"].values() for count in kind.values())
        main.configure(schools={"include": ["sch-01"]})
        main.run("--force")
        assert main.ids("orgs") == {"sch-01"}


def test_manual_alignment(tmp_path: Path) -> None:
    with site(tmp_path, students=60, schools={"mode": "manual", "exclude": ["sch-03"]}) as main:
        run = main.run()
        # Only schools can be unknown: who belongs to the district itself is there.
        assert {row[4] for row in main.roster()["users"]} == {'["org-district"]'}
        assert {
            each["school"] or each["sourced_id"] for each in run["diagnostics"] if each["code"] == "RS-SCHOOL-001"
        } == {
            "sch-01",
            "sch-02",
            "sch-annex",
        }
        assert reason(main, "stu-0001") == (False, "school-unknown")
        assert main.cli("schools", "sync", "main").code == 0
        assert main.ids("orgs") == {"org-district", "org-curriculum", "sch-01", "sch-02", "sch-annex"}
        run = main.run()
        assert "RS-SCHOOL-001" not in codes(run)
        assert main.ids("users")
        assert run["changes"]["orgs"] == {"create": 0, "update": 0, "remove": 0}


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_parent_relationship(tmp_path: Path, version: str) -> None:
    district = make_district(students=60)
    parents = sorted(one for one in district.users if one.startswith("par-"))
    for number, parent in enumerate(parents[:30]):
        role = ("parent", "guardian", "relative")[number % 3]
        district.users[parent]["roles"] = [{"role": role, "org": "org-district", "roleType": "primary"}]
    with site(tmp_path, version=version, district=district) as main:
        main.run()
        assert reason(main, parents[4]) == (False, "parents-not-synced")
        main.configure(sync={"parents": True})
        shown = main.preview()
        assert shown["changes"]["relationships"]["create"] > 0
        main.run()
        assert reason(main, district.examples["parent without email"]) == (False, "parent-without-email")
        kinds = {row[3] for row in main.roster()["relationships"]}
        assert kinds == {"parent", "guardian", "relative"}
        main.configure(sync={"parents": True, "relationship": ["guardian"]}, limits={"removals_percent": 100})
        gone = removed(main.preview())
        assert set(gone["users"].values()) == {"relationship-not-selected"}
        main.run()
        assert {row[3] for row in main.roster()["relationships"]} == {"guardian"}
        assert {row[2] for row in main.roster()["relationships"]} == {
            one for one in main.ids("users") if one.startswith("par-")
        }
        assert reason(main, parents[3]) == (False, "relationship-not-selected")
        assert "6" in " ".join(rules(main, parents[3]))


def test_explain_finds_people_by_email_and_username(tmp_path: Path) -> None:
    with site(tmp_path, students=60) as main:
        main.run()
        row = main.row("users", "stu-0030")
        assert row is not None
        for who in ("stu-0030", row["email"], row["email"].upper(), row["username"]):
            subject = main.explain(who)[0]
            assert (subject["kind"], subject["sourced_id"], subject["kept"]) == ("users", "stu-0030", True)
        before = main.bytes()
        kinds = {each["kind"] for each in main.explain("stu-0030")}
        assert kinds >= {"users", "classes", "enrollments"}
        assert main.bytes() == before
        code, document = main.json("explain", "main", "nobody")
        assert (code, document["schema"]) == (2, "rostersync/error/1")


def test_no_offline_command_touches_the_network(tmp_path: Path) -> None:
    with site(tmp_path, students=60) as main:
        main.run()
        asked = len(main.server.requests)
        main.preview("--offline", "--date", "2027-03-01")
        main.explain("stu-0030", "--date", "2027-03-01")
        main.status()
        main.log()
        assert len(main.server.requests) == asked


def test_preview_cuts_the_plan_and_nothing_else(tmp_path: Path) -> None:
    with site(tmp_path, students=60) as main:
        whole = main.preview()
        for words, wanted in (
            (("--kind", "classes"), lambda each: each["kind"] == "classes"),
            (("--limit", "1"), lambda _each: True),
        ):
            cut = main.preview(*words)
            assert cut["plan"] == [each for each in whole["plan"] if wanted(each)]
            assert {key: cut[key] for key in cut if key != "plan"} == {
                key: whole[key] for key in whole if key != "plan"
            }
        school = main.preview("--school", "sch-01")
        assert 0 < len(school["plan"]) < len(whole["plan"])
        assert school["changes"] == whole["changes"]
        saved = tmp_path / "plan.json"
        assert main.preview("--output", str(saved), "--detailed-exitcode", code=10) == whole
        assert saved.stat().st_mode & 0o077 == 0
        main.run()
        main.preview("--detailed-exitcode")
