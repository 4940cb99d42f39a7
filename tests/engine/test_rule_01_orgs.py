"""Rule 1: which orgs are selected and known, and who and what belongs to them."""

from __future__ import annotations

import pytest

from rostersync.engine.inputs import Entries, Rows
from rostersync.engine.schools import sync_orgs
from rostersync.model.codes import Code
from rostersync.model.decision import Reason
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.policy import Policy, Schools
from rostersync.model.roster import OrgRow
from rostersync.model.snapshot import Entry, Org, Role
from tests.engine.build import AFTER, BEFORE, class_, decide, enrollment, org, student, teacher, user

TREE = (org("D", "district"), org("A", parent="D"), org("B", parent="D"), org("C"))


@pytest.mark.parametrize(
    ("schools", "expected"),
    [
        ({}, "ABCD"),
        ({"include": ["D"]}, "ABD"),
        ({"include": ["D"], "exclude": ["A"]}, "BD"),
        ({"exclude": ["D"], "include": ["A"]}, "A"),
        ({"exclude": ["D"]}, "C"),
        ({"include": ["A"]}, "A"),
    ],
)
def test_rule_01_the_nearest_listed_org_decides(schools: dict[str, list[str]], expected: str) -> None:
    assert set(decide(*TREE, schools=schools).rows(Kind.ORGS)) == set(expected)


def test_rule_01_the_walk_upwards_stops_at_an_org_it_has_seen() -> None:
    ring = (org("A", parent="B"), org("B", parent="A"))
    assert set(decide(*ring).rows(Kind.ORGS)) == {"A", "B"}
    assert decide(*ring, schools={"include": ["X"]}).rows(Kind.ORGS) == {}


def test_rule_01_an_id_that_is_not_in_the_snapshot_is_a_warning() -> None:
    after = decide(org("A"), schools={"include": ["A", "X"], "exclude": ["Y"]})
    assert after.about(Code.SCHOOL_NOT_IN_SOURCE) == ["X", "Y"]


def test_rule_01_the_parent_of_an_org_is_named_only_where_the_roster_has_it() -> None:
    after = decide(*TREE, schools={"include": ["D"], "exclude": ["B"]})
    assert after.row("A").parent_sourced_id == "D"
    assert decide(*TREE, schools={"include": ["A"]}).row("A").parent_sourced_id is None


def test_rule_01_a_class_belongs_to_its_school() -> None:
    after = decide(*TREE, class_("x", "A"), class_("y", "B"), schools={"exclude": ["B"]})
    assert (after.why("x"), after.why("y")) == (None, Reason.SCHOOL_NOT_SELECTED)


def test_rule_01_an_enrollment_of_another_school_than_its_class_is_kept() -> None:
    after = decide(*TREE, class_("x", "A"), student("u"), enrollment("e", "u", "x", school="B"))
    assert after.why("e") is None
    assert after.row("e").school_sourced_id == "B"
    excluded = decide(
        *TREE, class_("x", "A"), student("u"), enrollment("e", "u", "x", school="B"), schools={"exclude": ["B"]}
    )
    assert excluded.why("e") is None


def test_rule_01_an_enrollment_without_a_school_belongs_to_that_of_its_class() -> None:
    after = decide(*TREE, class_("x", "A"), student("u"), enrollment("e", "u", "x"))
    assert after.row("e").school_sourced_id == "A"


def test_rule_01_a_user_of_a_district_and_a_school_belongs_to_the_school_alone() -> None:
    after = decide(*TREE, student("u", orgs=["D", "B"]), schools={"include": ["D"], "exclude": ["B"]})
    assert after.why("u") is Reason.SCHOOL_NOT_SELECTED


def test_rule_01_a_user_of_a_district_alone_belongs_to_it() -> None:
    after = decide(*TREE, user("u", "administrator", orgs=["D"]))
    assert after.row("u").orgs == ("D",)


def test_rule_01_a_user_of_several_schools_is_in_scope_through_any_of_them() -> None:
    after = decide(*TREE, teacher("u", orgs=["C", "B", "A"]), schools={"exclude": ["B"]})
    assert after.row("u").orgs == ("A", "C")


def test_rule_01_the_orgs_of_1_2_are_those_of_the_roles() -> None:
    after = decide(*TREE, user("u", Role("teacher", "A"), Role("student", "B"), orgs=()))
    assert after.row("u").orgs == ("A", "B")


def test_rule_01_the_primary_org_counts_only_where_no_other_resolves() -> None:
    assert decide(*TREE, student("u", orgs=["X"], primary_org="A")).row("u").orgs == ("A",)
    assert decide(*TREE, student("u", orgs=["B"], primary_org="A")).row("u").orgs == ("B",)
    assert decide(*TREE, student("u", orgs=[], primary_org="X")).why("u") is Reason.SCHOOL_NOT_SELECTED


