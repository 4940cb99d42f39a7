"""Rules 4 and 5: which classes are current, which are kept, and what goes with them; rule 9 for their enrollments."""

from __future__ import annotations

from typing import Any

import pytest

from rostersync.model.codes import Code
from rostersync.model.decision import Reason
from rostersync.model.kind import Kind
from rostersync.model.roster import ARCHIVED
from tests.engine.build import (
    AFTER,
    BEFORE,
    TODAY,
    class_,
    course,
    decide,
    deleted,
    enrollment,
    newly_rejected,
    org,
    rejected,
    session,
    student,
    teacher,
)

ON = {"respect_academic_sessions": True}
OLD, LONG_AGO = "2026-02-01", "2025-09-01"


@pytest.mark.parametrize(
    ("start", "end", "options", "current"),
    [
        (TODAY, AFTER, {}, True),
        (LONG_AGO, TODAY, {}, False),
        (AFTER, "2026-06-01", {}, False),
        (LONG_AGO, TODAY, {"end_dates": "inclusive"}, True),
        (LONG_AGO, BEFORE, {"end_dates": "inclusive"}, False),
        (LONG_AGO, BEFORE, {"session_grace_days": 1}, False),
        (LONG_AGO, BEFORE, {"session_grace_days": 2}, True),
        (LONG_AGO, BEFORE, {"session_grace_days": 1, "end_dates": "inclusive"}, True),
        (AFTER, "2026-06-01", {"session_grace_days": 30}, False),
    ],
)
def test_rule_04_a_class_is_current_while_a_session_covers_the_day(
    start: str, end: str, options: dict[str, Any], *, current: bool
) -> None:
    items = (org("A"), session("t", start, end), class_("x", sessions=["t"]))
    after = decide(*items, sync=ON | options)
    assert after.why("x") is (None if current else Reason.SESSION_NOT_CURRENT)
    assert decide(*items, sync=options).why("x") is None


def test_rule_04_any_of_its_sessions_will_do() -> None:
    terms = (session("old", LONG_AGO, OLD), session("now", OLD, AFTER))
    assert decide(org("A"), *terms, class_("x", sessions=["old", "now"]), sync=ON).why("x") is None
    assert decide(org("A"), *terms, class_("x", sessions=["old", "gone"]), sync=ON).why("x") is (
        Reason.SESSION_NOT_CURRENT
    )


def test_rule_04_a_class_without_a_session_that_resolves_is_kept_and_reported() -> None:
    items = (org("A"), class_("x", sessions=["gone"]), class_("y"), class_("z", "A", sessions=["t"]))
    after = decide(*items, deleted(Kind.SESSIONS, "gone"), session("t", OLD, AFTER), sync=ON)
    assert after.kept(Kind.CLASSES) == {"x", "y", "z"}
    assert after.about(Code.CLASS_NO_SESSION) == ["x", "y"]
    assert decide(*items).found(Code.CLASS_NO_SESSION) == []


def test_rule_04_a_class_excluded_otherwise_is_not_reported() -> None:
    after = decide(org("A"), class_("x"), sync=ON, schools={"exclude": ["A"]})
    assert after.why("x") is Reason.SCHOOL_NOT_SELECTED
    assert after.found(Code.CLASS_NO_SESSION) == []


def test_rule_04_comes_before_rule_5() -> None:
    items = (org("A"), session("old", LONG_AGO, OLD), class_("x", sessions=["old"]))
    assert decide(*items, sync=ON | {"missing_classes": "ignore"}).why("x") is Reason.SESSION_NOT_CURRENT


def test_rule_05_missing_classes_ignore_syncs_only_what_the_roster_has_archived_ones_too() -> None:
    applied = decide(org("A"), class_("x"), class_("y")).roster
    archived = decide(org("A"), class_("x"), deleted(Kind.CLASSES, "y"), roster=applied).roster
    items = (org("A"), class_("x"), class_("y"), class_("new"))
    after = decide(*items, roster=archived, sync={"missing_classes": "ignore"})
    assert [after.why(each) for each in ("x", "y", "new")] == [None, None, Reason.CLASS_MISSING]
    assert after.updated() == {"y"}
    assert decide(*items, roster=archived).why("new") is None


def test_rule_05_every_live_session_and_course_is_kept() -> None:
    after = decide(
        org("A"), session("t", LONG_AGO, OLD), course("m", "A"), course("n", "Z"), schools={"include": ["A"]}
    )
    assert set(after.rows(Kind.SESSIONS)) == {"t"}
    assert after.row("m").org_sourced_id == "A"
    assert after.row("n").org_sourced_id is None


def test_rule_05_the_org_of_a_course_is_named_only_where_the_roster_has_it() -> None:
    after = decide(org("A"), course("m", "A"), schools={"exclude": ["A"]})
    assert after.row("m").org_sourced_id is None


SYNCED = (
    org("A"), session("t", LONG_AGO, AFTER), course("m"), class_("x"), student("ann"), enrollment("e", "ann", "x"),
)  # fmt: skip


@pytest.mark.parametrize("dates", [True, False])
def test_rule_05_off_no_class_course_session_or_enrollment_is_synced(*, dates: bool) -> None:
    off = {"classes": False, "respect_enrollment_dates": dates, "removed_classes": "delete"}
    after = decide(*SYNCED, roster=decide(*SYNCED).roster, sync=off)
    assert after.removed() == dict.fromkeys(("t", "m", "x", "e"), Reason.CLASSES_NOT_SYNCED)
    assert {row[0] for row in after.roster} == {"A", "ann"}
    assert (after.done.counts.imported_classes, after.done.counts.enrollments) == (0, 0)


