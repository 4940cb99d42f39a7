"""The CSV files of Microsoft School Data Sync v2.1: always the same eight, also where one has no rows.

A file that once went out and is missing makes its records inactive there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rostersync.model.kind import Kind
from rostersync.model.roster import UserRow
from rostersync.outputs.base import RosterReader, Written
from rostersync.outputs.cells import Cell, Sheets, listed
from rostersync.outputs.files import replacing
from rostersync.outputs.gaps import Courses, Once, Usernames, required, roles_in_order, school_year
from rostersync.outputs.ids import plain_fault
from rostersync.outputs.left_out import LeftOut
from rostersync.outputs.selection import Rules, Selection
from rostersync.outputs.vocabulary import ORG_TYPES, ROLES_SDS, SESSION_TYPES, one_of

HEADERS: dict[str, tuple[str, ...]] = {
    "academicSessions": ("sourcedId", "title", "type", "schoolYear", "startDate", "endDate"),
    "classes": ("sourcedId", "orgSourcedId", "title", "sessionSourcedIds", "courseSourcedId"),
    "courses": ("sourcedId", "orgSourcedId", "title", "code", "schoolYearSourcedId", "subject", "grade"),
    "enrollments": ("classSourcedId", "userSourcedId", "role"),
    "orgs": ("sourcedId", "name", "type", "parentSourcedId"),
    "relationships": ("userSourcedId", "relationshipUserSourcedId", "relationshipRole"),
    "roles": (
        *("userSourcedId", "orgSourcedId", "role", "sessionSourcedId", "grade", "isPrimary", "roleStartDate"),
        "roleEndDate",
    ),
    "users": (
        *("sourcedId", "username", "givenName", "familyName", "password", "activeDirectoryMatchId", "email", "phone"),
        "sms",
    ),
}

_RULES = Rules(plain_fault, homeless=frozenset({"parent"}), disabled_logins=False)

Rows = Iterator[tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class SchoolDataSync:
    """One set of files for School Data Sync."""

    path: Path
    spreadsheet_safe: bool = False

    @property
    def format(self) -> str:
        """The name of the format."""
        return "sds-2.1"

    def write(self, roster: RosterReader) -> Written:
        """Write the eight files (base.Output)."""
        left_out = LeftOut()
        with replacing(self.path) as package:
            sheets = Sheets(package, spreadsheet_safe=self.spreadsheet_safe)
            tables = _Tables(Selection(roster, _RULES, left_out)).all()
            for name in sorted(tables):
                sheets.write(name, HEADERS[name], tables[name])
            rows = package.rows
        return Written(rows, left_out.diagnostics(self.format, self.path))


class _Tables:
    """The rows of all files."""

    def __init__(self, selection: Selection) -> None:
        """Look at this selection, without those whose username is another's: accounts are found by it."""
        self._selection = selection
        self._usernames = Usernames(selection)
        for sourced_id in self._usernames.doubles:
            selection.bar_user(sourced_id, "another user has the same username")

    def all(self) -> dict[str, Rows]:
        """Give every file its rows."""
        return {
            "academicSessions": self.sessions(),
            "classes": self.classes(),
            "courses": self.courses(),
            "enrollments": self.enrollments(),
            "orgs": self.orgs(),
            "relationships": self.relationships(),
            "roles": self.roles(),
            "users": self.users(),
        }

    def orgs(self) -> Rows:
        """Yield orgs.csv."""
        for row in self._selection.orgs.values():
            type_ = one_of(row.type, ORG_TYPES, "department", extensible=False)
            yield row.sourced_id, required(row.name, row.sourced_id), type_, row.parent_sourced_id

    def sessions(self) -> Rows:
        """Yield academicSessions.csv."""
        sessions = self._selection.sessions
        for row in sessions.values():
            type_ = one_of(row.type, SESSION_TYPES, "term", extensible=False)
            title = required(row.title, row.sourced_id)
            yield row.sourced_id, title, type_, school_year(row, sessions), row.start_date, row.end_date

    def courses(self) -> Rows:
        """Yield courses.csv."""
        for row in Courses(self._selection).rows(made=False):
            title = required(row.title, row.sourced_id)
            yield row.sourced_id, row.org_sourced_id, title, row.course_code, None, None, None

    def classes(self) -> Rows:
        """Yield classes.csv; neither sessions nor a course are required."""
        for row in self._selection.class_rows():
            sessions = listed(each for each in row.session_sourced_ids if each in self._selection.sessions)
            course = row.course_sourced_id if row.course_sourced_id in self._selection.courses else None
            yield row.sourced_id, row.school_sourced_id, required(row.title, row.sourced_id), sessions, course

    def users(self) -> Rows:
        """Yield users.csv, never with a password."""
        for row in self._selection.user_rows():
            names = (required(row.given_name), required(row.family_name))
            yield row.sourced_id, self._usernames.of(row), *names, None, None, row.email, None, None

    def roles(self) -> Rows:
        """Yield roles.csv: every role in every org; parents have none, relationships tell of them."""
        for row in self._selection.user_rows():
            words = list(dict.fromkeys(ROLES_SDS[role] for role in roles_in_order(row) if role in ROLES_SDS))
            for org in self._selection.orgs_of(row):
                for place, word in enumerate(words):
                    yield row.sourced_id, org, word, None, _grade(row, word), _flag(place == 0), None, None

    def enrollments(self) -> Rows:
        """Yield enrollments.csv, each user once for a class and role."""
        once = Once()
        for row in self._selection.enrollment_rows():
            role = ROLES_SDS.get(row.role)
            if role is None:
                self._selection.left_out.add(Kind.ENROLLMENTS, row.sourced_id, "its role is none of the format's")
            elif once.first(row, role):
                yield row.class_sourced_id, row.user_sourced_id, role

    def relationships(self) -> Rows:
        """Yield relationships.csv."""
        return (tuple(row) for row in self._selection.relationship_rows())


def _grade(row: UserRow, role: str) -> str | None:
    """The grade that goes with a role: of students the first that they have."""
    return next(iter(row.grades), None) if role == "student" else None


def _flag(value: bool) -> str:  # noqa: FBT001 - it is what is written
    """A boolean as a cell."""
    return "true" if value else "false"
