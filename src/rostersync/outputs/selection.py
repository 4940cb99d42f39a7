"""Which rows of the roster go out in a format, so that every id that is referred to is defined.

Only what is active goes out. The index holds ids alone: a district of 100,000 students takes some tens of megabytes,
the rows themselves stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar, cast

from rostersync.model.kind import Kind
from rostersync.model.roster import (
    ACTIVE,
    ClassRow,
    CourseRow,
    EnrollmentRow,
    OrgRow,
    RelationshipRow,
    SessionRow,
    UserRow,
)
from rostersync.outputs.base import RosterReader
from rostersync.outputs.left_out import LeftOut

_NO_CLASS = "its class is left out"
_NO_USER = "its user is left out"
_NO_SCHOOL = "its school is left out"
_NO_ORG = "it belongs to no org that goes out"

Node = TypeVar("Node", OrgRow, SessionRow)
Fault = Callable[[str], str | None]
"""Tells why a sourcedId breaks a format's rule for ids, None where it does not."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a format can hold: `groups` of users, of which those of `homeless` may be without an org."""

    id_fault: Fault
    groups: frozenset[str] = frozenset({"student", "teacher", "staff", "parent"})
    homeless: frozenset[str] = frozenset()
    disabled_logins: bool = True
    sessions_needed: bool = False
    archived_for: timedelta = timedelta(0)


