"""Rule 10: a school that cannot be trusted today is held: its rows stay, and nothing is created through it."""

# ruff: noqa: ANN401 - options of every kind are passed on
from __future__ import annotations

from typing import Any

import pytest

from rostersync.model.codes import Code
from rostersync.model.decision import Reason
from rostersync.model.kind import Kind
from rostersync.model.plan import Action
from rostersync.model.roster import Row
from tests.engine.build import (
    Item,
    Outcome,
    class_,
    course,
    decide,
    deleted,
    enrollment,
    many,
    newly_rejected,
    org,
    parent,
    rejected,
    session,
    student,
    teacher,
    user,
)

A, B = org("A"), org("B")
TEN = many(10, student, "s")
BIG = (A, B, *TEN, class_("x"), *(enrollment(f"e-{each.id}", each.id, "x") for each in TEN))
REST = (A, B, class_("x"))


def roster(*items: Any, **options: Any) -> list[Row]:
    """The roster after these records were applied."""
    return decide(*items, **options).roster


def again(after: Outcome, *items: Any, **options: Any) -> Outcome:
    """The same records once more, on the roster that came of them."""
    return decide(*items, roster=after.roster, **options)


@pytest.mark.parametrize(("users", "held"), [(10, ["A"]), (9, [])])
def test_rule_10_a_school_with_ten_users_and_suddenly_none_is_held(users: int, held: list[str]) -> None:
    after = decide(A, B, roster=roster(A, B, many(users, student, "s")))
    assert after.held() == held
    assert after.about(Code.SCHOOL_HELD) == held
    assert after.done.counts.held_schools == len(held)
    assert len(after.removed()) == (0 if held else users)


def test_rule_10_one_live_user_is_enough_kept_or_not() -> None:
    after = decide(A, B, many(1, student, "s"), roster=roster(*BIG[:12]), sync={"roles": ("teacher",)})
    assert after.held() == []


def test_rule_10_only_active_users_and_no_parents_count() -> None:
    family = [parent(f"p{each.id}", each.id, orgs=["A"]) for each in TEN[:9]]
    before = roster(A, TEN[:9], family, sync={"parents": True})
    assert decide(A, roster=before).held() == []
    disabled = roster(A, TEN[:9], deleted(Kind.USERS, TEN[9].id), roster=roster(A, TEN))
    assert decide(A, roster=disabled).held() == []
    assert decide(A, family, roster=roster(A, TEN)).held() == ["A"]
    assert decide(A, family[:1], user("t", "teacher", "parent"), roster=roster(A, TEN)).held() == []


def test_rule_10_who_visits_a_school_of_others_is_not_its_user() -> None:
    visitor = (teacher("t", orgs=["B"]), enrollment("e", "t", "x", "teacher"))
    assert decide(*REST, *visitor, roster=roster(*BIG, *visitor)).held() == ["A"]
    own = (teacher("t", orgs=[]), enrollment("e", "t", "x", "teacher"))
    assert decide(*REST, *own, roster=roster(*BIG, *own)).held() == []


@pytest.mark.parametrize(("classes", "held"), [(5, ["A"]), (4, [])])
def test_rule_10_a_school_with_five_classes_and_suddenly_none_is_held(classes: int, held: list[str]) -> None:
    before = roster(A, many(classes, class_, "c"))
    assert decide(A, roster=before).held() == held
    assert decide(A, many(1, class_, "c"), roster=before).held() == []
    assert decide(A, roster=before, sync={"classes": False}).held() == []


def test_rule_10_archived_classes_do_not_count() -> None:
    before = roster(A, many(4, class_, "c"), deleted(Kind.CLASSES, "c004"), roster=roster(A, many(5, class_, "c")))
    assert decide(A, roster=before).held() == []


@pytest.mark.parametrize(("bad", "good", "held"), [(10, 189, ["A"]), (10, 190, []), (9, 0, [])])
def test_rule_10_many_rejected_records_hold_their_school(bad: int, good: int, held: list[str]) -> None:
    new = [rejected(Kind.USERS, f"r{number}", schools=["A"]) for number in range(bad)]
    assert decide(A, new, many(good, student, "s")).held() == held
    earlier = [newly_rejected(each) for each in many(bad, student, "r")]
    assert decide(A, earlier, many(good, student, "s")).held() == held


def test_rule_10_the_percentage_is_an_option() -> None:
    items = (A, [rejected(Kind.USERS, f"r{number}", schools=["A"]) for number in range(10)], many(10, student, "s"))
    assert decide(*items, limits={"rejected_percent": 50}).held() == []
    assert decide(*items, limits={"rejected_percent": 49.9}).held() == ["A"]


