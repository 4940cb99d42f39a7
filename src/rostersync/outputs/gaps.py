"""What stands where a format requires a value that the roster has not; docs/outputs.md lists all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rostersync.model.kind import Kind
from rostersync.model.roster import ClassRow, CourseRow, EnrollmentRow, SessionRow, UserRow
from rostersync.outputs.cells import clean
from rostersync.outputs.ids import made_id
from rostersync.outputs.selection import Selection
from rostersync.outputs.vocabulary import ROLES_1_1

NO_NAME = "-"
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_JULY = 7
_PARENTS = ("parent", "guardian", "relative")
_STAFF = tuple(sorted(ROLES_1_1.keys() - {*_PARENTS, "student", "teacher"}))


def required(*values: str | None) -> str:
    """The first of these values that is not empty as a cell; a hyphen where all are."""
    return next((value for value in values if value and clean(value)), NO_NAME)


def username(user: UserRow) -> str:
    """The username, else the email, else the sourcedId."""
    return required(user.username, user.email, user.sourced_id)


def school_year(session: SessionRow, sessions: Mapping[str, SessionRow]) -> str:
    """The year in which the session's school year ends: its own or the nearest above it, else by where that begins.

    `2026-2027` is 2027. A school year that begins in July or later ends in the next year.
    """
    seen = set()
    above: SessionRow | None = session
    while above is not None and above.sourced_id not in seen:
        seen.add(above.sourced_id)
        top = above
        years = _YEAR.findall(above.school_year or "")
        if years:
            return str(years[-1])
        above = sessions.get(above.parent_sourced_id or "")
    year, month = int(top.start_date[:4]), int(top.start_date[5:7])
    return f"{year + 1 if month >= _JULY else year:04}"


def sessions_of(row: ClassRow, selection: Selection) -> list[str]:
    """The sessions of a class that go out; a class without any is current in all, so it is in those at the top."""
    return [each for each in row.session_sourced_ids if each in selection.sessions] or selection.roots()


def main_role(user: UserRow) -> str:
    """The role that stands for a user: the one of their group, of several the first."""
    if user.role in ("student", "teacher"):
        return user.role
    if user.role == "parent":
        return next((role for role in _PARENTS if role in user.roles), "parent")
    return next((role for role in _STAFF if role in user.roles), "administrator")


def roles_in_order(user: UserRow) -> list[str]:
    """All roles of a user, the main one first."""
    main = main_role(user)
    return sorted(user.roles, key=lambda role: (role != main, role))


class Courses:
    """The courses of a package: those of the roster, each with an org, and one for each class that has none."""

    def __init__(self, selection: Selection) -> None:
        """Look through the classes once."""
        self._selection = selection
        self._schools: dict[str, str] = {}
        self._made: dict[str, CourseRow] = {}
        for row in selection.class_rows():
            course = self.of(row)
            self._schools.setdefault(course, row.school_sourced_id)
            if course not in selection.courses:
                self._made.setdefault(course, CourseRow(course, row.title, row.class_code, row.school_sourced_id))

    def of(self, row: ClassRow) -> str:
        """The id of a class's course; a made one where the class names none, or one that cannot go out."""
        course = row.course_sourced_id
        if course and (course in self._selection.courses or self._selection.rules.id_fault(course) is None):
            return course
        return made_id("course", row.sourced_id)

    def rows(self, *, made: bool = True) -> Iterator[CourseRow]:
        """Yield the courses that go out, their org filled in: the school of their first class, else the first org."""
        top = min((key for key, org in self._selection.orgs.items() if not org.parent_sourced_id), default=None)
        first = top or min(self._selection.orgs, default=None)
        for row in self._selection.course_rows():
            own = row.org_sourced_id if row.org_sourced_id in self._selection.orgs else None
            org = own or self._schools.get(row.sourced_id) or first
            if org:
                yield row._replace(org_sourced_id=org)
            else:
                self._selection.left_out.add(Kind.COURSES, row.sourced_id, "it belongs to no org, and there is none")
        if made:
            yield from self._made.values()


class Once:
    """Tells which enrollments say what an earlier one has said: the same user in the same class and role."""

    def __init__(self) -> None:
        """Start with none seen. Hashes are kept, not rows: an enrollment takes some sixty bytes."""
        self._seen: set[int] = set()

    def first(self, row: EnrollmentRow, role: str) -> bool:
        """Tell whether this is the first of its like."""
        key = hash((row.class_sourced_id, row.user_sourced_id, role))
        known = key in self._seen
        self._seen.add(key)
        return not known
