"""Schools that cannot be trusted today, over several days (rule 10)."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from rostersync.demo import District, make_district
from tests.runs.demo_site import Site, Values, codes, is_empty, site

SCHOOL = "sch-02"


def of_school(main: Site) -> dict[str, Any]:
    """What the roster has of the school, in the words of the views."""
    roster = main.roster()
    users = {row[1]: row for row in roster["users"] if SCHOOL in row[4]}
    return {
        "users": users,
        "classes": [row for row in roster["classes"] if SCHOOL in row],
        "enrollments": [row for row in roster["enrollments"] if row[4] == SCHOOL],
        "relationships": [row for row in roster["relationships"] if row[1] in users],
    }


def users_of(district: District) -> list[str]:
    return [
        one for one, user in district.users.items() if any(role.get("org") == SCHOOL for role in user.get("roles", ()))
    ]


def lose_users(district: District) -> None:
    for user in users_of(district):
        if not user.startswith("par-") and {role["org"] for role in district.users[user]["roles"]} == {SCHOOL}:
            for enrollment in list(district.enrollments_of(user)):
                district.drop("enrollments", enrollment["sourcedId"])
            district.drop("users", user)
        else:
            roles = [role for role in district.users[user]["roles"] if role["org"] != SCHOOL]
            if roles:
                district.users[user]["roles"] = roles
                district.users[user]["primaryOrg"] = roles[0]["org"]


def lose_classes(district: District) -> None:
    for class_, row in list(district.classes.items()):
        if row["school"] == SCHOOL:
            district.drop("classes", class_)


def spoil(district: District) -> None:
    for user in users_of(district)[:14]:
        district.users[user]["roles"] = []
        district.users[user].pop("primaryOrg", None)


def dangle(district: District) -> None:
    for enrollment in district.enrollments.values():
        if enrollment["school"] == SCHOOL:
            enrollment["user"] = "nobody"


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("trouble", [lose_users, lose_classes, dangle])
def test_a_held_school_stays_as_it_is_and_recovers(tmp_path: Path, trouble: Any, version: str) -> None:  # noqa: ANN401
    district = make_district(students=80)
    sound = deepcopy(district)
    how: Values = {"sync": {"parents": True, "full_every": "1h"}, "limits": {"removals_percent": 100}}
    with site(tmp_path, version=version, district=district, **how) as main:
        main.run()
        before, everything = of_school(main), main.roster()
        assert len(before["users"]) >= 10
        now = main.clock.advance(days=1)
        trouble(district)
        elsewhere = "stu-0001" if SCHOOL not in str(district.users["stu-0001"]["roles"]) else "stu-0002"
        district.touch("users", elsewhere, now, familyName="Elsewhere")
        for _ in range(2):
            shown = main.preview()
            assert [held["sourced_id"] for held in shown["held_schools"]] == [SCHOOL]
            assert shown["held_schools"][0]["why"]
            run = main.run(code=3)
            assert run["status"] == "partial"
            assert run["counts"]["held_schools"] == 1
            assert [each["sourced_id"] for each in run["diagnostics"] if each["code"] == "RS-SCHOOL-002"] == [SCHOOL]
            assert of_school(main) == before
            assert main.row("users", elsewhere)["family_name"] == "Elsewhere"  # type: ignore[index]
            code, document = main.json("schools", "list", "main")
            assert code == 0
            assert [org["sourced_id"] for org in document["orgs"] if org["held"]] == [SCHOOL]
            main.clock.advance(days=1)
            assert is_empty(main.preview()["changes"])
        for kind in ("users", "classes", "enrollments"):
            collection = district.collection(kind)
            for one in list(collection):
                del collection[one]
            collection.update(deepcopy(dict(sound.collection(kind))))
        run = main.run()
        assert run["status"] == "success"
        assert "RS-SCHOOL-002" not in codes(run)
        assert main.roster() == everything


def test_many_rejected_records_hold_their_school(tmp_path: Path) -> None:
    district = make_district(students=80)
    with site(tmp_path, district=district, sync={"full_every": "1h"}) as main:
        main.run()
        before = main.roster()
        main.clock.advance(days=1)
        spoil(district)
        run = main.run(code=3)
        assert run["counts"]["rejected_records"] == 15
        assert [each["sourced_id"] for each in run["diagnostics"] if each["code"] == "RS-SCHOOL-002"] == [SCHOOL]
        assert main.roster() == before
        main.configure(sync={"full_every": "1h"}, limits={"rejected_percent": 50})
        run = main.run()
        assert run["status"] == "success"
        assert main.roster() == before


def test_a_closed_school_is_excluded_by_the_configuration(tmp_path: Path) -> None:
    district = make_district(students=80)
    with site(tmp_path, district=district, limits={"removals_percent": 100}) as main:
        main.run()
        lose_users(district)
        main.clock.advance(days=1)
        main.run("--full", code=3)
        main.configure(schools={"exclude": [SCHOOL]}, limits={"removals_percent": 100})
        run = main.run()
        assert run["status"] == "success"
        assert not of_school(main)["enrollments"]
        assert SCHOOL not in main.ids("orgs")


def test_nothing_is_created_through_a_held_school(tmp_path: Path) -> None:
    district = make_district(students=80)
    with site(tmp_path, district=district) as main:
        main.run()
        main.clock.advance(days=1)
        lose_classes(district)
        role = [{"role": "student", "org": SCHOOL}]
        district.add("users", "stu-new", "2026-10-21T00:00:00.000Z", roles=role, primaryOrg=SCHOOL, email="n@x.org")
        run = main.run("--full", code=3)
        assert run["status"] == "partial"
        assert main.row("users", "stu-new") is None
        subject = main.explain("stu-new")[0]
        assert (subject["kept"], subject["reason"]) == (False, "school-held")


def test_rejected_records_stay_as_they_were(tmp_path: Path) -> None:
    district = make_district(students=60)
    with site(tmp_path, district=district) as main:
        main.run()
        before = main.roster()
        now = main.clock.advance(days=1)
        enrollment = next(iter(district.enrollments))
        district.touch("users", "stu-0020", now, roles=[])
        district.touch("users", "stu-0021", now, status="bogus", familyName="Bogus")
        district.touch("classes", "cls-0003", now, title="")
        district.touch("enrollments", enrollment, now, endDate="soon")
        district.touch("orgs", "sch-03", now, type=None)
        district.touch("academicSessions", next(iter(district.academic_sessions)), now, startDate="2026-13-40")
        district.touch("courses", "crs-mat-kg", now, title=None)
        for words in ((), ("--full",), ()):
            run = main.run(*words)
            assert run["status"] == "success"
            assert is_empty(run["changes"])
            assert run["counts"]["rejected_records"] == 8
            rejected = {each["sourced_id"] for each in run["diagnostics"] if each["code"] == "RS-DATA-001"}
            assert rejected >= {"stu-0020", "cls-0003", enrollment, "sch-03", "crs-mat-kg", "cls-untitled"}
            assert [each["sourced_id"] for each in run["diagnostics"] if each["code"] == "RS-DATA-004"] == ["stu-0021"]
            main.clock.advance(days=1)
        assert main.roster() == before
        district.mark_deleted("users", "stu-0020", main.clock.now)
        run = main.run()
        assert run["counts"]["rejected_records"] == 7
        assert main.row("users", "stu-0020")["state"] == "disabled"  # type: ignore[index]


def test_duplicates_are_one(tmp_path: Path) -> None:
    district = make_district(students=60)
    with site(tmp_path, district=district, source={"page_size": 7}) as main:
        main.run()
        before = main.roster()
        main.clock.advance(days=1)
        twin = deepcopy(district.users["stu-0020"])
        district.users["stu-0020-again"] = twin
        older = deepcopy(district.users["stu-0021"]) | {
            "familyName": "Older",
            "dateLastModified": "2020-01-01T00:00:00Z",
        }
        district.users["stu-0021-again"] = older
        broken = deepcopy(district.users["stu-0022"]) | {"roles": [], "dateLastModified": "2026-10-21T10:00:00.000Z"}
        district.users["stu-0022-again"] = broken
        run = main.run("--full")
        assert run["status"] == "success"
        assert is_empty(run["changes"])
        found = {each["sourced_id"] for each in run["diagnostics"] if each["code"] == "RS-DATA-003"}
        assert found == {"stu-0021", "stu-0022"}
        assert main.roster() == before