def test_rule_01_an_enrollment_in_a_selected_school_brings_a_user_into_scope() -> None:
    visitor = (student("u", orgs=["B"]), class_("x", "A"), enrollment("e", "u", "x"))
    after = decide(*TREE, *visitor, schools={"exclude": ["B"]})
    assert after.why("u") is None
    assert after.row("u").orgs == ("A",)
    assert after.why("e") is None


def test_rule_01_only_a_live_enrollment_of_a_kept_class_brings_into_scope() -> None:
    visitor = (student("u", orgs=["B"]), class_("x", "A"))
    on = {"respect_enrollment_dates": True}
    gone = enrollment("e", "u", "x", begin_date=AFTER)
    assert decide(*TREE, *visitor, gone, schools={"exclude": ["B"]}, sync=on).why("u") is Reason.SCHOOL_NOT_SELECTED
    assert decide(*TREE, *visitor, gone, schools={"exclude": ["B"]}).why("u") is None
    other = enrollment("e", "u", "x", begin_date=BEFORE, school="Z")
    assert decide(*TREE, *visitor, other, schools={"exclude": ["B"]}).why("u") is Reason.SCHOOL_NOT_SELECTED
    missing = {"missing_classes": "ignore"}
    seen = decide(*TREE, *visitor, enrollment("e", "u", "x"), schools={"exclude": ["B"]}, sync=missing)
    assert seen.why("u") is Reason.SCHOOL_NOT_SELECTED


def test_rule_01_manual_knows_only_the_schools_that_were_put_into_the_roster() -> None:
    row = OrgRow("A", "An old name", "school", None, None, None)
    items = (*TREE, student("a"), student("b", orgs=["B"]), class_("y", "B"), user("d", "principal", orgs=["D"]))
    after = decide(*items, roster=[row], schools={"mode": "manual"})
    assert [after.why(each) for each in "abyd"] == [None, Reason.SCHOOL_UNKNOWN, Reason.SCHOOL_UNKNOWN, None]
    assert after.about(Code.SCHOOL_UNKNOWN) == ["B", "C"]
    assert after.rows(Kind.ORGS) == {"A": row}
    assert after.done.counts.schools == 1


def test_rule_01_auto_knows_every_org() -> None:
    after = decide(*TREE, student("b", orgs=["B"]))
    assert after.why("b") is None
    assert after.found(Code.SCHOOL_UNKNOWN) == []


def test_rule_01_a_user_of_an_unknown_and_an_unselected_school_is_school_unknown() -> None:
    row = OrgRow("A", "A", "school", None, None, None)
    items = (*TREE, student("b", orgs=["B", "C"]), student("c", orgs=["C"]))
    after = decide(*items, roster=[row], schools={"mode": "manual", "exclude": ["C"]})
    assert (after.why("b"), after.why("c")) == (Reason.SCHOOL_UNKNOWN, Reason.SCHOOL_NOT_SELECTED)


def test_rule_01_an_enrollment_in_an_unknown_school_brings_nobody_into_scope() -> None:
    row = OrgRow("A", "A", "school", None, None, None)
    items = (*TREE, student("u", orgs=["C"]), class_("x", "B"), enrollment("e", "u", "x"))
    after = decide(*items, roster=[row], schools={"mode": "manual", "exclude": ["C"]})
    assert after.why("u") is Reason.SCHOOL_NOT_SELECTED


def test_rule_01_a_map_gives_the_local_building_and_may_be_all_that_is_known() -> None:
    mapped = decide(*TREE, schools={"map": {"A": "north"}})
    assert (mapped.row("A").mapped_to, mapped.row("B").mapped_to) == ("north", None)
    after = decide(*TREE, student("b", orgs=["B"]), schools={"map": {"A": "north"}, "unmapped": "ignore"})
    assert after.why("b") is Reason.SCHOOL_UNKNOWN
    assert set(after.rows(Kind.ORGS)) == {"A", "D"}
    assert after.about(Code.SCHOOL_UNKNOWN) == ["B", "C"]


def test_rule_01_schools_sync_puts_the_selected_schools_into_the_roster_also_in_manual_mode() -> None:
    entries = [Entry("A", Org("A", "school")), Entry("B", Org("B", "school")), Entry("X", deleted=True), Entry("Y")]
    rows = Rows([OrgRow(name, name, "school", None, None, None) for name in ("B", "X", "Y", "Z")])
    found: list[Diagnostic] = []
    manual = Policy(Schools(mode="manual", exclude=frozenset("B")))
    changes = sync_orgs(Entries({Kind.ORGS: entries}).entries(Kind.ORGS), rows, manual, found.append)
    assert [(change.action, change.sourced_id, change.reason) for change in changes] == [
        ("create", "A", None),
        ("remove", "B", Reason.SCHOOL_NOT_SELECTED),
        ("remove", "X", Reason.RECORD_DELETED),
        ("remove", "Z", Reason.NOT_IN_SOURCE),
    ]
    assert found == []
