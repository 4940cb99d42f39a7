"""OneRoster CSV packages, 1.1 and 1.2 (reference §5): mode bulk, every id that is referred to is defined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rostersync.model.kind import Kind
from rostersync.model.roster import EnrollmentRow
from rostersync.outputs.base import RosterReader, Written
from rostersync.outputs.cells import Sheets, listed
from rostersync.outputs.files import replacing
from rostersync.outputs.gaps import Courses, required, school_year, sessions_of
from rostersync.outputs.ids import plain_fault, strict_fault
from rostersync.outputs.left_out import LeftOut
from rostersync.outputs.oneroster_lines import Line, Lines, write_lines
from rostersync.outputs.oneroster_people import People
from rostersync.outputs.selection import Rules, Selection
from rostersync.outputs.vocabulary import CLASS_TYPES, ORG_TYPES, SESSION_TYPES, enrolled, one_of

BASE = ("sourcedId", "status", "dateLastModified")
"""The first columns of every file; the second and third are blank in bulk."""

HEADERS: dict[str, tuple[str, ...]] = {
    "academicSessions": (*BASE, "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"),
    "classes": (
        *BASE,
        *("title", "grades", "courseSourcedId", "classCode", "classType", "location", "schoolSourcedId"),
        *("termSourcedIds", "subjects", "subjectCodes", "periods"),
    ),
    "courses": (
        *(*BASE, "schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects", "subjectCodes"),
    ),
    "enrollments": (
        *(*BASE, "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate"),
    ),
    "orgs": (*BASE, "name", "type", "identifier", "parentSourcedId"),
}

_PARTS_1_1 = (
    *("academicSessions", "categories", "classes", "classResources", "courses", "courseResources", "demographics"),
    *("enrollments", "lineItems", "orgs", "resources", "results", "users"),
)
_PARTS_1_2 = (
    *(*_PARTS_1_1, "lineItemLearningObjectiveIds", "lineItemScoreScales", "resultLearningObjectiveIds"),
    *("resultScoreScales", "roles", "scoreScales", "userProfiles", "userResources"),
)


@dataclass(frozen=True, slots=True)
class OneRosterCsv:
    """One OneRoster package; `tenant` is written as the manifest's source.systemCode."""

    version: Literal["1.1", "1.2"]
    path: Path
    tenant: str | None = None
    spreadsheet_safe: bool = False

    @property
    def format(self) -> str:
        """The name of the format."""
        return f"oneroster-{self.version}"

    def write(self, roster: RosterReader) -> Written:
        """Write the package (base.Output)."""
        left_out = LeftOut()
        with replacing(self.path) as package:
            sheets = Sheets(package, spreadsheet_safe=self.spreadsheet_safe)
            fault = plain_fault if self.version == "1.1" else strict_fault
            selection = Selection(roster, Rules(fault, sessions_needed=True), left_out)
            self._write(sheets, selection)
            rows = package.rows
        return Written(rows, left_out.diagnostics(self.format, self.path))

    def _write(self, sheets: Sheets, selection: Selection) -> None:
        """Write every file, and then the manifest, which says which of them there are."""
        people = People(selection, self.version)
        tables = {**_Tables(selection, self.version).all(), **people.tables()}
        counts = {name: write_lines(sheets, name, *tables[name]) for name in sorted(tables)}
        # A header without rows is not allowed in a package (reference §5).
        for name in (name for name, count in counts.items() if not count):
            sheets.drop(name)
        sheets.write_properties("manifest", self._manifest({name for name, count in counts.items() if count}))

    def _manifest(self, there: set[str]) -> Iterator[tuple[str, str]]:
        """Yield the properties of the manifest."""
        yield "manifest.version", "1.0"
        yield "oneroster.version", self.version
        for name in sorted(_PARTS_1_1 if self.version == "1.1" else _PARTS_1_2):
            yield f"file.{name}", "bulk" if name in there else "absent"
        yield "source.systemName", "rostersync"
        if self.tenant:
            yield "source.systemCode", self.tenant


