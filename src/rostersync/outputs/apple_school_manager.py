"""The six files of Apple School Manager, all of them every time.

The format has no place for parents, for roles in a class other than student and teacher, or for accounts that are not
to be used. Ids are letters, digits and hyphens there; quotation marks and backslashes, which it reads in its own way,
are replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rostersync.model.kind import Kind
from rostersync.model.roster import UserRow
from rostersync.outputs.base import RosterReader, Written
from rostersync.outputs.cells import Cell, Sheets
from rostersync.outputs.files import replacing
from rostersync.outputs.gaps import Courses, Once, required
from rostersync.outputs.ids import any_id, apple_id
from rostersync.outputs.left_out import LeftOut
from rostersync.outputs.selection import Rules, Selection

STUDENTS = (
    *("person_id", "person_number", "first_name", "middle_name", "last_name", "grade_level", "email_address"),
    *("sis_username", "password_policy", "location_id"),
)
STAFF = (
    *("person_id", "person_number", "first_name", "middle_name", "last_name", "email_address", "sis_username"),
    "location_id",
)
COURSES = ("course_id", "course_number", "course_name", "location_id")
CLASSES = (
    *("class_id", "class_number", "course_id", "instructor_id", "instructor_id_2", "instructor_id_3", "location_id"),
)
ROSTERS = ("roster_id", "class_id", "student_id")
LOCATIONS = ("location_id", "location_name")

_INSTRUCTORS = 3
_MOST_INSTRUCTORS = 15
_MOST_LOCATIONS = 999
_GROUPS = frozenset({"student", "teacher", "staff"})

Rows = Iterator[tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class AppleSchoolManager:
    """One zip for Apple School Manager; classes archived for less than `archived_for` still go out."""

    path: Path
    spreadsheet_safe: bool = False
    archived_for: timedelta = timedelta(0)

    @property
    def format(self) -> str:
        """The name of the format."""
        return "apple-school-manager"

    def write(self, roster: RosterReader) -> Written:
        """Write the six files (base.Output)."""
        left_out = LeftOut()
        with replacing(self.path) as package:
            sheets = Sheets(package, spreadsheet_safe=self.spreadsheet_safe)
            rules = Rules(any_id, _GROUPS, disabled_logins=False, archived_for=self.archived_for)
            _write(sheets, Selection(roster, rules, left_out))
            rows = package.rows
        return Written(rows, left_out.diagnostics(self.format, self.path))


def _write(sheets: Sheets, selection: Selection) -> None:
    """Write the files, sorted by name; the enrollments are read twice, so faults are noted the first time alone."""
    courses, instructors, people = Courses(selection), _Instructors(selection), _People(selection)
    more = [f"instructor_id_{number}" for number in range(_INSTRUCTORS + 1, instructors.columns + 1)]
    sheets.write("classes", (*CLASSES, *more), _classes(selection, courses, instructors))
    sheets.write("courses", COURSES, _courses(courses))
    locations = ((apple_id(row.sourced_id), _plain(row.name)) for row in selection.orgs.values())
    sheets.write("locations", LOCATIONS, locations)
    sheets.write("rosters", ROSTERS, _rosters(selection))
    sheets.write("staff", people.header(STAFF, people.staff_locations), people.staff())
    sheets.write("students", people.header(STUDENTS, people.student_locations), people.students())


class _Instructors:
    """Who teaches each class: the primary teacher first, then the others in the order of their enrollments."""

    def __init__(self, selection: Selection) -> None:
        """Read the enrollments once."""
        self._by_class: dict[str, list[str]] = {}
        self.columns = _INSTRUCTORS
        for row in selection.enrollment_rows(quietly=True):
            if row.role == "teacher" and _may(selection, row.sourced_id, row.user_sourced_id, "staff"):
                teachers = self._by_class.setdefault(row.class_sourced_id, [])
                if row.user_sourced_id in teachers:
                    continue
                teachers.insert(0 if row.is_primary else len(teachers), row.user_sourced_id)
        self._cut(selection)

    def of(self, sourced_id: str) -> list[Cell]:
        """The instructors of a class, one for each column."""
        teachers: list[Cell] = [apple_id(each) for each in self._by_class.get(sourced_id, ())]
        return teachers + [None] * (self.columns - len(teachers))

    def _cut(self, selection: Selection) -> None:
        """Leave fifteen instructors to a class, and note the others."""
        for sourced_id, teachers in self._by_class.items():
            if len(teachers) > _MOST_INSTRUCTORS:
                why = f"only {_MOST_INSTRUCTORS} of its teachers go out"
                selection.left_out.add(Kind.CLASSES, sourced_id, why)
                del teachers[_MOST_INSTRUCTORS:]
            self.columns = max(self.columns, len(teachers))


class _People:
    """The rows of students.csv and staff.csv, which have as many columns as anybody has locations."""

    def __init__(self, selection: Selection) -> None:
        """Count the locations."""
        self._selection = selection
        self.staff_locations = self.student_locations = 1
        for row in selection.user_rows():
            count = min(len(selection.orgs_of(row)), _MOST_LOCATIONS)
            if row.role == "student":
                self.student_locations = max(self.student_locations, count)
            else:
                self.staff_locations = max(self.staff_locations, count)

    def header(self, columns: tuple[str, ...], locations: int) -> tuple[str, ...]:
        """The columns of a file, with those for further locations."""
        return (*columns, *(f"location_id_{number}" for number in range(2, locations + 1)))

    def students(self) -> Rows:
        """Yield students.csv; the password policy is left to Apple School Manager."""
        for row in self._selection.user_rows():
            if row.role == "student":
                ends = (_plain(next(iter(row.grades), "")), *_contact(row), None)
                yield *_person(row), *ends, *self._locations(row, self.student_locations)

    def staff(self) -> Rows:
        """Yield staff.csv."""
        for row in self._selection.user_rows():
            if row.role != "student":
                yield *_person(row), *_contact(row), *self._locations(row, self.staff_locations)

    def _locations(self, row: UserRow, columns: int) -> list[Cell]:
        """The locations of somebody, one for each column."""
        orgs: list[Cell] = [apple_id(org) for org in self._selection.orgs_of(row)[:columns]]
        return orgs + [None] * (columns - len(orgs))


def _person(row: UserRow) -> tuple[Cell, ...]:
    """What students and staff begin with."""
    names = (_plain(required(row.given_name)), _plain(row.middle_name), _plain(required(row.family_name)))
    return apple_id(row.sourced_id), _plain(row.identifier), *names


def _contact(row: UserRow) -> tuple[Cell, ...]:
    """Email and username."""
    return _plain(row.email), _plain(row.username)


def _courses(courses: Courses) -> Rows:
    """Yield courses.csv."""
    for row in courses.rows():
        location = apple_id(row.org_sourced_id or "")
        yield apple_id(row.sourced_id), _plain(row.course_code), _plain(row.title), location


def _classes(selection: Selection, courses: Courses, instructors: _Instructors) -> Rows:
    """Yield classes.csv; a class without a code is told from others by its title."""
    for row in selection.class_rows():
        number = _plain(row.class_code or row.title)
        teachers = instructors.of(row.sourced_id)
        begins = (apple_id(row.sourced_id), number, apple_id(courses.of(row)), *teachers[:_INSTRUCTORS])
        yield *begins, apple_id(row.school_sourced_id), *teachers[_INSTRUCTORS:]


def _rosters(selection: Selection) -> Rows:
    """Yield rosters.csv, each student once in a class; the enrollment's id is unique and stays."""
    once = Once()
    for row in selection.enrollment_rows():
        student = row.role == "student" and _may(selection, row.sourced_id, row.user_sourced_id, "student")
        if student and once.first(row, row.role):
            yield apple_id(row.sourced_id), apple_id(row.class_sourced_id), apple_id(row.user_sourced_id)


def _may(selection: Selection, enrollment: str, user: str, where: str) -> bool:
    """Whether somebody stands in the file that their enrollment needs: a person is in one of the two alone."""
    student = selection.users[user] == "student"
    if student is (where == "student"):
        return True
    why = "its student is staff here" if where == "student" else "its teacher is a student here"
    selection.left_out.add(Kind.ENROLLMENTS, enrollment, why)
    return False


def _plain(text: str | None) -> str | None:
    """The text without the characters that Apple School Manager would take for quoting."""
    return text.replace('"', "'").replace("\\", "/") if text else None