class Selection:
    """The index of what goes out of one roster, and its rows as streams.

    `orgs` and `sessions` are whole rows by id, whose parents go out and never lead back to their children; `courses`
    are ids; `classes` give each class its school; `users` give each user their group; `homes` the orgs of parents who
    have none of their own, which are those of their children; `mixed` the orgs of users who are in schools and in
    others, as nobody is on their own account (rule 1).
    """

    def __init__(self, roster: RosterReader, rules: Rules, left_out: LeftOut) -> None:
        """Read the roster once through, without its enrollments, and note what the format cannot hold."""
        self.roster, self.rules, self.left_out = roster, rules, left_out
        self._barred: dict[Kind, set[str]] = {kind: set() for kind in Kind}
        self._cut: dict[tuple[type, str], str | None] = {}
        self.orgs = _tree(cast("Iterator[OrgRow]", self._fit(Kind.ORGS)), self._cut)
        self.sessions = _tree(cast("Iterator[SessionRow]", self._fit(Kind.SESSIONS)), self._cut)
        self.courses = {row[0] for row in self._fit(Kind.COURSES)}
        self._archived = roster.archived_within(rules.archived_for) if rules.archived_for else frozenset()
        self.classes = dict(self._choose_classes())
        self.users: dict[str, str] = {}
        self.homes: dict[str, tuple[str, ...]] = {}
        self.mixed: dict[str, tuple[str, ...]] = {}
        self.children: dict[str, tuple[str, ...]] = {}
        self._choose_users()

    def real_parent(self, row: OrgRow | SessionRow) -> str | None:
        """The parent that a row has in the roster, also where it does not go out or leads back to the row."""
        return self._cut.get((type(row), row.sourced_id), row.parent_sourced_id)

    def roots(self) -> list[str]:
        """The sessions that are part of no other, such as school years, sorted."""
        return sorted(key for key, row in self.sessions.items() if row.parent_sourced_id is None)

    def orgs_of(self, user: UserRow) -> tuple[str, ...]:
        """The orgs of a user that go out; those of their children for a parent without any."""
        return tuple(org for org in user.orgs if org in self.orgs) or self.homes.get(user.sourced_id, ())

    def course_rows(self) -> Iterator[CourseRow]:
        """Yield the courses that go out."""
        return (row for row in cast("Iterator[CourseRow]", self.roster.rows(Kind.COURSES)) if row[0] in self.courses)

    def class_rows(self) -> Iterator[ClassRow]:
        """Yield the classes that go out."""
        return (row for row in cast("Iterator[ClassRow]", self.roster.rows(Kind.CLASSES)) if row[0] in self.classes)

    def user_rows(self) -> Iterator[UserRow]:
        """Yield the users that go out."""
        return (row for row in cast("Iterator[UserRow]", self.roster.rows(Kind.USERS)) if row[0] in self.users)

    def relationship_rows(self) -> Iterator[RelationshipRow]:
        """Yield the relationships both sides of which go out."""
        rows = cast("Iterator[RelationshipRow]", self.roster.rows(Kind.RELATIONSHIPS))
        return (row for row in rows if row.student_sourced_id in self.users and row.parent_sourced_id in self.users)

    def enrollment_rows(self, *, quietly: bool = False) -> Iterator[EnrollmentRow]:
        """Yield the enrollments that go out, noting those that the format cannot hold unless `quietly`."""
        for row in cast("Iterator[EnrollmentRow]", self.roster.rows(Kind.ENROLLMENTS)):
            why = self._enrollment_fault(row)
            if why and not quietly:
                self.left_out.add(Kind.ENROLLMENTS, row.sourced_id, why)
            elif not why and row.class_sourced_id in self.classes and row.user_sourced_id in self.users:
                yield row

    def bar_user(self, sourced_id: str, why: str) -> None:
        """Take out a user whom the format cannot hold beside the others."""
        self._bar(Kind.USERS, sourced_id, why)
        del self.users[sourced_id]

    def school_of(self, enrollment: EnrollmentRow) -> str:
        """The school of an enrollment: its own where that goes out, else its class's."""
        own = enrollment.school_sourced_id
        return own if own in self.orgs and own else self.classes[enrollment.class_sourced_id]

    def _fit(self, kind: Kind) -> Iterator[tuple[object, ...]]:
        """Yield the rows of a kind whose ids fit the format."""
        for row in self.roster.rows(kind):
            if not self._bar(kind, row[0], self.rules.id_fault(row[0])):
                yield row

    def _bar(self, kind: Kind, sourced_id: str, why: str | None) -> bool:
        """Note a record that the format cannot hold, and tell whether it is one."""
        if why:
            self._barred[kind].add(sourced_id)
            self.left_out.add(kind, sourced_id, why)
        return why is not None

    def _choose_classes(self) -> Iterator[tuple[str, str]]:
        """Yield the classes that go out, each with its school."""
        for row in cast("Iterator[ClassRow]", self.roster.rows(Kind.CLASSES)):
            wanted = row.state == ACTIVE or row.sourced_id in self._archived
            if wanted and not self._bar(Kind.CLASSES, row.sourced_id, self._class_fault(row)):
                yield row.sourced_id, row.school_sourced_id

    def _class_fault(self, row: ClassRow) -> str | None:
        """Why a class cannot go out."""
        if row.school_sourced_id not in self.orgs:
            return _NO_SCHOOL
        if self.rules.sessions_needed and not self.sessions:
            return "a class needs an academic session, and there is none"
        return self.rules.id_fault(row.sourced_id)

    def _choose_users(self) -> None:
        """Choose the users, and find homes for the parents who have none of their own."""
        rules = self.rules
        families = self._families() if "parent" in rules.groups else {}
        children = {child for parents in families.values() for child in parents}
        orgs_of_children: dict[str, tuple[str, ...]] = {}
        homeless = []
        shared: dict[tuple[str, ...], tuple[str, ...]] = {}
        for row in self._fitting_users():
            orgs = self.orgs_of(row)
            if not orgs and row.role not in rules.homeless:
                homeless.append((row.sourced_id, row.role))
                continue
            self.users[row.sourced_id] = row.role
            if len(orgs) > 1 and len({self.orgs[org].type == "school" for org in orgs}) > 1:
                self.mixed[row.sourced_id] = orgs
            if row.sourced_id in children:
                orgs_of_children[row.sourced_id] = shared.setdefault(orgs, orgs)
        self._house(homeless, families, orgs_of_children)
        self.children = {
            parent: tuple(child for child in each if child in self.users)
            for parent, each in families.items()
            if parent in self.users
        }

    def _fitting_users(self) -> Iterator[UserRow]:
        """Yield the active users whom the format can hold."""
        rules = self.rules
        for row in cast("Iterator[UserRow]", self.roster.rows(Kind.USERS)):
            enabled = row.enabled or rules.disabled_logins
            if row.state != ACTIVE or row.role not in rules.groups or not enabled:
                continue
            if not self._bar(Kind.USERS, row.sourced_id, rules.id_fault(row.sourced_id)):
                yield row

    def _families(self) -> dict[str, list[str]]:
        """Gather the children of every parent."""
        families: dict[str, list[str]] = {}
        ids: dict[str, str] = {}
        for row in cast("Iterator[RelationshipRow]", self.roster.rows(Kind.RELATIONSHIPS)):
            child = ids.setdefault(row.student_sourced_id, row.student_sourced_id)
            families.setdefault(row.parent_sourced_id, []).append(child)
        return families

    def _house(
        self,
        homeless: list[tuple[str, str]],
        families: dict[str, list[str]],
        orgs_of_children: dict[str, tuple[str, ...]],
    ) -> None:
        """Give parents without an org those of their children; who then has none cannot go out."""
        for sourced_id, role in homeless:
            orgs = {org for child in families.get(sourced_id, ()) for org in orgs_of_children.get(child, ())}
            if not self._bar(Kind.USERS, sourced_id, None if orgs else _NO_ORG):
                self.users[sourced_id], self.homes[sourced_id] = role, tuple(sorted(orgs))

    def _enrollment_fault(self, row: EnrollmentRow) -> str | None:
        """Why an enrollment whose class and user are active cannot go out."""
        if row.class_sourced_id in self._barred[Kind.CLASSES]:
            return _NO_CLASS
        if row.user_sourced_id in self._barred[Kind.USERS]:
            return _NO_USER
        there = row.class_sourced_id in self.classes and row.user_sourced_id in self.users
        return self.rules.id_fault(row.sourced_id) if there else None


def _tree(found: Iterable[Node], cut: dict[tuple[type, str], str | None]) -> dict[str, Node]:
    """Gather rows by id; parents that do not go out or that lead back to the row itself are taken off into `cut`."""
    rows = {row.sourced_id: row for row in found}
    tree = {key: row if _leads_up(row, rows) else row._replace(parent_sourced_id=None) for key, row in rows.items()}
    cut.update({(type(row), key): row.parent_sourced_id for key, row in rows.items() if tree[key] is not row})
    return tree


def _leads_up(row: OrgRow | SessionRow, rows: Mapping[str, OrgRow | SessionRow]) -> bool:
    """Tell whether the parent of a row goes out, and following the parents does not come back to the row."""
    if row.parent_sourced_id is None:
        return True
    seen: set[str] = set()
    above = rows.get(row.parent_sourced_id)
    if above is None:
        return False
    while above is not None and above.sourced_id not in seen:
        if above.sourced_id == row.sourced_id:
            return False
        seen.add(above.sourced_id)
        above = rows.get(above.parent_sourced_id or "")
    return True