class _Tables:
    """The rows of all files but those about people."""

    def __init__(self, selection: Selection, version: str) -> None:
        """Look at this selection, in the words of this version."""
        self._selection = selection
        self._courses = Courses(selection)
        self._version, self._extensible = version, version != "1.1"
        self._primary: set[str] = set()

    def all(self) -> dict[str, tuple[tuple[str, ...], Lines]]:
        """Give every file its header and its rows."""
        rows = {
            "academicSessions": self.sessions(),
            "classes": self.classes(),
            "courses": self.courses(),
            "enrollments": self.enrollments(),
            "orgs": self.orgs(),
        }
        return {name: (HEADERS[name], each) for name, each in rows.items()}

    def orgs(self) -> Lines:
        """Yield orgs.csv; an org of a type that the version does not have is a department, which may sit anywhere."""
        for row in self._selection.orgs.values():
            type_ = one_of(row.type, ORG_TYPES, "department", extensible=self._extensible)
            name, parent = required(row.name, row.sourced_id), self._selection.real_parent(row)
            yield Line(
                (row.sourced_id, None, None, name, type_, row.identifier, row.parent_sourced_id),
                (row.sourced_id, None, None, row.name, row.type, row.identifier, parent),
            )

    def sessions(self) -> Lines:
        """Yield academicSessions.csv."""
        sessions = self._selection.sessions
        for row in sessions.values():
            type_ = one_of(row.type, SESSION_TYPES, "term", extensible=self._extensible)
            title, dates = required(row.title, row.sourced_id), (row.start_date, row.end_date)
            year, parent = school_year(row, sessions), self._selection.real_parent(row)
            yield Line(
                (row.sourced_id, None, None, title, type_, *dates, row.parent_sourced_id, year),
                (row.sourced_id, None, None, row.title, row.type, *dates, parent, row.school_year),
            )

    def courses(self) -> Lines:
        """Yield courses.csv; a course that is only made for a class has nothing real."""
        own = {row.sourced_id: row.org_sourced_id for row in self._selection.course_rows()}
        for row in self._courses.rows():
            key = row.sourced_id
            titles, rest = (required(row.title, key), row.course_code, None), (None, None)
            real = (key, None, None, None, row.title, row.course_code, None, own.get(key), *rest)
            yield Line(
                (key, None, None, None, *titles, row.org_sourced_id, *rest), real if key in own else (None, *real[1:])
            )

    def classes(self) -> Lines:
        """Yield classes.csv."""
        for row in self._selection.class_rows():
            type_ = one_of(row.class_type, CLASS_TYPES, "scheduled", extensible=self._extensible)
            title, terms = required(row.title, row.sourced_id), listed(sessions_of(row, self._selection))
            begins, school, ends = (row.sourced_id, None, None), row.school_sourced_id, (None, None, None)
            course = self._courses.of(row)
            yield Line(
                (*begins, title, listed(row.grades), course, row.class_code, type_, None, school, terms, *ends),
                (
                    *(*begins, row.title, row.grades, row.course_sourced_id, row.class_code, row.class_type, None),
                    *(school, row.session_sourced_ids, *ends),
                ),
            )

    def enrollments(self) -> Lines:
        """Yield enrollments.csv."""
        for row in self._selection.enrollment_rows():
            role = enrolled(row.role, self._version)
            if role is None:
                self._selection.left_out.add(Kind.ENROLLMENTS, row.sourced_id, "its role is none of the standard's")
                continue
            begins, school = (row.sourced_id, None, None, row.class_sourced_id), self._selection.school_of(row)
            primary, dates = self._primary_of(row), (row.begin_date, row.end_date)
            yield Line(
                (*begins, school, row.user_sourced_id, role, primary, *dates),
                (
                    *(*begins, row.school_sourced_id and school, row.user_sourced_id, row.role),
                    *("true" if row.is_primary else primary, *dates),
                ),
            )

    def _primary_of(self, row: EnrollmentRow) -> str | None:
        """Whether a teacher is the primary one; the standard allows one in a class, so the first stays it."""
        if row.role != "teacher":
            return None
        if not row.is_primary or row.class_sourced_id in self._primary:
            return "false"
        self._primary.add(row.class_sourced_id)
        return "true"
