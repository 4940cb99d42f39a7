"""Rule 0: what was read wrong removes nothing, what was read twice counts once, what is not there dangles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from weakref import WeakSet

import pytest

from rostersync.engine.merge import merge
from rostersync.model.codes import Code
from rostersync.model.decision import Reason
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.snapshot import NAMELESS, Course, Entry, Put, Received, Role
from tests.engine.build import (
    class_,
    course,
    decide,
    deleted,
    enrollment,
    newly_rejected,
    org,
    parent,
    rejected,
    rejection,
    session,
    student,
    teacher,
    user,
)


class _Watched(Course, frozen=True, weakref=True):
    """A course that tells whether anybody still holds it."""


ANN_IN_7B = (org("A"), class_("7B"), student("ann"), enrollment("e", "ann", "7B"))


def merged(
    rows: Iterable[Received], before: Iterable[Entry] = (), coverage: Coverage = Coverage.FULL
) -> tuple[dict[str, Entry], list[Diagnostic]]:
    """The courses of a snapshot after a fetch, and what the merge reported."""
    found: list[Diagnostic] = []
    now = {entry.sourced_id: entry for entry in before}
    received = sorted(rows, key=lambda row: row.sourced_id)
    for change in list(merge(Kind.COURSES, sorted(now.values()), received, coverage, found.append)):
        if isinstance(change, Put):
            now[change.entry.sourced_id] = change.entry
        else:
            del now[change.sourced_id]
    return now, found


def got(title: str, modified: str = "") -> Received:
    return Received("c", Course(title, modified=modified))


def test_rule_00_2_a_deleted_record_is_gone_and_says_so() -> None:
    applied = decide(*ANN_IN_7B).roster
    after = decide(*ANN_IN_7B[:3], deleted(Kind.ENROLLMENTS, "e"), roster=applied)
    assert after.removed() == {"e": Reason.RECORD_DELETED}


def test_rule_00_4_a_rejected_record_removes_nothing_and_its_earlier_version_stays_in_force() -> None:
    applied = decide(*ANN_IN_7B).roster
    after = decide(*map(newly_rejected, ANN_IN_7B), roster=applied)
    assert after.changes == []
    assert after.done.counts.rejected_records == 4
    assert sorted(after.about(Code.DATA_REJECTED), key=str) == ["7B", "A", "ann", "e"]
    messages = [found.message for found in after.found(Code.DATA_REJECTED)]
    assert all(message.endswith("title is required; its earlier version stays in force") for message in messages)


@pytest.mark.parametrize("kind", [Kind.USERS, Kind.CLASSES, Kind.ENROLLMENTS, Kind.ORGS, Kind.SESSIONS, Kind.COURSES])
def test_rule_00_4_a_rejected_record_without_an_earlier_version_creates_nothing(kind: Kind) -> None:
    after = decide(org("A"), rejected(kind, "x"))
    assert after.created() == {"A"}
    assert after.about(Code.DATA_REJECTED) == ["x"]
    assert after.found(Code.DATA_REJECTED)[0].message == "x is rejected: title is required"
    assert after.done.counts.rejected_records == 1


@pytest.mark.parametrize("kind", [Kind.USERS, Kind.CLASSES, Kind.ENROLLMENTS, Kind.SESSIONS, Kind.COURSES])
def test_rule_00_4_a_rejected_record_without_an_earlier_version_leaves_the_row_alone(kind: Kind) -> None:
    items = [*ANN_IN_7B, session("t", "2026-01-01", "2026-06-01"), course("m")]
    applied = decide(*items).roster
    last = {item.kind: item for item in items}[kind]
    others = [item for item in items if item is not last and item.kind is not Kind.ENROLLMENTS]
    after = decide(*others, rejected(kind, last.id), roster=applied)
    assert last.id not in after.removed()


def test_rule_00_4_a_rejected_version_leaves_the_accepted_one_and_is_remembered() -> None:
    earlier = Entry("c", Course("Maths"))
    after, _ = merged([Received("c", rejection=rejection())], [earlier])
    assert after == {"c": Entry("c", Course("Maths"), rejection=rejection())}
    still, _ = merged([], after.values(), Coverage.DELTA)
    assert still == after


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (got("Physics"), Entry("c", Course("Physics"))),
        (Received("c", deleted_at=""), Entry("c", deleted=True)),
        (None, None),
    ],
)
def test_rule_00_4_a_rejection_is_forgotten_when_accepted_deleted_or_gone(
    row: Received | None, expected: Entry | None
) -> None:
    after, _ = merged([row] if row else [], [Entry("c", Course("Maths"), rejection=rejection())])
    assert after == ({} if expected is None else {"c": expected})


def test_rule_00_4_a_rejected_version_of_what_was_deleted_is_no_longer_a_deletion() -> None:
    after, _ = merged([Received("c", rejection=rejection())], [Entry("c", deleted=True)])
    assert after == {"c": Entry("c", rejection=rejection())}


def test_rule_00_5_equal_records_are_one_without_a_word() -> None:
    after, found = merged([got("Maths"), got("Maths")])
    assert (after, found) == ({"c": Entry("c", Course("Maths"))}, [])


def test_rule_00_5_the_rejected_drop_out_before_the_later_date_wins() -> None:
    refused = Received("c", rejection=rejection())
    rows = [got("Old", "2026-01-01"), refused, got("New", "2026-01-02"), got("Undated")]
    for order in (rows, rows[::-1]):
        after, found = merged(order)
        assert after == {"c": Entry("c", Course("New", modified="2026-01-02"))}
        assert [(one.code, one.kind, one.sourced_id) for one in found] == [(Code.DATA_DUPLICATE, Kind.COURSES, "c")]


def test_rule_00_5_of_equally_late_records_the_greater_json_wins() -> None:
    for order in ([got("Alpha"), got("Beta")], [got("Beta"), got("Alpha")]):
        after, _ = merged(order)
        assert after == {"c": Entry("c", Course("Beta"))}


def test_rule_00_5_a_later_deletion_wins_over_an_earlier_version() -> None:
    after, _ = merged([got("Maths", "2026-01-01"), Received("c", deleted_at="2026-01-02")])
    assert after == {"c": Entry("c", deleted=True)}


def test_rule_00_5_of_an_equally_late_version_and_deletion_the_greater_json_is_the_deletion() -> None:
    rows = [got("Maths", "2026-01-01"), Received("c", deleted_at="2026-01-01")]
    for order in (rows, rows[::-1]):
        assert merged(order)[0] == {"c": Entry("c", deleted=True)}


def test_rule_00_5_different_rejections_of_one_record_are_reported_once() -> None:
    other = Received("c", rejection=rejection(schools=["A"]))
    after, found = merged([Received("c", rejection=rejection()), other])
    assert after["c"].record is None
    assert len(found) == 1


def test_rule_00_5_one_record_sent_without_end_takes_no_memory_for_it() -> None:
    newest = got("Newest", "2026-01-02")
    alive: WeakSet[Course] = WeakSet()
    most = 0

    def rows() -> Iterator[Received]:
        nonlocal most
        yield newest
        for number in range(3000):
            course = _Watched(f"Course {number}")
            alive.add(course)
            yield Received("c", course)
            del course
            most = max(most, len(alive))

    found: list[Diagnostic] = []
    (op,) = merge(Kind.COURSES, [], rows(), Coverage.FULL, found.append)
    assert op == Put(Entry("c", newest.record))
    assert most < 300
    assert [(one.code, one.message[:38]) for one in found] == [
        (Code.DATA_DUPLICATE, "c came more than 100 times with differ")
    ]


def test_rule_00_5_records_without_sourced_id_are_rejected_and_have_no_name() -> None:
    after, found = merged([Received(f"{NAMELESS}1", rejection=rejection())] * 2)
    assert (len(after), found) == (1, [])
    seen = decide(org("A"), rejected(Kind.USERS, f"{NAMELESS}1"))
    assert seen.about(Code.DATA_REJECTED) == [None]
    assert "without sourcedId" in seen.found(Code.DATA_REJECTED)[0].message


def test_rule_00_5_a_duplicate_without_sourced_id_is_not_named() -> None:
    rows = [Received(NAMELESS, rejection=rejection()), Received(NAMELESS, rejection=rejection(schools=["A"]))]
    _, found = merged(rows)
    assert [one.sourced_id for one in found] == [None]


def test_rule_00_6_an_enrollment_without_user_class_or_school_dangles() -> None:
    after = decide(
        *ANN_IN_7B,
        enrollment("no-user", "bob", "7B"),
        enrollment("no-class", "ann", "8C"),
        enrollment("no-school", "ann", "7B", school="Z"),
        deleted(Kind.USERS, "bob"),
        rejected(Kind.CLASSES, "8C"),
    )
    assert [after.why(each) for each in ("no-user", "no-class", "no-school")] == [Reason.DANGLING_REFERENCE] * 3
    assert after.about(Code.DATA_DANGLING) == ["no-class", "no-school", "no-user"]
    assert "bob" in after.found(Code.DATA_DANGLING)[2].message


def test_rule_00_6_a_class_without_its_school_dangles() -> None:
    after = decide(org("A"), class_("x", "Z"))
    assert after.why("x") is Reason.DANGLING_REFERENCE
    assert after.about(Code.DATA_DANGLING) == ["x"]


def test_rule_00_6_every_other_record_merely_loses_the_reference() -> None:
    after = decide(
        org("A", parent="gone"),
        course("m", "gone"),
        session("t", "2026-01-01", "2026-06-01", parent="gone"),
        class_("x", sessions=["t", "gone"], course="gone"),
        student("ann", orgs=["A", "gone"], agents=("gone",)),
    )
    assert after.row("A").parent_sourced_id is None
    assert after.row("m").org_sourced_id is None
    assert after.row("t").parent_sourced_id is None
    assert (after.row("x").course_sourced_id, after.row("x").session_sourced_ids) == (None, ("t",))
    assert after.row("ann").orgs == ("A",)
    assert after.done.diagnostics == ()


def test_rule_00_6_a_role_in_an_org_that_is_gone_is_held_in_the_orgs_of_the_user() -> None:
    after = decide(org("A"), user("u", Role("teacher", "gone"), Role("student", "A"), orgs=()))
    assert after.row("u").roles == ("student", "teacher")
    assert after.row("u").role == "student"


def test_rule_00_6_a_deleted_user_is_no_child_and_no_parent() -> None:
    after = decide(org("A"), parent("mum", "ann"), deleted(Kind.USERS, "ann"), sync={"parents": True})
    assert after.why("mum") is Reason.NO_CHILD_IN_SCOPE


def test_rule_00_6_a_listed_org_that_is_not_there_selects_nothing() -> None:
    after = decide(org("A", parent="D"), org("B"), deleted(Kind.ORGS, "D"), schools={"include": ["D"]})
    assert after.kept(Kind.USERS) == set()
    assert after.created() == set()
    assert after.about(Code.SCHOOL_NOT_IN_SOURCE) == ["D"]


def test_rule_00_7_an_unknown_role_is_kept_as_it_is_and_is_in_no_group() -> None:
    after = decide(org("A"), user("u", "janitor"), user("v", "janitor", "teacher"))
    assert after.why("u") is Reason.ROLE_NOT_SYNCED
    assert after.row("v").roles == ("janitor", "teacher")


def test_rule_00_numbers_count_decisions() -> None:
    after = decide(
        *ANN_IN_7B,
        teacher("t"),
        user("p", "principal"),
        student("s", orgs=[]),
        newly_rejected(student("r")),
        parent("mum", "ann"),
        sync={"parents": True},
    )
    assert after.done.counts._asdict() == {
        "unmatched_users": 0,
        "matched_students": 2,
        "matched_teachers": 1,
        "matched_staff": 1,
        "matched_parents": 1,
        "imported_classes": 1,
        "enrollments": 1,
        "relationships": 1,
        "schools": 1,
        "held_schools": 0,
        "excluded_users": 1,
        "rejected_records": 1,
    }
