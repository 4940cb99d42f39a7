"""Rule 6: parents, and their relationships to the students who are kept."""

# ruff: noqa: ANN401 - options of every kind are passed on
from __future__ import annotations

from typing import Any

import pytest

from rostersync.model.codes import Code
from rostersync.model.decision import Reason
from rostersync.model.directory import Account
from rostersync.model.kind import Kind
from rostersync.model.snapshot import Role
from tests.engine.build import (
    Item,
    Outcome,
    class_,
    decide,
    enrollment,
    org,
    parent,
    student,
    teacher,
    user,
)

ON = {"parents": True}


def family(*items: Item, **options: Any) -> Outcome:
    """What becomes of these people of school A and the excluded school B."""
    return decide(org("A"), org("B"), *items, **{"sync": ON, "schools": {"exclude": ["B"]}, **options})


def test_rule_06_parents_are_not_synced_by_default() -> None:
    after = family(student("ann"), parent("mum", "ann"), sync={})
    assert after.why("mum") is Reason.PARENTS_NOT_SYNCED
    assert after.rows(Kind.RELATIONSHIPS) == {}


def test_rule_06_a_parent_of_a_kept_student_is_kept_with_the_relationship() -> None:
    after = family(student("ann"), parent("mum", "ann"))
    assert after.row("mum").role == "parent"
    assert after.row("ann|mum").relationship == "parent"


def test_rule_06_a_link_is_an_entry_on_either_side_and_both_are_one() -> None:
    from_child = family(student("ann", agents=("mum",)), parent("mum"))
    assert set(from_child.rows(Kind.RELATIONSHIPS)) == {"ann|mum"}
    both = family(student("ann", agents=("mum", "mum", "ann")), parent("mum", "ann"))
    assert set(both.rows(Kind.RELATIONSHIPS)) == {"ann|mum"}
    assert both.done.counts.relationships == 1


def test_rule_06_siblings_and_two_parents() -> None:
    after = family(student("ann"), student("ben"), parent("dad", "ann"), parent("mum", "ben", "ann"))
    assert set(after.rows(Kind.RELATIONSHIPS)) == {"ann|dad", "ann|mum", "ben|mum"}


@pytest.mark.parametrize(("selected", "kept"), [(("parent",), False), (("guardian", "relative"), True)])
def test_rule_06_one_of_their_roles_is_selected(selected: tuple[str, ...], *, kept: bool) -> None:
    after = family(student("ann"), parent("gran", "ann", role="relative"), sync=ON | {"relationship": selected})
    assert after.why("gran") is (None if kept else Reason.RELATIONSHIP_NOT_SELECTED)


def test_rule_06_the_relationship_is_the_first_held_and_selected() -> None:
    roles = user("mum", "relative", "guardian", "parent", orgs=(), email="m@h", agents=("ann",))
    assert family(student("ann"), roles).row("ann|mum").relationship == "parent"
    some = ON | {"relationship": ("relative", "guardian")}
    assert family(student("ann"), roles, sync=some).row("ann|mum").relationship == "guardian"


def test_rule_06_a_parent_needs_an_email() -> None:
    after = family(student("ann"), parent("mum", "ann", email=None))
    assert after.why("mum") is Reason.PARENT_WITHOUT_EMAIL
    assert after.about(Code.USER_NO_EMAIL) == ["mum"]


def test_rule_06_a_parent_needs_a_kept_child() -> None:
    after = family(student("ann", orgs=["B"]), teacher("tim"), parent("mum", "ann", "tim", "gone"))
    assert after.why("mum") is Reason.NO_CHILD_IN_SCOPE
    assert family(student("ann"), parent("mum")).why("mum") is Reason.NO_CHILD_IN_SCOPE


def test_rule_06_the_reasons_in_the_order_of_the_table() -> None:
    nothing = parent("mum", role="relative", email=None)
    assert family(nothing, sync={"relationship": ("parent",)}).why("mum") is Reason.PARENTS_NOT_SYNCED
    assert family(nothing, sync=ON | {"relationship": ("parent",)}).why("mum") is Reason.RELATIONSHIP_NOT_SELECTED
    assert family(nothing).why("mum") is Reason.PARENT_WITHOUT_EMAIL