def test_rule_10_rejected_classes_and_enrollments_count_by_their_school() -> None:
    classes = [rejected(Kind.CLASSES, f"c{number}", schools=["A"]) for number in range(10)]
    assert decide(A, B, classes).held() == ["A"]
    assert decide(A, B, [newly_rejected(each) for each in many(10, class_, "c", "B")]).held() == ["B"]
    named = [rejected(Kind.ENROLLMENTS, f"e{number}", schools=["A"], class_="y") for number in range(10)]
    assert decide(A, B, class_("y", "B"), named).held() == ["A"]
    of_class = [rejected(Kind.ENROLLMENTS, f"e{number}", class_="y") for number in range(10)]
    assert decide(A, B, class_("y", "B"), of_class).held() == ["B"]
    nobodys = [rejected(Kind.ENROLLMENTS, f"e{number}") for number in range(10)]
    assert decide(A, B, class_("y", "B"), nobodys).held() == []
    stand = (class_("y", "B"), teacher("t"))
    earlier = [newly_rejected(each) for each in many(10, enrollment, "e", "t", "y")]
    assert decide(A, B, stand, earlier).held() == ["B"]
    own = [newly_rejected(each) for each in many(10, enrollment, "e", "t", "y", school="A")]
    assert decide(A, B, stand, own).held() == ["A"]


def test_rule_10_rejected_parents_count_for_no_school() -> None:
    parents = [newly_rejected(parent(f"p{number}", orgs=["A"])) for number in range(10)]
    assert decide(A, parents).held() == []


def test_rule_10_dangling_enrollments_count() -> None:
    dangling = many(10, enrollment, "e", "gone", "x")
    assert decide(A, class_("x"), dangling).held() == ["A"]
    assert decide(A, class_("x"), dangling, many(189, student, "s")).held() == []
    assert decide(A, class_("x"), dangling, many(188, student, "s")).held() == ["A"]


def test_rule_10_a_record_that_is_rejected_and_dangles_is_one_record() -> None:
    both = [newly_rejected(each) for each in many(5, enrollment, "e", "gone", "x")]
    assert decide(A, class_("x"), both).held() == []


def test_rule_10_only_selected_known_schools_are_held() -> None:
    before = roster(org("D", "district"), A, many(10, student, "s"), many(10, teacher, "t", orgs=["D"]))
    assert decide(org("D", "district"), A, roster=before).held() == ["A"]
    assert decide(org("D", "district"), A, roster=before, schools={"exclude": ["A"]}).held() == []
    assert decide(org("D", "district"), roster=before).held() == []


def test_rule_10_the_rows_of_a_held_school_stay_exactly_as_they_are() -> None:
    before = roster(*BIG, *many(3, student, "b", orgs=["B"]), user("p", "principal", orgs=["A", "B"]))
    later = (*REST[:2], class_("x", course="new"), *many(2, student, "b", orgs=["B"], given_name="New"))
    after = decide(*later, roster=before)
    assert after.held() == ["A"]
    assert after.removed() == {"b002": Reason.NOT_IN_SOURCE}
    assert after.updated() == {"b000", "b001"}
    assert again(after, *later).changes == []


def test_rule_10_excluding_the_school_lets_it_go() -> None:
    after = decide(*REST, roster=roster(*BIG), schools={"exclude": ["A"]})
    assert after.held() == []
    assert len(after.removed()) == 22


def test_rule_10_parents_related_to_its_students_stay_with_their_relationships() -> None:
    on = {"parents": True}
    mum, dad = parent("mum", "s000"), parent("dad", "b", orgs=["A"])
    before = roster(*BIG, student("b", orgs=["B"]), mum, dad, sync=on)
    after = decide(*REST, roster=before, sync=on)
    assert after.removed() == {
        "b": Reason.NOT_IN_SOURCE,
        "dad": Reason.NOT_IN_SOURCE,
        "b|dad": Reason.NOT_IN_SOURCE,
    }
    assert after.row("mum").state == "active"
    assert after.row("s000|mum").relationship == "parent"


def test_rule_10_nothing_is_created_through_a_held_school() -> None:
    new = (class_("n"), enrollment("e-b", "b", "x"), student("b", orgs=["B"]), parent("mum", "new"))
    flood = [rejected(Kind.USERS, f"r{number}", schools=["A"]) for number in range(10)]
    items = (*BIG, *new, student("new"), enrollment("e-n", "b", "n"), *flood)
    on = {"parents": True}
    after = decide(*items, roster=roster(*BIG), sync=on)
    assert after.held() == ["A"]
    assert [after.why(each) for each in ("n", "e-b", "new", "mum", "e-n")] == [
        Reason.SCHOOL_HELD,
        Reason.SCHOOL_HELD,
        Reason.SCHOOL_HELD,
        Reason.SCHOOL_HELD,
        Reason.CLASS_EXCLUDED,
    ]
    assert after.created() == {"b"}
    assert again(after, *items, sync=on).changes == []


