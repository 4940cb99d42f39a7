"""Rule 3: enrollments have dates, and a student all of whose enrollments have ended has left."""

# ruff: noqa: ANN401 - options of every kind are passed on
from __future__ import annotations

from typing import Any

import pytest

from rostersync.model.decision import Reason
from rostersync.model.kind import Kind
from tests.engine.build import (
    AFTER,
    BEFORE,
    TODAY,
    Item,
    class_,
    decide,
    deleted,
    enrollment,
    org,
    parent,
    student,
    teacher,
    user,
)

ON = {"respect_enrollment_dates": True}
SCHOOL = (org("A"), org("B"), class_("x"), class_("y"), class_("z", "B"))


def left(*items: Item, **options: Any) -> bool:
    """Whether ann has left school."""
    after = decide(*SCHOOL, *items, **{"sync": ON, **options})
    assert after.why("ann") in (None, Reason.LEFT_SCHOOL)
    return after.why("ann") is Reason.LEFT_SCHOOL


@pytest.mark.parametrize(
    ("begin", "end", "ends", "live"),
    [
        (None, None, "exclusive", True),
        (TODAY, None, "exclusive", True),
        (AFTER, None, "exclusive", False),
        (None, AFTER, "exclusive", True),
        (None, TODAY, "exclusive", False),
        (None, TODAY, "inclusive", True),
        (None, BEFORE, "inclusive", False),
        (AFTER, TODAY, "inclusive", False),
    ],
)
def test_rule_03_an_enrollment_is_live_within_its_dates(
    begin: str | None, end: str | None, ends: str, *, live: bool
) -> None:
    items = (*SCHOOL, teacher("t"), enrollment("e", "t", "x", "teacher", begin_date=begin, end_date=end))
    after = decide(*items, sync=ON | {"end_dates": ends})
    assert after.why("e") is (None if live else Reason.ENROLLMENT_NOT_CURRENT)
    assert after.why("t") is None
    assert decide(*items, sync={"end_dates": ends}).why("e") is None


def test_rule_03_a_student_all_of_whose_enrollments_have_ended_has_left() -> None:
    ended = [enrollment("1", "ann", "x", end_date=TODAY), enrollment("2", "ann", "y", end_date=BEFORE)]
    assert left(student("ann"), *ended)
    assert decide(*SCHOOL, student("ann"), *ended).why("ann") is None


def test_rule_03_a_student_with_one_open_enrollment_has_not_left() -> None:
    assert not left(
        student("ann"), enrollment("1", "ann", "x", end_date=BEFORE), enrollment("2", "ann", "y", end_date=AFTER)
    )
    assert not left(student("ann"), enrollment("1", "ann", "x", end_date=BEFORE), enrollment("2", "ann", "y"))


def test_rule_03_an_inclusive_end_is_the_last_day() -> None:
    ended = enrollment("1", "ann", "x", end_date=TODAY)
    assert left(student("ann"), ended)
    assert not left(student("ann"), ended, sync=ON | {"end_dates": "inclusive"})


def test_rule_03_a_student_without_enrollment_or_before_it_begins_has_not_left() -> None:
    assert not left(student("ann"))
    after = decide(*SCHOOL, student("ann"), enrollment("1", "ann", "x", begin_date=AFTER), sync=ON)
    assert (after.why("ann"), after.why("1")) == (None, Reason.ENROLLMENT_NOT_CURRENT)


def test_rule_03_deleted_enrollments_say_nothing() -> None:
    assert not left(student("ann"), deleted(Kind.ENROLLMENTS, "1"))


def test_rule_03_only_student_enrollments_in_selected_schools_are_looked_at() -> None:
    ended = enrollment("1", "ann", "x", end_date=BEFORE)
    assert left(student("ann"), ended, enrollment("2", "ann", "y", "teacher"))
    assert left(student("ann"), ended, enrollment("2", "ann", "z"), schools={"exclude": ["B"]})
    assert not left(student("ann"), ended, enrollment("2", "ann", "z"))
    assert not left(student("ann"), enrollment("2", "ann", "z", end_date=BEFORE), schools={"exclude": ["B"]})


def test_rule_03_the_own_school_of_an_enrollment_goes_before_that_of_its_class() -> None:
    ended = enrollment("1", "ann", "z", school="A", end_date=BEFORE)
    assert left(student("ann"), ended, schools={"exclude": ["B"]})
    elsewhere = enrollment("1", "ann", "x", school="B", end_date=BEFORE)
    assert not left(student("ann"), elsewhere, schools={"exclude": ["B"]})


def test_rule_03_the_class_may_be_missing_or_excluded() -> None:
    assert left(student("ann"), enrollment("1", "ann", "gone", school="A", end_date=BEFORE))
    assert not left(student("ann"), enrollment("1", "ann", "gone", end_date=BEFORE))
    ended = enrollment("1", "ann", "x", end_date=BEFORE)
    assert left(student("ann"), ended, sync=ON | {"missing_classes": "ignore"})
    assert left(student("ann"), ended, sync=ON | {"classes": False})


def test_rule_03_who_has_left_keeps_their_other_groups() -> None:
    ended = enrollment("1", "ann", "x", end_date=BEFORE)
    after = decide(*SCHOOL, user("ann", "student", "teacher"), ended, sync=ON)
    assert after.row("ann").role == "teacher"
    assert after.row("ann").roles == ("student", "teacher")
    alone = decide(*SCHOOL, user("ann", "student", "teacher"), ended, sync=ON | {"roles": ("student",)})
    assert alone.why("ann") is Reason.LEFT_SCHOOL


def test_rule_03_who_is_no_synced_student_cannot_leave() -> None:
    ended = enrollment("1", "ann", "x", end_date=BEFORE)
    after = decide(*SCHOOL, student("ann"), ended, sync=ON | {"roles": ("teacher",)})
    assert after.why("ann") is Reason.ROLE_NOT_SYNCED


def test_rule_03_who_has_left_has_no_parents() -> None:
    ended = enrollment("1", "ann", "x", end_date=BEFORE)
    after = decide(*SCHOOL, student("ann"), ended, parent("mum", "ann"), sync=ON | {"parents": True})
    assert after.why("mum") is Reason.NO_CHILD_IN_SCOPE


def test_rule_03_the_enrollment_dates_name_the_reason_before_the_class_does() -> None:
    ended = enrollment("1", "ann", "z", end_date=BEFORE)
    after = decide(*SCHOOL, student("ann"), ended, sync=ON, schools={"exclude": ["B"]})
    assert after.why("1") is Reason.ENROLLMENT_NOT_CURRENT