def test_rule_06_the_own_orgs_of_a_parent_do_not_matter() -> None:
    after = family(student("ann"), parent("mum", "ann", orgs=["B"]))
    assert after.row("mum").orgs == ()
    assert family(student("ann"), parent("mum", "ann", orgs=["A"])).row("mum").orgs == ("A",)


def test_rule_06_a_parent_who_teaches_stays_a_teacher_whatever_this_rule_says() -> None:
    both = user("tim", "teacher", "parent", agents=("ann",))
    after = family(student("ann"), both)
    assert (after.why("tim"), after.row("tim").role) == (None, "teacher")
    assert after.rows(Kind.RELATIONSHIPS) == {}
    assert after.found(Code.USER_NO_EMAIL) == []
    known = family(student("ann"), user("tim", "teacher", "parent", agents=("ann",), email="t@a"))
    assert known.row("tim").role == "teacher"
    assert set(known.rows(Kind.RELATIONSHIPS)) == {"ann|tim"}
    assert family(student("ann"), both, sync={}).why("tim") is None


def test_rule_06_a_teacher_out_of_scope_may_be_kept_as_a_parent() -> None:
    both = user("tim", "teacher", "parent", orgs=["B"], agents=("ann",), email="t@b")
    after = family(student("ann"), both)
    assert (after.row("tim").role, after.row("tim").orgs) == ("parent", ())
    assert family(both, student("ann", orgs=["B"])).why("tim") is Reason.SCHOOL_NOT_SELECTED
    assert family(student("ann"), both, sync={}).why("tim") is Reason.SCHOOL_NOT_SELECTED


def test_rule_06_the_lowest_rule_names_why_a_teacher_and_parent_is_out() -> None:
    both = user("tim", "teacher", "parent", agents=("ann",))
    after = family(student("ann"), both, sync=ON | {"roles": ("student",)})
    assert after.why("tim") is Reason.ROLE_NOT_SYNCED
    assert after.found(Code.USER_NO_EMAIL) == []


def test_rule_06_who_lost_their_email_is_not_revived_as_a_parent() -> None:
    both = user("tom", "teacher", "parent", agents=("ann",), email="t@a")
    after = family(student("ann"), teacher("tim", email="T@a"), both)
    assert after.why("tom") is Reason.DUPLICATE_EMAIL
    assert after.rows(Kind.RELATIONSHIPS) == {}


def test_rule_06_who_lost_their_account_is_not_revived_as_a_parent() -> None:
    both = user("tim", "teacher", "parent", agents=("ann",), email="t@a")
    accounts = [Account("1", ("ann@a",))]
    after = family(student("ann", email="ann@a"), both, accounts=accounts)
    assert after.why("tim") is Reason.UNMATCHED
    assert after.about(Code.USER_UNMATCHED) == ["tim"]


def test_rule_06_a_student_who_lost_their_email_is_no_child() -> None:
    after = family(student("ann", email="x@a"), student("ben", email="x@a"), parent("mum", "ben"))
    assert after.why("ben") is Reason.DUPLICATE_EMAIL
    assert after.why("mum") is Reason.NO_CHILD_IN_SCOPE


def test_rule_06_a_parent_who_is_enrolled_is_judged_as_a_parent_all_the_same() -> None:
    after = family(parent("mum"), class_("x"), enrollment("e", "mum", "x", "proctor"))
    assert after.why("mum") is Reason.NO_CHILD_IN_SCOPE
    assert after.why("e") is Reason.USER_EXCLUDED


def test_rule_06_a_parents_role_counts_within_its_dates() -> None:
    mum = user("mum", Role("parent", None, None, "2026-01-01"), orgs=(), email="m@h", agents=("ann",))
    dates = ON | {"respect_enrollment_dates": True}
    assert family(student("ann"), mum, sync=dates).why("mum") is Reason.SCHOOL_NOT_SELECTED
    assert family(student("ann"), mum).why("mum") is None