def test_rule_05_off_what_the_snapshot_no_longer_has_goes_as_classes_not_synced() -> None:
    after = decide(*SYNCED[:1], SYNCED[4], roster=decide(*SYNCED).roster, sync={"classes": False})
    assert set(after.removed().values()) == {Reason.CLASSES_NOT_SYNCED}
    assert after.row("x").state == ARCHIVED


def test_rule_05_off_nobody_comes_into_scope_through_an_enrollment() -> None:
    items = (org("A"), org("B"), class_("x"), student("ann", orgs=["B"]), enrollment("e", "ann", "x"))
    for dates in (True, False):
        off = {"classes": False, "respect_enrollment_dates": dates}
        assert decide(*items, sync=off, schools={"exclude": ["B"]}).why("ann") is Reason.SCHOOL_NOT_SELECTED


def test_rule_05_off_and_unread_what_is_remembered_of_classes_is_not_reported() -> None:
    stale = (rejected(Kind.CLASSES, "r"), newly_rejected(enrollment("e", "gone", "x")), class_("x", "Z"))
    after = decide(org("A"), *stale, rejected(Kind.SESSIONS, "t"), sync={"classes": False})
    assert after.done.diagnostics == ()
    assert after.done.counts.rejected_records == 0
    assert after.done.live() == {Kind.USERS: 0}


def test_rule_05_class_requires_wants_a_kept_enrollment_of_each() -> None:
    people = (student("ann"), teacher("tim"), student("bob"), class_("x"), class_("y"), class_("z"))
    joins = (
        enrollment("1", "ann", "x"),
        enrollment("2", "tim", "x", "teacher"),
        enrollment("3", "ann", "y"),
        enrollment("4", "tim", "z", "teacher"),
    )
    both = decide(org("A"), *people, *joins, sync={"class_requires": ("teacher", "student")})
    assert [both.why(each) for each in "xyz"] == [None, Reason.CLASS_INCOMPLETE, Reason.CLASS_INCOMPLETE]
    assert [both.why(each) for each in "1234"] == [None, None, Reason.CLASS_EXCLUDED, Reason.CLASS_EXCLUDED]
    assert both.about(Code.CLASS_INCOMPLETE) == ["y", "z"]
    assert both.kept(Kind.USERS) == {"ann", "bob", "tim"}
    one = decide(org("A"), *people, *joins, sync={"class_requires": ("teacher",)})
    assert one.kept(Kind.CLASSES) == {"x", "z"}
    assert decide(org("A"), *people, *joins).kept(Kind.CLASSES) == {"x", "y", "z"}


def test_rule_05_class_requires_changes_no_user() -> None:
    items = (org("A"), org("B"), student("ann", orgs=["B"]), class_("x"), enrollment("e", "ann", "x"))
    after = decide(*items, schools={"exclude": ["B"]}, sync={"class_requires": ("teacher",)})
    assert (after.why("x"), after.why("ann")) == (Reason.CLASS_INCOMPLETE, None)


def test_rule_05_class_requires_counts_kept_enrollments_alone() -> None:
    items = (org("A"), student("ann"), class_("x"), enrollment("e", "ann", "x"))
    needs = {"class_requires": ("student",)}
    assert decide(*items, sync=needs).why("x") is None
    assert decide(*items, sync=needs | {"roles": ("teacher",)}).why("x") is Reason.CLASS_INCOMPLETE
    other = decide(*items[:3], enrollment("e", "ann", "x", "proctor"), sync=needs)
    assert other.why("x") is Reason.CLASS_INCOMPLETE


def test_rule_05_a_class_excluded_already_is_not_incomplete() -> None:
    after = decide(org("A"), class_("x"), schools={"exclude": ["A"]}, sync={"class_requires": ("student",)})
    assert after.why("x") is Reason.SCHOOL_NOT_SELECTED
    assert after.found(Code.CLASS_INCOMPLETE) == []


def test_rule_09_an_enrollment_needs_its_class_and_its_user_and_the_class_names_the_reason_first() -> None:
    items = (
        org("A"),
        org("B"),
        class_("x"),
        class_("y", "B"),
        student("ann"),
        student("bob", orgs=["B"]),
        teacher("t"),
    )
    joins = (
        enrollment("1", "ann", "x"),
        enrollment("2", "ann", "y"),
        enrollment("3", "t", "x", "teacher"),
        enrollment("4", "bob", "y"),
    )
    after = decide(*items, *joins, schools={"exclude": ["B"]}, sync={"roles": ("student",)})
    assert [after.why(each) for each in "1234"] == [
        None,
        Reason.CLASS_EXCLUDED,
        Reason.USER_EXCLUDED,
        Reason.CLASS_EXCLUDED,
    ]


def test_rule_09_primary_only_means_something_for_teachers() -> None:
    items = (org("A"), class_("x"), student("ann"), teacher("tim"), teacher("tom"))
    joins = (
        enrollment("1", "ann", "x", primary=True),
        enrollment("2", "tim", "x", "teacher", primary=True),
        enrollment("3", "tom", "x", "teacher"),
    )
    after = decide(*items, *joins)
    assert [after.row(each).is_primary for each in "123"] == [0, 1, 0]
