"""`explain`: the chain of decisions about a person, a class or an enrollment, in words that a school understands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from rostersync.engine.explain import STAYS, explain
from rostersync.engine.inputs import Rows
from rostersync.engine.work import Inputs
from rostersync.model.decision import Reason, Subject
from rostersync.model.directory import Account
from rostersync.model.kind import Kind
from rostersync.model.roster import Row
from tests.engine.build import (
    DAY,
    Item,
    class_,
    decide,
    deleted,
    enrollment,
    many,
    newly_rejected,
    org,
    parent,
    policy,
    rejected,
    session,
    snapshot,
    student,
    teacher,
    user,
)

ANN = student("u1", given_name="Ann", family_name="Lee", email="Ann@A.example", username="alee")
SEVEN_B = class_("7B", sessions=["t"])
TERM = session("t", "2025-09-01", "2026-02-01")
JOIN = enrollment("e1", "u1", "7B", begin_date="2025-09-01", end_date="2026-02-01")
SCHOOL = (org("A"), org("B"), TERM, ANN, SEVEN_B, JOIN)


def told(
    who: str,
    *items: Item,
    roster: Iterable[Row] = (),
    accounts: list[Account] | None = None,
    **options: dict[str, Any],
) -> dict[str, Subject]:
    """The subjects of an explanation by sourcedId, in their order."""
    found = explain(Inputs(snapshot(items), Rows(roster), accounts, policy(**options), DAY), who)
    return {subject.sourced_id: subject for subject in found}


def last(subject: Subject) -> tuple[str, str, str]:
    """The last step of a subject."""
    return subject.decisions[-1]


@pytest.mark.parametrize("who", ["u1", "ann@a.EXAMPLE", "ALEE"])
def test_a_person_is_found_by_sourced_id_email_or_username_with_classes_and_enrollments(who: str) -> None:
    found = told(who, *SCHOOL)
    assert list(found) == ["u1", "7B", "e1"]
    assert [(each.kind, each.label, each.kept) for each in found.values()] == [
        (Kind.USERS, "Ann Lee", True),
        (Kind.CLASSES, "Class 7B", True),
        (Kind.ENROLLMENTS, "Ann Lee in Class 7B as student", True),
    ]


def test_why_is_ann_not_in_7b_because_its_term_is_over() -> None:
    found = told("u1", *SCHOOL, sync={"respect_academic_sessions": True})
    assert found["7B"].reason is Reason.SESSION_NOT_CURRENT
    assert last(found["7B"]) == (
        "4",
        "session-not-current",
        "none of its sessions covers 2026-03-02: Term t (2025-09-01 to 2026-02-01)",
    )
    assert found["e1"].reason is Reason.CLASS_EXCLUDED
    assert last(found["e1"]) == ("9", "class-excluded", "its class Class 7B (7B) is excluded: session-not-current")


def test_why_is_ann_not_in_7b_because_her_enrollment_has_ended() -> None:
    found = told("u1", *SCHOOL, sync={"respect_enrollment_dates": True})
    assert found["u1"].reason is Reason.LEFT_SCHOOL
    assert last(found["u1"]) == ("3", "left-school", "every student enrollment in a selected school has ended")
    assert last(found["e1"]) == (
        "3",
        "enrollment-not-current",
        "it does not cover 2026-03-02: from 2025-09-01 to 2026-02-01, the end not included",
    )


def test_why_is_ann_not_in_7b_because_her_school_is_excluded() -> None:
    found = told("u1", *SCHOOL, schools={"exclude": ["A"]})
    assert last(found["u1"]) == (
        "1",
        "school-not-selected",
        (
            "belongs to Org A (A), which is not selected: Org A (A) is listed in schools.exclude; "
            "and not enrolled in a kept class of a selected school"
        ),
    )
    assert last(found["7B"]) == (
        "1",
        "school-not-selected",
        "it is a class of Org A (A), which is not selected: Org A (A) is listed in schools.exclude",
    )


def test_other_reasons_for_a_school() -> None:
    assert "schools.include is not empty" in last(told("u1", *SCHOOL, schools={"include": ["B"]})["u1"])[2]
    manual = last(told("u1", *SCHOOL, schools={"mode": "manual"})["u1"])
    assert manual[1] == "school-unknown"
    assert "rostersync schools sync" in manual[2]
    nobody = told("x", org("A"), student("x", orgs=[]))
    assert "belongs to no org that the source has" in last(nobody["x"])[2]
    kept = told("x", org("A"), student("x"), schools={"include": ["A"]})
    assert "Org A (A), which is selected" in kept["x"].decisions[1].because


def test_who_is_in_scope_through_an_enrollment_is_told_so() -> None:
    items = (*SCHOOL, student("bob", orgs=["B"]), enrollment("e2", "bob", "7B"))
    found = told("bob", *items, schools={"exclude": ["B"]})
    assert found["bob"].decisions[1].because.endswith("; but enrolled in classes of Org A (A)")


def test_roles_that_are_not_synced() -> None:
    found = told("u1", *SCHOOL, sync={"roles": ("teacher",)})
    assert last(found["u1"]) == (
        "2",
        "role-not-synced",
        "roles held: student, which make the groups student; sync.roles is teacher",
    )
    assert last(found["e1"])[2] == "its user Ann Lee (u1) is excluded: role-not-synced"
    empty = last(told("x", org("A"), user("x"), sync={"roles": ()})["x"])
    assert empty[2] == "roles held: none, which make the groups none; sync.roles is empty"


def test_a_class_is_asked_about_by_its_sourced_id_and_comes_with_its_enrollments() -> None:
    found = told("7B", *SCHOOL, teacher("t"), enrollment("e2", "t", "7B", "teacher"), enrollment("e3", "u1", "8C"))
    assert list(found) == ["7B", "e1", "e2"]
    assert found["e2"].label == "t in Class 7B as teacher"


def test_an_enrollment_comes_first_with_its_user_and_class() -> None:
    assert list(told("e1", *SCHOOL)) == ["e1", "u1", "7B"]


def test_nobody_of_that_name() -> None:
    assert told("nobody", *SCHOOL) == {}
    assert told("", *SCHOOL, student("x")) == {}


def test_a_class_that_is_missing_or_not_synced_or_without_sessions() -> None:
    assert last(told("7B", *SCHOOL, sync={"missing_classes": "ignore"})["7B"])[1] == "class-missing"
    sessions = {"respect_academic_sessions": True}
    found = told("x", org("A"), class_("x"), sync=sessions)
    assert found["x"].decisions[2].because == "the source has none of its sessions, so it is kept"
    grace = told("7B", *SCHOOL, sync=sessions | {"session_grace_days": 40})
    assert grace["7B"].decisions[2].because.endswith("(2025-09-01 to 2026-02-01) and sync.session_grace_days 40")
    assert last(told("x", org("A"), class_("x", "Z"))["x"])[1] == "dangling-reference"
    lonely = told("x", org("A"), class_("x"), sync={"class_requires": ("teacher", "student")})
    assert last(lonely["x"])[2] == "it has no kept enrollment of a teacher or a student"


@pytest.mark.parametrize("dates", [True, False])
def test_classes_that_are_switched_off(*, dates: bool) -> None:
    off = {"classes": False, "respect_enrollment_dates": dates}
    later = enrollment("e2", "u1", "7B")
    applied = decide(*SCHOOL, later).roster
    found = told("u1", *SCHOOL[:5], later, sync=off, roster=applied)
    assert [found[each].reason for each in ("7B", "e1", "e2")] == [Reason.CLASSES_NOT_SYNCED] * 3
    assert last(found["7B"]) == last(found["e2"]) == ("5", "classes-not-synced", "sync.classes is off")
    assert last(found["e1"]) == ("5", "classes-not-synced", "sync.classes is off")


def test_what_the_source_no_longer_has_is_told_from_the_roster() -> None:
    applied = decide(*SCHOOL).roster
    found = told("alee", org("A"), roster=applied)
    assert {each.sourced_id: each.reason for each in found.values()} == dict.fromkeys(
        ("u1", "7B", "e1"), Reason.NOT_IN_SOURCE
    )
    assert last(found["u1"]) == ("11", "not-in-source", "the source no longer has it; the roster does")
    assert found["e1"].label == "Ann Lee in Class 7B as student"
    gone = told("u1", *SCHOOL[:5], roster=applied)
    assert (gone["u1"].kept, gone["e1"].reason) == (True, Reason.NOT_IN_SOURCE)


def test_deleted_and_rejected_records() -> None:
    items = (org("A"), deleted(Kind.USERS, "gone"), rejected(Kind.USERS, "bad"), newly_rejected(student("old")))
    assert last(told("gone", *items)["gone"])[:2] == ("0", "record-deleted")
    assert last(told("bad", *items)["bad"]) == ("0", "record-rejected", "title is required; nothing is removed for it")
    assert "the earlier one stays in force" in told("old", *items)["old"].decisions[0].because
    dangling = told("e", org("A"), enrollment("e", "x", "y"))
    assert last(dangling["e"]) == ("0", "dangling-reference", "the source does not have its user x")


def test_emails_and_accounts() -> None:
    same = student("u2", email="ann@a.example")
    assert last(told("u2", *SCHOOL, same)["u2"]) == (
        "7",
        "duplicate-email",
        "u1 is the student who has the email ann@a.example",
    )
    accounts = [Account("9", ("ann@a.example",))]
    assert last(told("u1", *SCHOOL, accounts=accounts)["u1"]) == (
        "8",
        "kept",
        "account 9 has the email ann@a.example",
    )
    assert last(told("u1", *SCHOOL, accounts=[])["u1"]) == ("8", "unmatched", "no account has the same email")
    tied = decide(*SCHOOL, accounts=accounts).roster
    kept = told("u1", *SCHOOL, accounts=[Account("9")], roster=tied)
    assert last(kept["u1"])[2] == "the roster ties account 9 to this user"
    several = told("u1", *SCHOOL, accounts=[*accounts, Account("8", ("ann@a.example",))])
    assert last(several["u1"])[2] == "several accounts have the email ann@a.example"


ON = {"parents": True}


def test_relationships_are_told_from_either_side() -> None:
    mum = parent("mum", "u1", given_name="Mia", family_name="Lee")
    for who in ("u1", "mum"):
        found = told(who, *SCHOOL, mum, sync=ON)["u1|mum"]
        assert (found.kind, found.label, found.kept) == (Kind.RELATIONSHIPS, "parent Mia Lee of Ann Lee", True)
        assert last(found) == ("6", "kept", "Mia Lee (mum) is kept as parent of Ann Lee (u1)")
    off = told("u1", *SCHOOL, mum)["u1|mum"]
    assert last(off) == ("9", "user-excluded", "Mia Lee (mum) is excluded: parents-not-synced")


@pytest.mark.parametrize(
    ("mum", "because"),
    [
        (teacher("mum", agents=("u1",)), "mum holds no role of a parent"),
        (user("mum", "teacher", "parent", agents=("u1",)), "the SIS has no email for this parent"),
        (user("mum", "teacher", "parent", agents=("u1",), email="same@x"), "dad is the parent who has the email"),
        (user("mum", "teacher", "guardian", agents=("u1",), email="m@x"), "guardian is not in sync.relationship"),
    ],
)
def test_links_that_are_no_relationship(mum: Item, because: str) -> None:
    on = {"parents": True, "relationship": ("parent",)}
    found = told("u1", *SCHOOL, mum, parent("dad", "u1", email="same@x"), sync=on)["u1|mum"]
    assert (found.kept, found.reason) == (False, Reason.USER_EXCLUDED)
    assert because in last(found)[2]


def test_a_teacher_who_is_no_parent_here_is_told_that_they_stay() -> None:
    both = user("tim", "teacher", "parent", agents=("u1",))
    found = told("tim", *SCHOOL, both, sync=ON)["tim"]
    assert (found.kept, last(found)) == (
        True,
        ("6", "parent-without-email", "the SIS has no email for this parent (stays in the roster in another role)"),
    )
    whole = told("tim", *SCHOOL, user("tim", "teacher", "parent", agents=("u1",), email="t@a"), sync=ON)["tim"]
    assert last(whole) == ("6", "kept", "parent with an email and a link to a kept student")


def test_a_parent_of_somebody_who_is_no_student() -> None:
    tim = user("tim", "teacher", agents=("mum",))
    found = told("mum", *SCHOOL, tim, parent("mum", "u1"), sync=ON)
    assert last(found["tim|mum"])[2] == "tim is kept, but not as a student"
    assert told("mum", *SCHOOL, parent("mum", "x"), sync=ON)["mum"].decisions[-1].because.startswith("no kept student")


BIG = (*SCHOOL, *many(10, student, "s"), parent("mum", "u1", "s000"))


def test_a_row_that_stays_because_its_school_is_held_is_told_so() -> None:
    applied = decide(*BIG, sync=ON).roster
    found = told("u1", org("A"), SEVEN_B, parent("mum", "s000"), sync=ON, roster=applied)
    assert found["u1"].reason is Reason.NOT_IN_SOURCE
    for sourced_id in ("u1", "7B", "e1"):
        assert last(found[sourced_id]) == (
            "10",
            STAYS,
            "its row in the roster stays exactly as it is, because a school is held today: Org A (A)",
        )


def test_what_is_new_in_a_held_school_is_told_so() -> None:
    flood = [rejected(Kind.USERS, f"r{number}", schools=["A"]) for number in range(10)]
    applied = decide(*BIG, sync=ON).roster
    items = (*BIG[:-1], parent("mum", "u1", "s000", "s001"), student("new"), enrollment("e2", "u1", "7B"), *flood)
    assert last(told("new", *items, sync=ON, roster=applied)["new"])[:2] == ("10", "school-held")
    assert last(told("u1", *items, sync=ON, roster=applied)["e2"])[:2] == ("10", "school-held")
    found = told("mum", *items, sync=ON, roster=applied)
    assert found["s001|mum"].reason is Reason.SCHOOL_HELD
    assert last(found["s000|mum"])[:2] == ("10", STAYS)
    off = told("mum", *items, roster=applied)
    assert (off["u1|mum"].reason, last(off["u1|mum"])[1]) == (Reason.USER_EXCLUDED, STAYS)
    assert last(off["s001|mum"])[1] == "user-excluded"