def test_rule_10_what_another_school_brings_in_is_created() -> None:
    flood = [rejected(Kind.USERS, f"r{number}", schools=["A"]) for number in range(10)]
    both = student("both", orgs=["A", "B"])
    visitor = student("visitor", orgs=["A"])
    items = (*BIG, class_("y", "B"), both, visitor, enrollment("v", "visitor", "y"), parent("mum", "both"), *flood)
    on = {"parents": True}
    after = decide(*items, roster=roster(*BIG), sync=on)
    assert after.created() == {"y", "both", "visitor", "v", "mum", "both|mum"}
    assert again(after, *items, sync=on).changes == []


def test_rule_10_a_new_relationship_of_a_student_of_the_held_school_is_not_created() -> None:
    flood = [rejected(Kind.USERS, f"r{number}", schools=["A"]) for number in range(10)]
    on = {"parents": True}
    mum = parent("mum", "b", "s000")
    before = roster(*BIG, student("b", orgs=["B"]), parent("mum", "b"), sync=on)
    after = decide(*BIG, student("b", orgs=["B"]), mum, *flood, roster=before, sync=on)
    assert set(after.rows(Kind.RELATIONSHIPS)) == {"b|mum"}
    assert after.done.counts.relationships == 1


def test_rule_10_decisions_are_counted_not_rows() -> None:
    after = decide(*REST, roster=roster(*BIG))
    assert after.done.counts.matched_students == 0
    assert after.done.counts.imported_classes == 1
    assert len(after.rows(Kind.USERS)) == 10


TERMS = (org("D", "district"), org("A", parent="D"), session("y", "2025-08-01", "2026-07-01"))
NEEDED = (
    *TERMS, session("t", "2026-01-01", "2026-06-01", parent="y"), course("m", "D"), *TEN,
    class_("x", sessions=["t"], course="m"),
)  # fmt: skip


def test_rule_10_orgs_sessions_and_courses_stay_while_a_held_school_needs_them() -> None:
    before = roster(*NEEDED, session("other", "2026-01-01", "2026-06-01"), course("n"))
    after = decide(A, B, roster=before)
    assert set(after.removed()) == {"other", "n"}
    assert {"D", "t", "y", "m"} <= {row[0] for row in after.roster}
    assert again(after, A, B).changes == []


@pytest.mark.parametrize(
    "later",
    [
        [org("A", parent="D")],
        [org("A", parent="E"), org("E", "district")],
        [org("A"), session("t", "2026-01-01", "2026-06-01")],
        [org("A"), session("t", "2026-01-01", "2026-06-01", parent="y")],
        [org("A"), course("m")],
        [org("A"), course("m", "D")],
        [org("A"), course("m", "E"), org("E", "district")],
        [org("A", parent="D"), org("D", "district", parent="E"), org("E", "district")],
    ],
)
def test_rule_10_what_a_held_school_needs_is_settled_in_one_run(later: list[Item]) -> None:
    for exclude in ([], ["D"], ["D", "E"]):
        schools = {"exclude": exclude, "include": ["A"]}
        after = decide(*later, roster=roster(*NEEDED), schools=schools)
        assert after.held() == ["A"]
        assert again(after, *later, schools=schools).changes == []
        rows = {row[0] for row in after.roster}
        assert all(row.parent_sourced_id in {None, *rows} for row in after.rows(Kind.ORGS).values())


def test_rule_10_the_parent_of_an_org_stays_named_while_it_stays_in_the_roster() -> None:
    schools = {"exclude": ["D"], "include": ["A"]}
    after = decide(*NEEDED[:2], roster=roster(*NEEDED), schools=schools)
    assert after.row("A").parent_sourced_id == "D"


def test_rule_10_the_orgs_of_parents_who_stay_are_needed() -> None:
    on = {"parents": True}
    mum = parent("mum", "s000", orgs=["B"])
    after = decide(A, roster=roster(A, B, *TEN, mum, sync=on), sync=on)
    assert after.row("mum").orgs == ("B",)
    assert "B" not in after.removed()


def test_rule_10_a_row_that_a_held_school_keeps_is_not_archived_when_classes_are_switched_off() -> None:
    after = decide(*REST, roster=roster(*BIG), sync={"classes": False})
    assert [change for change in after.changes if change.action is Action.REMOVE] == []


def test_rule_10_a_school_may_be_held_while_classes_are_off_and_unread() -> None:
    after = decide(*BIG[:2], *BIG[12:], roster=roster(*BIG), sync={"classes": False})
    assert after.held() == ["A"]
    assert after.changes == []
