"""What stands where a format requires a value that the roster has not; docs/outputs.md lists all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from heapq import merge

from rostersync.model.kind import Kind
from rostersync.model.roster import ClassRow, CourseRow, EnrollmentRow, SessionRow, UserRow
from rostersync.outputs.cells import clean
from rostersync.outputs.ids import made_id
from rostersync.outputs.selection import Selection
from rostersync.outputs.vocabulary import OVER_SCHOOLS, ROLES_1_1

NO_NAME = "-"
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_JULY = 7
_PARENTS = ("parent", "guardian", "relative")
_GROUPS = ("student", "teacher", "staff", "parent")
_STAFF = tuple(sorted(ROLES_1_1.keys() - {*_PARENTS, "student", "teacher"}))


def required(*values: str | None) -> str:
    """The first of these values that is not empty as a cell; a hyphen where all are."""
    return next((value for value in values if value and clean(value)), NO_NAME)


def school_year(session: SessionRow, sessions: Mapping[str, SessionRow]) -> str:
    """The year in which the session's school year ends: its own or the nearest above it, else by where that begins.

    `2026-2027` is 2027. A school year that begins in July or later ends in the next year.
    """
    above: SessionRow | None = session
    while above is not None:
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
    """The roles of a user, the main one first, without those of groups that they are no longer in (rule 2).

    The group of a roster row is the first that was kept: a role of an earlier one is held elsewhere, or has ended.
    """
    main, first = main_role(user), _GROUPS.index(user.role)
    kept = (role for role in user.roles if _GROUPS.index(_group_of(role)) >= first)
    return sorted(kept, key=lambda role: (role != main, role))


def roles_that_count(user: UserRow) -> list[str]:
    """The roles of a user, also those that belong to no group, without those of groups that they are no longer in."""
    kept = roles_in_order(user)
    return [*kept, *(role for role in user.roles if role not in ROLES_1_1 and role not in kept)]


def _group_of(role: str) -> str:
    """The group of a role (rule 2); roles that belong to none are taken for staff's."""
    return "parent" if role in _PARENTS else role if role in _GROUPS else "staff"


class Usernames:
    """Gives every user a username; what is filled in is no other's, letter case making no difference.

    `doubles` are the users whose own username another one had before.
    """

    def __init__(self, selection: Selection) -> None:
        """Note whose the usernames of the roster are."""
        self._taken: dict[str, str] = {}
        self.doubles: list[str] = []
        for row in selection.user_rows():
            name = clean(row.username or "").casefold()
            if name and self._taken.setdefault(name, row.sourced_id) != row.sourced_id:
                self.doubles.append(row.sourced_id)

    def of(self, row: UserRow) -> str:
        """The username; without one, the email where no other user has it, else the sourcedId."""
        own, email = clean(row.username or ""), clean(row.email or "")
        free = email and self._taken.setdefault(email.casefold(), row.sourced_id) == row.sourced_id
        return own or (email if free else row.sourced_id)


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
        """Yield the courses that go out, their org filled in: the school of their first class, else the top org."""
        top = self._top()
        own_rows = self._selection.course_rows()
        for row in merge(own_rows, sorted(self._made.values()) if made else (), key=lambda row: row.sourced_id):
            own = row.org_sourced_id if row.org_sourced_id in self._selection.orgs else None
            org = own or self._schools.get(row.sourced_id) or top
            if org:
                yield row._replace(org_sourced_id=org)
            else:
                self._selection.left_out.add(Kind.COURSES, row.sourced_id, "it belongs to no org, and there is none")

    def _top(self) -> str | None:
        """The org above the others, a district rather than a school; None where there is no org."""
        orgs = self._selection.orgs
        tops = [key for key, org in orgs.items() if org.parent_sourced_id not in orgs]
        return min(tops or orgs, key=lambda key: (orgs[key].type not in OVER_SCHOOLS, key), default=None)


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
