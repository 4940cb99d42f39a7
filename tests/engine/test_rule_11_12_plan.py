"""Rules 11 and 12: what absence means, and what the plan does about it."""

from __future__ import annotations

from typing import Any

import pytest

from rostersync.engine.merge import merge
from rostersync.model.codes import Code
from rostersync.model.decision import Reason
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.plan import Action, Change
from rostersync.model.roster import ACTIVE, ARCHIVED, DISABLED
from rostersync.model.snapshot import Course, Drop, Entry, Put, Received
from tests.engine.build import (
    class_,
    course,
    decide,
    deleted,
    enrollment,
    many,
    org,
    parent,
    session,
    student,
    teacher,
    user,
)

ON = {"parents": True}
ALL = (
    org("A"), session("t", "2026-01-01", "2026-06-01"), course("m"), class_("x"), student("ann"), teacher("tim"),
    parent("mum", "ann"), enrollment("e", "ann", "x"),
)  # fmt: skip


def one(changes: list[Change], sourced_id: str) -> Change:
    """The one change of this key."""
    (change,) = [change for change in changes if change.sourced_id == sourced_id]
    return change


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [(Coverage.FULL, [Drop("a"), Put(Entry("b", deleted=True))]), (Coverage.DELTA, [Put(Entry("b", deleted=True))])],
)
def test_rule_11_only_a_full_fetch_lets_absence_mean_deletion(coverage: Coverage, expected: list[object]) -> None:
    before = [Entry("a", Course("A")), Entry("b", Course("B")), Entry("c", Course("C"))]
    rows = [Received("b", deleted_at=""), Received("c", Course("C"))]
    found: list[Diagnostic] = []
    assert list(merge(Kind.COURSES, before, rows, coverage, found.append)) == expected
    assert found == []


def test_rule_11_none_deletes_nothing() -> None:
    found: list[Diagnostic] = []
    assert list(merge(Kind.COURSES, [Entry("a", Course("A"))], [], Coverage.NONE, found.append)) == []
    assert found == []


def test_rule_11_what_is_not_in_the_snapshot_goes_as_not_in_source() -> None:
    after = decide(*ALL[:1], roster=decide(*ALL, sync=ON).roster, sync=ON)
    assert after.removed() == dict.fromkeys(("t", "m", "x", "ann", "tim", "mum", "e", "ann|mum"), Reason.NOT_IN_SOURCE)


def test_rule_12_a_plan_creates_whole_rows_sorted_by_kind_and_key() -> None:
    changes = decide(*reversed(ALL), sync=ON).changes
    assert [(change.kind, change.sourced_id) for change in changes] == [
        (Kind.ORGS, "A"),
        (Kind.SESSIONS, "t"),
        (Kind.COURSES, "m"),
        (Kind.CLASSES, "x"),
        (Kind.USERS, "ann"),
        (Kind.USERS, "mum"),
        (Kind.USERS, "tim"),
        (Kind.ENROLLMENTS, "e"),
        (Kind.RELATIONSHIPS, "ann|mum"),
    ]
    enrolled = one(changes, "e")
    assert (enrolled.action, enrolled.reason, enrolled.before, enrolled.label) == (
        Action.CREATE,
        None,
        None,
        "student ann in x",
    )
    assert enrolled.after == {
        "sourced_id": "e",
        "class_sourced_id": "x",
        "user_sourced_id": "ann",
        "school_sourced_id": "A",
        "role": "student",
        "is_primary": 0,
        "begin_date": None,
        "end_date": None,
    }
    assert [change.schools for change in changes] == [("A",), (), (), ("A",), ("A",), (), ("A",), ("A",), ()]


def test_rule_12_labels_are_what_a_person_calls_it() -> None:
    named = user("u", "teacher", given_name="Ann", family_name="Lee", username="al")
    after = decide(*ALL, named, user("v", "teacher", username="v.v"), sync=ON)
    labels = {change.sourced_id: change.label for change in after.changes}
    assert labels == {
        "A": "Org A",
        "t": "Term t",
        "m": "Course m",
        "x": "Class x",
        "ann": "ann",
        "mum": "mum",
        "tim": "tim",
        "u": "Ann Lee",
        "v": "v.v",
        "e": "student ann in x",
        "ann|mum": "parent mum of ann",
    }


def test_rule_12_an_update_holds_the_fields_that_changed() -> None:
    before = decide(*ALL).roster
    after = decide(*ALL[:4], student("ann", email="a@a", orgs=["A", "B"]), org("B"), *ALL[5:], roster=before)
    change = one(after.changes, "ann")
    assert (change.action, change.reason) == (Action.UPDATE, None)
    assert change.before == {"email": None, "orgs": ("A",)}
    assert change.after == {"email": "a@a", "orgs": ("A", "B")}
    assert change.schools == ("A", "B")


def test_rule_12_an_update_of_a_relationship_names_the_pair() -> None:
    before = decide(*ALL, sync=ON).roster
    after = decide(*ALL[:6], parent("mum", "ann", role="guardian"), ALL[7], roster=before, sync=ON)
    change = one(after.changes, "ann|mum")
    assert change.after == {"relationship": "guardian"}
    assert change.before == {"relationship": "parent", "student_sourced_id": "ann", "parent_sourced_id": "mum"}


