"""From decisions to changes: for each kind, what should be beside what is (rule 12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from rostersync.engine.align import KEY, align
from rostersync.engine.classes import Classes
from rostersync.engine.desired import class_row, course_row, enrollment_row, session_row, user_row
from rostersync.engine.diff import Wanted, compare
from rostersync.engine.enrollments import EnrollmentRules, Enrollments, reason_at
from rostersync.engine.hold import Hold
from rostersync.engine.inputs import Snapshot
from rostersync.engine.match import Matches
from rostersync.engine.orgs import Orgs
from rostersync.engine.parents import Relationships
from rostersync.engine.people import People
from rostersync.engine.schools import known_orgs
from rostersync.engine.verdicts import KEPT, unpack
from rostersync.engine.work import Inputs
from rostersync.model.decision import Reason
from rostersync.model.kind import Kind
from rostersync.model.plan import Change
from rostersync.model.roster import RelationshipRow, Row
from rostersync.model.snapshot import Class, Course, Enrollment, Entry, Session, User


@dataclass(frozen=True, slots=True)
class Decided:
    """Everything that the steps decided; the kept relationships come sorted by their key."""

    orgs: Orgs
    sessions: Mapping[str, Session]
    courses: Mapping[str, str | None]
    classes: Classes
    people: People
    matches: Matches
    rules: EnrollmentRules
    enrollments: Enrollments
    relationships: Relationships
    hold: Hold


Decide = Callable[[Entry], Wanted]
Pair = tuple[str, str]


def changes_of(inputs: Inputs, decided: Decided) -> Iterator[Change]:
    """Stream the changes of every kind; in `schools.mode = "manual"` the orgs stay as they are."""
    orgs_in_roster = _orgs_in_roster(inputs, decided)
    deciders: dict[Kind, Decide] = {
        Kind.ORGS: lambda entry: _org(decided, orgs_in_roster, entry),
        Kind.SESSIONS: lambda entry: _session(inputs, decided, entry),
        Kind.COURSES: lambda entry: _course(inputs, orgs_in_roster, entry),
        Kind.CLASSES: lambda entry: _class(decided, entry),
        Kind.USERS: _user(decided),
        Kind.ENROLLMENTS: _enrollment(decided),
    }
    for kind, decide in deciders.items():
        if kind is not Kind.ORGS or inputs.policy.schools.mode == "auto":
            yield from _compare(inputs, decided, kind, decide)
    yield from _relationships(inputs, decided)


def _compare(inputs: Inputs, decided: Decided, kind: Kind, decide: Decide) -> Iterator[Change]:
    absent = Wanted(None, _absent(inputs, kind))
    pairs = align(inputs.snapshot.entries(kind), inputs.roster.rows(kind), KEY, KEY)

    def stays(kind: Kind, row: Row) -> bool:
        return decided.hold.keeps(kind, row)

    wanted = ((absent if entry is None else _judge(entry, decide), row) for entry, row in pairs)
    if decided.hold:
        wanted = ((want, row) for want, row in wanted if not _needed(decided.hold, kind, want, row))
    return compare(kind, wanted, inputs.policy.sync, stays)


def _absent(inputs: Inputs, kind: Kind) -> Reason:
    """Why a row goes whose record is not in the snapshot at all."""
    of_classes = kind in (Kind.SESSIONS, Kind.COURSES, Kind.CLASSES, Kind.ENROLLMENTS)
    return Reason.CLASSES_NOT_SYNCED if of_classes and not inputs.policy.sync.classes else Reason.NOT_IN_SOURCE


def _judge(entry: Entry, decide: Decide) -> Wanted:
    """Rule 0 for what is not live; the steps' decision for what is."""
    if entry.record is not None:
        return decide(entry)
    return Wanted(None, Reason.RECORD_DELETED if entry.deleted else Reason.RECORD_REJECTED)


def _needed(hold: Hold, kind: Kind, want: Wanted, row: Row | None) -> bool:
    """Whether a row that should go is needed by a held school."""
    return want.row is None and row is not None and hold.needs(kind, row[0])


def _orgs_in_roster(inputs: Inputs, decided: Decided) -> frozenset[str]:
    """The orgs that the roster has once the plan is applied."""
    before = known_orgs(inputs.roster)
    if inputs.policy.schools.mode == "manual":
        return before
    return decided.orgs.open | (before & decided.hold.needed.get(Kind.ORGS, frozenset()))


