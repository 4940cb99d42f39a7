"""Rule 10: schools that cannot be trusted today, and what stays as it is because of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from rostersync.engine.inputs import Roster
from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.roster import (
    ACTIVE,
    ClassRow,
    EnrollmentRow,
    RelationshipRow,
    Row,
    UserRow,
)

MIN_USERS, MIN_CLASSES, MIN_BAD = 10, 5, 10


class HeldSchool(NamedTuple):
    """A school whose rows stay exactly as they are today, and why."""

    sourced_id: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """What the snapshot has of each school: live users and classes, all records, and those rejected or dangling."""

    users: Mapping[str, int]
    classes: Mapping[str, int]
    records: Mapping[str, int]
    bad: Mapping[str, int]


def find_held(
    schools: Iterable[tuple[str, str]], facts: SchoolFacts, roster: Roster, percent: float, *, classes_on: bool
) -> list[HeldSchool]:
    """Judge each selected, known school, given as (sourcedId, name)."""
    users = Counter(
        org
        for row in cast("Iterable[UserRow]", roster.rows(Kind.USERS))
        if row.state == ACTIVE and row.role != "parent"
        for org in row.orgs
    )
    classes = Counter(
        row.school_sourced_id
        for row in cast("Iterable[ClassRow]", roster.rows(Kind.CLASSES) if classes_on else ())
        if row.state == ACTIVE
    )
    judged = ((school, name, _why(school, facts, users[school], classes[school], percent)) for school, name in schools)
    return [HeldSchool(school, name, why) for school, name, why in judged if why is not None]


def _why(school: str, facts: SchoolFacts, users: int, classes: int, percent: float) -> str | None:
    """The sentence that says why a school is held, None where it is not."""
    if users >= MIN_USERS and not facts.users.get(school):
        return f"the roster has {users} users of it and the source none"
    if classes >= MIN_CLASSES and not facts.classes.get(school):
        return f"the roster has {classes} classes of it and the source none"
    bad, records = facts.bad.get(school, 0), facts.records.get(school, 0)
    if bad >= MIN_BAD and bad * 100 > percent * records:
        return (
            f"{bad} of its {records} users, classes and enrollments are rejected or refer to what is not in the source"
        )
    return None


def held_diagnostic(held: HeldSchool) -> Diagnostic:
    """Say that a school is held, why, and what to do."""
    return Diagnostic(
        Code.SCHOOL_HELD,
        f"{held.name} ({held.sourced_id}) is held, its rows stay as they are: {held.why}",
        "Have the SIS corrected; the next run goes on by itself. If the school is closed, list it in schools.exclude.",
        Kind.ORGS,
        held.sourced_id,
        held.sourced_id,
    )


@dataclass(frozen=True, slots=True)
class Hold:
    """Which rows of the roster stay as they are because of held schools, and which records the roster has at all."""

    schools: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    students: frozenset[str] = frozenset()
    parents: frozenset[str] = frozenset()
    needed: Mapping[Kind, frozenset[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether any school is held."""
        return bool(self.schools)

    def keeps(self, kind: Kind, row: Row) -> bool:
        """Whether this row of the roster stays exactly as it is."""
        if not self.schools:
            return False
        return _KEEPS[kind](self, row)

    def needs(self, kind: Kind, sourced_id: str) -> bool:
        """Whether a row that stays refers to this org, session or course."""
        return sourced_id in self.needed.get(kind, ())


_KEEPS: dict[Kind, Callable[[Hold, Row], bool]] = {
    Kind.ORGS: lambda _hold, _row: False,
    Kind.SESSIONS: lambda _hold, _row: False,
    Kind.COURSES: lambda _hold, _row: False,
    Kind.CLASSES: lambda hold, row: cast("ClassRow", row).school_sourced_id in hold.schools,
    Kind.USERS: lambda hold, row: row[0] in hold.users or row[0] in hold.parents,
    Kind.ENROLLMENTS: lambda hold, row: cast("EnrollmentRow", row).school_sourced_id in hold.schools,
    Kind.RELATIONSHIPS: lambda hold, row: row[0] in hold.students,
}


@dataclass(frozen=True, slots=True)
class References:
    """Where the rows that the rules ask for will point: orgs and sessions to their parents, courses to their orgs."""

    orgs: dict[str, str | None]
    sessions: dict[str, str | None]
    courses: dict[str, str | None]


def freeze(schools: Iterable[str], roster: Roster, references: References) -> Hold:
    """Collect what stays because of the held schools: their users, their students' parents, and what these need."""
    held = frozenset(schools)
    if not held:
        return Hold()
    users: set[str] = set()
    students: set[str] = set()
    for user in cast("Iterable[UserRow]", roster.rows(Kind.USERS)):
        if user.role != "parent" and not held.isdisjoint(user.orgs):
            users.add(user.sourced_id)
            if user.role == "student":
                students.add(user.sourced_id)
    related = cast("Iterable[RelationshipRow]", roster.rows(Kind.RELATIONSHIPS))
    parents = {row.parent_sourced_id for row in related if row.student_sourced_id in students}
    needed = _needed(held, users | parents, roster, references)
    return Hold(held, frozenset(users), frozenset(students), frozenset(parents), needed)


def _needed(
    held: frozenset[str], users: set[str], roster: Roster, references: References
) -> dict[Kind, frozenset[str]]:
    """The orgs, sessions and courses that the rows that stay refer to, with everything above them.

    Rows that the rules ask for anyway are followed to where they will point, so that one run settles what is needed.
    """
    classes = [row for row in cast("Iterable[ClassRow]", roster.rows(Kind.CLASSES)) if row.school_sourced_id in held]
    courses = frozenset(row.course_sourced_id for row in classes if row.course_sourced_id is not None)
    sessions = {session for row in classes for session in row.session_sourced_ids}
    user_rows = cast("Iterable[UserRow]", roster.rows(Kind.USERS))
    orgs = held.union(*(row.orgs for row in user_rows if row.sourced_id in users))
    course_orgs = _pointers(roster.rows(Kind.COURSES), "org_sourced_id") | references.courses
    org_parents = _pointers(roster.rows(Kind.ORGS), "parent_sourced_id") | references.orgs
    session_parents = _pointers(roster.rows(Kind.SESSIONS), "parent_sourced_id") | references.sessions
    return {
        Kind.ORGS: _with_parents({*orgs, *(course_orgs.get(course) for course in courses)}, org_parents),
        Kind.SESSIONS: _with_parents(sessions, session_parents),
        Kind.COURSES: courses,
    }


def _pointers(rows: Iterable[Row], field: str) -> dict[str, str | None]:
    """Where one field of each row points."""
    return {row[0]: getattr(row, field) for row in rows}


def _with_parents(wanted: Iterable[str | None], parent_of: Mapping[str, str | None]) -> frozenset[str]:
    """The wanted rows and every row above them."""
    found: set[str] = set()
    for start in wanted:
        at = start
        while at is not None and at not in found:
            found.add(at)
            at = parent_of.get(at)
    return frozenset(found)