GONE = (*ALL[:3], deleted(Kind.CLASSES, "x"), deleted(Kind.USERS, "ann"), deleted(Kind.USERS, "tim"))


def test_rule_12_by_default_users_are_disabled_and_classes_archived() -> None:
    after = decide(*GONE, roster=decide(*ALL).roster)
    assert (after.row("ann").state, after.row("ann").enabled) == (DISABLED, 0)
    assert after.row("x").state == ARCHIVED
    change = one(after.changes, "ann")
    assert change.before == {"enabled": 1, "state": ACTIVE}
    assert change.after == {"enabled": 0, "state": DISABLED}
    assert (change.action, change.reason) == (Action.REMOVE, Reason.RECORD_DELETED)
    assert one(after.changes, "x").after == {"state": ARCHIVED}
    assert one(after.changes, "e").after is None
    assert decide(*GONE, roster=after.roster).changes == []


def test_rule_12_disabling_who_is_not_enabled_changes_the_state_alone() -> None:
    before = decide(org("A"), student("ann", enabled=False)).roster
    change = one(decide(org("A"), deleted(Kind.USERS, "ann"), roster=before).changes, "ann")
    assert (change.before, change.after) == ({"state": ACTIVE}, {"state": DISABLED})


def test_rule_12_removed_rows_are_deleted_where_asked() -> None:
    options = {"removed_users": "delete", "removed_classes": "delete"}
    after = decide(*GONE, roster=decide(*ALL).roster, sync=options)
    assert {row[0] for row in after.roster} == {"A", "t", "m"}
    change = one(after.changes, "x")
    assert change.before is not None
    assert (change.before["title"], change.after) == ("Class x", None)


def test_rule_12_removed_rows_are_kept_where_asked_and_nothing_is_planned() -> None:
    before = decide(*ALL).roster
    after = decide(*GONE, roster=before, sync={"removed_users": "keep", "removed_classes": "keep"})
    assert set(after.removed()) == {"e"}
    assert after.row("ann") == next(row for row in before if row[0] == "ann")


def test_rule_12_a_row_that_is_not_in_force_is_not_removed_again() -> None:
    disabled = decide(*GONE, roster=decide(*ALL).roster).roster
    options = {"removed_users": "delete", "removed_classes": "delete"}
    assert decide(*GONE, roster=disabled, sync=options).changes == []


def test_rule_12_the_return_of_a_row_is_an_update() -> None:
    disabled = decide(*GONE, roster=decide(*ALL).roster).roster
    back = decide(*ALL, roster=disabled)
    assert back.updated() == {"x", "ann", "tim"}
    assert back.created() == {"e"}
    assert one(back.changes, "ann").after == {"enabled": 1, "state": ACTIVE}


@pytest.mark.parametrize(
    ("later", "options", "reason"),
    [
        ([student("ann"), parent("mum")], ON, Reason.NOT_IN_SOURCE),
        ([student("ann"), parent("mum", "ann")], {}, Reason.USER_EXCLUDED),
        ([student("ann", orgs=[]), parent("mum", "ann")], ON, Reason.USER_EXCLUDED),
        ([student("ann", orgs=[], agents=["mum"]), parent("mum")], ON, Reason.USER_EXCLUDED),
        ([student("ann", agents=["mum"]), deleted(Kind.USERS, "mum")], ON, Reason.NOT_IN_SOURCE),
        ([deleted(Kind.USERS, "ann"), parent("mum", "ann")], ON, Reason.NOT_IN_SOURCE),
    ],
)
def test_rule_12_a_relationship_goes_as_not_in_source_where_its_link_is_gone(
    later: list[Any], options: dict[str, Any], reason: Reason
) -> None:
    before = decide(org("A"), student("ann"), parent("mum", "ann"), sync=ON).roster
    after = decide(org("A"), later, roster=before, sync=options)
    assert after.removed()["ann|mum"] is reason


def test_rule_12_reasons_come_with_removals() -> None:
    before = decide(*ALL).roster
    after = decide(*ALL, roster=before, schools={"exclude": ["A"]})
    assert after.removed() == {
        "A": Reason.SCHOOL_NOT_SELECTED,
        "x": Reason.SCHOOL_NOT_SELECTED,
        "ann": Reason.SCHOOL_NOT_SELECTED,
        "tim": Reason.SCHOOL_NOT_SELECTED,
        "e": Reason.CLASS_EXCLUDED,
    }


def test_rule_12_equal_rosters_give_an_empty_plan() -> None:
    first = decide(*ALL, sync=ON)
    assert decide(*ALL, roster=first.roster, sync=ON).changes == []


def test_rule_12_a_plan_can_be_read_twice() -> None:
    after = decide(*ALL, sync=ON)
    assert list(after.done.changes()) == after.changes
    lonely = decide(*ALL[:4], sync={"classes": False})
    assert list(lonely.done.changes()) == lonely.changes


def test_rule_12_diagnostics_come_sorted() -> None:
    items = [*many(3, enrollment, "e", "gone", "x"), *many(3, class_, "c", "Z")]
    after = decide(org("A"), class_("x"), items, schools={"exclude": ["Q"]})
    assert [each.code for each in after.done.diagnostics] == [Code.DATA_DANGLING] * 6 + [Code.SCHOOL_NOT_IN_SOURCE]
    assert after.about(Code.DATA_DANGLING) == ["c000", "c001", "c002", "e000", "e001", "e002"]