def _org(decided: Decided, orgs_in_roster: frozenset[str], entry: Entry) -> Wanted:
    reason = decided.orgs.why(entry.sourced_id)
    return Wanted(None if reason else decided.orgs.row(entry.sourced_id, orgs_in_roster), reason)


def _session(inputs: Inputs, decided: Decided, entry: Entry) -> Wanted:
    if not inputs.policy.sync.classes:
        return Wanted(None, Reason.CLASSES_NOT_SYNCED)
    return Wanted(session_row(entry.sourced_id, cast("Session", entry.record), decided.sessions), None)


def _course(inputs: Inputs, orgs_in_roster: frozenset[str], entry: Entry) -> Wanted:
    if not inputs.policy.sync.classes:
        return Wanted(None, Reason.CLASSES_NOT_SYNCED)
    return Wanted(course_row(entry.sourced_id, cast("Course", entry.record), orgs_in_roster), None)


def _class(decided: Decided, entry: Entry) -> Wanted:
    place = decided.classes.ids.find(entry.sourced_id)
    # While classes are off the engine may not have read them at all.
    reason = Reason.CLASSES_NOT_SYNCED if place < 0 else unpack(decided.classes.why[place])
    if reason is not None:
        return Wanted(None, reason)
    return Wanted(class_row(entry.sourced_id, cast("Class", entry.record), decided.courses, decided.sessions), None)


def _user(decided: Decided) -> Decide:
    """Decide users in the order of their places, which is the order of the stream."""
    people, matches = decided.people, decided.matches
    places = iter(range(len(people.ids)))

    def decide(entry: Entry) -> Wanted:
        place = next(places)
        if people.why[place] != KEPT:
            return Wanted(None, unpack(people.why[place]))
        account = matches.account_id(place)
        return Wanted(user_row(entry.sourced_id, cast("User", entry.record), people, place, account), None)

    return decide


def _enrollment(decided: Decided) -> Decide:
    """Decide enrollments in the order of the stream, the only place that is kept of them."""
    found, rules = decided.enrollments, decided.rules
    places = iter(range(len(found.why)))

    def decide(entry: Entry) -> Wanted:
        place = next(places, None)
        if place is None:
            return Wanted(None, Reason.CLASSES_NOT_SYNCED)
        reason = reason_at(found, place)
        if reason is not None:
            return Wanted(None, reason)
        record = cast("Enrollment", entry.record)
        return Wanted(enrollment_row(entry.sourced_id, record, rules.school_of(record, found.class_[place])), None)

    return decide


def _relationships(inputs: Inputs, decided: Decided) -> Iterator[Change]:
    """A relationship whose link is gone goes as `not-in-source`, else as `user-excluded`."""

    def pairs() -> Iterator[tuple[RelationshipRow | None, RelationshipRow | None]]:
        rows = cast("Iterable[RelationshipRow]", inputs.roster.rows(Kind.RELATIONSHIPS))
        return align(decided.relationships, rows, _pair, _pair)

    gone = {_pair(row) for wanted, row in pairs() if wanted is None and row is not None}
    linked = _linked(inputs.snapshot, decided.people, gone) if gone else set()
    wanted = ((_relationship(want, row, linked), row) for want, row in pairs())
    return compare(Kind.RELATIONSHIPS, wanted, inputs.policy.sync, decided.hold.keeps)


def _pair(row: RelationshipRow) -> Pair:
    return row.student_sourced_id, row.parent_sourced_id


def _relationship(want: RelationshipRow | None, row: RelationshipRow | None, linked: set[Pair]) -> Wanted:
    if want is not None or row is None:
        return Wanted(want, None)
    return Wanted(None, Reason.USER_EXCLUDED if _pair(row) in linked else Reason.NOT_IN_SOURCE)


def _linked(snapshot: Snapshot, people: People, pairs: set[Pair]) -> set[Pair]:
    """Those of the (student, parent) pairs which the snapshot still links, from either side; both must be live."""
    found: set[Pair] = set()
    for entry in snapshot.entries(Kind.USERS):
        if isinstance(entry.record, User):
            for agent in filter(people.ids.__contains__, entry.record.agents):
                found.update(pairs & {(entry.sourced_id, agent), (agent, entry.sourced_id)})
    return found
