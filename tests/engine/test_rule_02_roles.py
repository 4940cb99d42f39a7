"""Rule 2: which roles are synced, and what they make of a row."""

from __future__ import annotations

import pytest

from rostersync.model.decision import Reason
from rostersync.model.kind import Kind
from rostersync.model.snapshot import Role
from tests.engine.build import AFTER, BEFORE, TODAY, class_, decide, enrollment, org, parent, student, user

TREE = (org("D", "district"), org("A", parent="D"), org("B", parent="D"))
STAFF = (
    "administrator", "aide", "counselor", "districtAdministrator", "principal", "proctor", "siteAdministrator",
    "systemAdministrator",
)  # fmt: skip
DATES = {"respect_enrollment_dates": True}


@pytest.mark.parametrize("role", STAFF)
def test_rule_02_staff_are_these(role: str) -> None:
    assert decide(*TREE, user("u", role)).row("u").role == "staff"
    assert decide(*TREE, user("u", role), sync={"roles": ("teacher",)}).why("u") is Reason.ROLE_NOT_SYNCED


def test_rule_02_a_user_is_in_every_group_and_the_first_kept_one_names_the_row() -> None:
    both = user("u", "teacher", "student", "aide")
    assert decide(*TREE, both).row("u").role == "student"
    assert decide(*TREE, both, sync={"roles": ("staff", "teacher")}).row("u").role == "teacher"
    assert decide(*TREE, both).row("u").roles == ("aide", "student", "teacher")


def test_rule_02_sync_roles_does_not_sync_parents() -> None:
    after = decide(*TREE, parent("mum"), sync={"roles": ("student", "parent")})
    assert after.why("mum") is Reason.PARENTS_NOT_SYNCED


def test_rule_02_in_no_synced_group() -> None:
    after = decide(*TREE, student("u"), user("n"), sync={"roles": ("teacher",)})
    assert (after.why("u"), after.why("n")) == (Reason.ROLE_NOT_SYNCED, Reason.ROLE_NOT_SYNCED)


def test_rule_02_a_role_in_an_org_that_is_not_selected_gives_no_group() -> None:
    mixed = user("u", Role("teacher", "A"), Role("student", "B"), orgs=())
    after = decide(*TREE, mixed, schools={"exclude": ["B"]})
    assert after.row("u").role == "teacher"
    assert after.row("u").roles == ("student", "teacher")
    assert decide(*TREE, mixed, schools={"exclude": ["B"]}, sync={"roles": ("student",)}).why("u") is (
        Reason.ROLE_NOT_SYNCED
    )


def test_rule_02_a_role_in_a_selected_district_gives_a_group_also_to_who_has_schools() -> None:
    mixed = user("u", Role("teacher", "A"), Role("districtAdministrator", "D"), orgs=())
    after = decide(*TREE, mixed, sync={"roles": ("staff",)})
    assert after.row("u").role == "staff"
    assert after.row("u").orgs == ("A",)
    outside = decide(*TREE, mixed, sync={"roles": ("staff",)}, schools={"include": ["A"]})
    assert outside.why("u") is Reason.ROLE_NOT_SYNCED


def test_rule_02_a_role_without_org_is_held_in_all_orgs_of_the_user() -> None:
    mixed = user("u", Role("teacher"), Role("student", "B"), orgs=("A",))
    assert decide(*TREE, mixed, schools={"exclude": ["B"]}).row("u").role == "teacher"


def test_rule_02_who_is_in_scope_through_an_enrollment_is_in_the_groups_of_all_their_roles() -> None:
    visitor = (user("u", Role("teacher", "B"), orgs=()), class_("x"), enrollment("e", "u", "x", "teacher"))
    after = decide(*TREE, *visitor, schools={"exclude": ["B"]})
    assert (after.row("u").role, after.row("u").orgs) == ("teacher", ("A",))


@pytest.mark.parametrize(
    ("begin", "end", "inclusive", "counts"),
    [
        (None, None, False, True),
        (TODAY, AFTER, False, True),
        (AFTER, None, False, False),
        (None, TODAY, False, False),
        (None, TODAY, True, True),
        (None, BEFORE, True, False),
    ],
)
def test_rule_02_a_role_counts_within_its_dates(
    begin: str | None, end: str | None, *, inclusive: bool, counts: bool
) -> None:
    held = user("u", Role("student", "A"), Role("teacher", "B", begin, end), orgs=())
    ends = {"end_dates": "inclusive" if inclusive else "exclusive"}
    after = decide(*TREE, held, sync=DATES | ends)
    assert after.row("u").roles == (("student", "teacher") if counts else ("student",))
    assert after.row("u").orgs == (("A", "B") if counts else ("A",))
    assert decide(*TREE, held, sync=ends).row("u").roles == ("student", "teacher")


def test_rule_02_who_has_no_counting_role_belongs_to_no_org() -> None:
    after = decide(*TREE, user("u", Role("teacher", "A", None, BEFORE), orgs=()), sync=DATES)
    assert after.why("u") is Reason.SCHOOL_NOT_SELECTED


def test_rule_02_the_orgs_of_the_row_are_sorted_and_open() -> None:
    after = decide(*TREE, student("u", orgs=("B", "A", "B")))
    assert after.row("u").orgs == ("A", "B")


def test_rule_02_the_orgs_of_who_is_brought_in_are_the_schools_of_those_classes() -> None:
    items = (org("C"), student("u", orgs=()), class_("x", "B"), class_("y", "A"), class_("z", "C"))
    joins = (enrollment("1", "u", "x"), enrollment("2", "u", "y"), enrollment("3", "u", "z"))
    after = decide(*TREE, *items, *joins, schools={"exclude": ["C"]})
    assert after.row("u").orgs == ("A", "B")
    assert after.kept(Kind.ENROLLMENTS) == {"1", "2"}
