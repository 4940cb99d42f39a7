"""OneRoster CSV packages, 1.1 and 1.2 (reference §5): mode bulk, every id that is referred to is defined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rostersync.model.kind import Kind
from rostersync.model.roster import EnrollmentRow
from rostersync.outputs.base import RosterReader, Written
from rostersync.outputs.cells import Cell, Sheets, listed
from rostersync.outputs.files import replacing
from rostersync.outputs.gaps import Courses, required, school_year, sessions_of
from rostersync.outputs.ids import plain_fault, strict_fault
from rostersync.outputs.left_out import LeftOut
from rostersync.outputs.oneroster_people import People
from rostersync.outputs.selection import Rules, Selection
from rostersync.outputs.vocabulary import CLASS_TYPES, ORG_TYPES, ROLES_1_1, SESSION_TYPES, enrolled_1_2, one_of

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

Rows = Iterator[tuple[Cell, ...]]


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
        counts = {name: sheets.write(name, *tables[name]) for name in sorted(tables)}
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
        self._extensible = version != "1.1"
        self._primary: set[str] = set()

    def all(self) -> dict[str, tuple[tuple[str, ...], Rows]]:
        """Give every file its header and its rows."""
        rows = {
            "academicSessions": self.sessions(),
            "classes": self.classes(),
            "courses": self.courses(),
            "enrollments": self.enrollments(),
            "orgs": self.orgs(),
        }
        return {name: (HEADERS[name], each) for name, each in rows.items()}

    def orgs(self) -> Rows:
        """Yield orgs.csv; an org of a type that the version does not have is a department, which may sit anywhere."""
        for row in self._selection.orgs.values():
            type_ = one_of(row.type, ORG_TYPES, "department", extensible=self._extensible)
            name = required(row.name, row.sourced_id)
            yield row.sourced_id, None, None, name, type_, row.identifier, row.parent_sourced_id

    def sessions(self) -> Rows:
        """Yield academicSessions.csv."""
        sessions = self._selection.sessions
        for row in sessions.values():
            type_ = one_of(row.type, SESSION_TYPES, "term", extensible=self._extensible)
            title, year = required(row.title, row.sourced_id), school_year(row, sessions)
            yield row.sourced_id, None, None, title, type_, row.start_date, row.end_date, row.parent_sourced_id, year

    def courses(self) -> Rows:
        """Yield courses.csv."""
        for row in self._courses.rows():
            title = required(row.title, row.sourced_id)
            yield row.sourced_id, None, None, None, title, row.course_code, None, row.org_sourced_id, None, None

    def classes(self) -> Rows:
        """Yield classes.csv."""
        for row in self._selection.class_rows():
            type_ = one_of(row.class_type, CLASS_TYPES, "scheduled", extensible=self._extensible)
            terms = listed(sessions_of(row, self._selection))
            yield (
                *(row.sourced_id, None, None, required(row.title, row.sourced_id), listed(row.grades)),
                *(self._courses.of(row), row.class_code, type_, None, row.school_sourced_id, terms, None, None, None),
            )

    def enrollments(self) -> Rows:
        """Yield enrollments.csv."""
        for row in self._selection.enrollment_rows():
            role = enrolled_1_2(row.role) if self._extensible else ROLES_1_1.get(row.role)
            if role is None:
                self._selection.left_out.add(Kind.ENROLLMENTS, row.sourced_id, "its role is none of the standard's")
                continue
            yield (
                *(row.sourced_id, None, None, row.class_sourced_id, self._selection.school_of(row)),
                *(row.user_sourced_id, role, self._primary_of(row), row.begin_date, row.end_date),
            )

    def _primary_of(self, row: EnrollmentRow) -> str | None:
        """Whether a teacher is the primary one; the standard allows one in a class, so the first stays it."""
        if row.role != "teacher":
            return None
        if not row.is_primary or row.class_sourced_id in self._primary:
            return "false"
        self._primary.add(row.class_sourced_id)
        return "true"
