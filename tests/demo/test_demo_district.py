"""The sample district: always the same, whole but for its flaws, and changed as days pass."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from rostersync.demo import District, make_district, next_day, stamp
from rostersync.demo.changes import classes_of
from rostersync.demo.district import KINDS
from rostersync.errors import UsageError

NOW = datetime(2026, 11, 21, 18, tzinfo=UTC)


def contents(district: District) -> dict[str, dict[str, object]]:
    return {kind: dict(district.collection(kind)) for kind in KINDS}


def test_the_same_arguments_give_the_same_district() -> None:
    assert contents(make_district(60, 7)) == contents(make_district(60, 7))
    assert contents(make_district(60, 7)) != contents(make_district(60, 8))


@pytest.mark.parametrize("students", [26, 120, 2000])
def test_size_is_as_asked(students: int) -> None:
    district = make_district(students)
    assert sum(one.startswith("stu-") for one in district.users) == students + 1  # and the one in the annex
    assert len(district.demographics) == students
    assert len(district.enrollments) >= students * 6


def test_too_small_a_district_is_refused() -> None:
    with pytest.raises(UsageError, match="too small"):
        make_district(25)


def test_a_district_without_parents() -> None:
    district = make_district(60, parents=False)
    assert not any(one.startswith("par-") for one in district.users)
    assert "parent without email" not in district.examples
    assert sum(district.counts().values()) == sum(len(district.collection(kind)) for kind in KINDS)


def test_a_collection_counts_every_change(district: District) -> None:
    before = district.users.edition
    district.users.pop("stu-0001")
    district.users.update({"new": {"sourcedId": "new"}})
    district.users.setdefault("other", {"sourcedId": "other"})
    assert district.users.edition == before + 3


def test_keys_are_the_sourced_ids_and_every_record_has_the_base_fields(district: District) -> None:
    for kind in KINDS:
        for key, record in district.collection(kind).items():
            assert record["sourcedId"] == key
            assert record["status"] == "active"
            assert record["dateLastModified"].endswith("Z")


def test_without_flaws_no_reference_dangles() -> None:
    district = make_district(120, with_flaws=False)
    for enrollment in district.enrollments.values():
        assert enrollment["user"] in district.users
        assert district.classes[enrollment["class"]]["school"] == enrollment["school"]
    for row in district.classes.values():
        assert row["course"] in district.courses
        assert row["school"] in district.orgs
        assert set(row["terms"]) <= set(district.academic_sessions)
    for user in district.users.values():
        assert {role["org"] for role in user["roles"]} | {user["primaryOrg"]} <= set(district.orgs)
        assert set(user.get("agents", [])) <= set(district.users)


def test_usernames_and_emails_are_unique_but_for_the_flaw(district: District) -> None:
    usernames = [user["username"] for user in district.users.values()]
    emails = [user["email"] for user in district.users.values() if "email" in user]
    assert len(set(usernames)) == len(usernames)
    assert len(emails) - len(set(emails)) == 1
    assert all(email.isascii() and email.endswith("@example.org") for email in emails)


def test_terms_follow_each_other_and_the_end_is_the_next_beginning(district: District) -> None:
    terms = [district.academic_sessions[f"ses-2026-t{number}"] for number in range(1, 5)]
    assert all(one["endDate"] == other["startDate"] for one, other in pairwise(terms))
    year = district.academic_sessions["ses-2026"]
    assert (year["startDate"], year["endDate"]) == (terms[0]["startDate"], terms[3]["endDate"])
    assert year["schoolYear"] == "2027"


def test_grading_periods_stand_below_terms_below_semesters_below_the_year(district: District) -> None:
    line, current = [], "ses-2026-g3"
    while current:
        line.append(district.academic_sessions[current]["type"])
        current = district.academic_sessions[current].get("parent", "")
    assert line == ["gradingPeriod", "term", "semester", "schoolYear"]


def test_families_are_linked_on_both_sides_or_one(district: District) -> None:
    links = {(one, other) for one, user in district.users.items() for other in user.get("agents", [])}
    parents = {(one, other) for one, other in links if one.startswith("par-")}
    children = {(other, one) for one, other in links if one.startswith("stu-")}
    assert parents & children
    assert parents - children
    assert children - parents


def test_siblings_share_their_parents(district: District) -> None:
    assert (
        max(
            sum(parent in user.get("agents", []) for user in district.users.values())
            for parent in ("par-0007", "par-0008")
        )
        == 2
    )


def test_examples_are_what_they_are_called(district: District) -> None:
    named = district.examples
    assert named["dangling enrollment"] in district.enrollments
    assert district.enrollments[named["dangling enrollment"]]["user"] not in district.users
    assert "email" not in district.users[named["parent without email"]]
    assert "title" not in district.classes[named["class without title"]]
    assert {role["role"] for role in district.users[named["teacher and parent"]]["roles"]} == {"teacher", "parent"}
    assert len({role["org"] for role in district.users[named["teacher of two schools"]]["roles"]}) == 2
    assert len({role["org"] for role in district.users[named["student of two schools"]]["roles"]}) == 2
    assert named["teacher and parent"] in district.users[named["child of a teacher"]]["agents"]
    assert all(row["endDate"] < "2026-11-21" for row in district.enrollments_of(named["leaver"]))
    assert all(row["beginDate"] > "2026-11-21" for row in district.enrollments_of(named["newcomer"]))
    assert not any(row["school"] == named["school without class"] for row in district.classes.values())
    assert not list(district.enrollments_of(named["student without class"]))
    assert district.users[named["disabled student"]]["enabledUser"] == "false"
    past = {district.academic_sessions[term]["endDate"] for term in district.classes[named["past class"]]["terms"]}
    assert past == {"2026-06-15"}


def test_every_class_has_one_primary_teacher_at_most_and_some_have_two_teachers(district: District) -> None:
    teachers: dict[str, list[str]] = {}
    for row in district.enrollments.values():
        if row["role"] == "teacher":
            teachers.setdefault(row["class"], []).append(row["primary"])
    assert all(primary.count("true") <= 1 for primary in teachers.values())
    assert any(len(primary) > 1 for primary in teachers.values())


def test_touch_stamps_sets_and_takes_out(district: District) -> None:
    district.touch("users", "stu-0001", NOW, email=None, givenName="Zed")
    user = district.users["stu-0001"]
    assert (user["givenName"], user["dateLastModified"]) == ("Zed", "2026-11-21T18:00:00.000Z")
    assert "email" not in user
    assert district.touch("enrollments", "enr-000001", NOW, class_="cls-0002")["class"] == "cls-0002"
    assert district.touch("sessions", "ses-2026", NOW, title="Year")["title"] == "Year"


def test_mark_and_drop(district: District) -> None:
    assert district.mark_deleted("classes", "cls-0001", NOW)["status"] == "tobedeleted"
    district.drop("users", "stu-0001")
    assert "stu-0001" not in district.users
    with pytest.raises(KeyError):
        district.drop("users", "stu-0001")
    with pytest.raises(KeyError):
        district.collection("relationships")


def test_next_day_is_deterministic() -> None:
    one, other = make_district(), make_district()
    assert next_day(one, 3, NOW) == next_day(other, 3, NOW)
    assert contents(one) == contents(other)


def test_next_day_stamps_all_that_it_changes() -> None:
    before, after = make_district(), make_district()
    next_day(after, 3, NOW)
    for kind in ("users", "classes", "enrollments"):
        old, new = before.collection(kind), after.collection(kind)
        changed = [one for one in new if new[one] != old.get(one)]
        assert all(new[one]["dateLastModified"] == stamp(NOW) for one in changed)
        assert changed or kind == "classes"


@pytest.mark.parametrize("seed", range(5))
def test_what_a_day_tells_has_happened(seed: int) -> None:
    district = make_district()
    happened = next_day(district, seed, NOW)
    told = {what.what.split()[0]: what for what in happened}
    assert district.users[told["marked"].sourced_id]["status"] == "tobedeleted"
    assert told["gone"].sourced_id not in district.users
    assert not list(district.enrollments_of(told["gone"].sourced_id))
    assert all(row["endDate"] == "2026-11-21" for row in district.enrollments_of(told["left"].sourced_id))
    joined = [what.sourced_id for what in happened if what.what.startswith("joined")]
    assert len(set(joined)) == 2
    assert all(len(classes_of(district, student)) >= 6 for student in joined)


def test_a_month_of_days_gives_no_id_twice_and_dangles_nothing() -> None:
    district = make_district(with_flaws=False)
    joined: list[str] = []
    for day in range(1, 31):
        happened = next_day(district, 1, datetime(2026, 11, day, 18, tzinfo=UTC))
        joined.extend(what.sourced_id for what in happened if what.what.startswith("joined"))
    assert len(set(joined)) == len(joined) == 60
    assert {row["user"] for row in district.enrollments.values()} <= set(district.users)
