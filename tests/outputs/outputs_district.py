"""A small district for the tests of outputs, and ways to read what they write."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from rostersync.model.kind import Kind
from rostersync.model.roster import (
    ROWS,
    ClassRow,
    CourseRow,
    EnrollmentRow,
    OrgRow,
    RelationshipRow,
    Row,
    SessionRow,
    UserRow,
)
from rostersync.outputs.apple_school_manager import AppleSchoolManager
from rostersync.outputs.base import Output
from rostersync.outputs.jsonl import JsonLines
from rostersync.outputs.oneroster_csv import OneRosterCsv
from rostersync.outputs.school_data_sync import SchoolDataSync

FORMATS: dict[str, Callable[[Path], Output]] = {
    "oneroster-1.1": lambda path: OneRosterCsv("1.1", path, "spr-01"),
    "oneroster-1.2": lambda path: OneRosterCsv("1.2", path, "spr-01"),
    "sds-2.1": SchoolDataSync,
    "apple-school-manager": AppleSchoolManager,
    "jsonl": lambda path: JsonLines(path, "springfield", "spr-01"),
}


@dataclass
class Rows:
    """A roster in memory, sorted as the store sorts it (outputs.base.RosterReader)."""

    every: list[Row]
    archived: frozenset[str] = frozenset()
    asked: list[timedelta] = field(default_factory=list)

    def rows(self, kind: Kind) -> Iterator[Row]:
        """Yield the rows of one kind."""
        return iter(sorted(row for row in self.every if isinstance(row, ROWS[kind])))

    def archived_within(self, age: timedelta) -> frozenset[str]:
        """Name the classes of the test."""
        self.asked.append(age)
        return self.archived


def org(sourced_id: str, type_: str = "school", parent: str | None = None, **values: object) -> OrgRow:
    """An org that is called like its sourcedId."""
    return OrgRow(sourced_id, f"Org {sourced_id}", type_, None, parent, None)._replace(**values)  # type: ignore[arg-type]


def term(sourced_id: str, **values: object) -> SessionRow:
    """A term in autumn."""
    return SessionRow(sourced_id, "Fall", "term", "2026-08-15", "2027-01-15", None, "2027")._replace(**values)  # type: ignore[arg-type]


def course(sourced_id: str, **values: object) -> CourseRow:
    """A course of the district."""
    return CourseRow(sourced_id, "Algebra", "ALG", "d1")._replace(**values)  # type: ignore[arg-type]


def class_(sourced_id: str, **values: object) -> ClassRow:
    """A class of school s1."""
    return ClassRow(sourced_id, "7B", "7B-1", "scheduled", "co1", "s1", ("t1",), ("07",))._replace(**values)  # type: ignore[arg-type]


def user(sourced_id: str, role: str = "student", **values: object) -> UserRow:
    """A user of school s1 who has everything."""
    group = {"aide": "staff", "administrator": "staff", "guardian": "parent", "relative": "parent"}.get(role, role)
    email = f"{sourced_id}@example.org"
    row = UserRow(
        *(sourced_id, group, (role,), ("s1",), sourced_id.lower(), email, "Ann", "May", "Lee", f"n-{sourced_id}"),
        *((), 1, None),
    )
    return row._replace(**values)  # type: ignore[arg-type]


def enrollment(sourced_id: str, class_id: str, user_id: str, role: str = "student", **values: object) -> EnrollmentRow:
    """An enrollment in school s1."""
    return EnrollmentRow(sourced_id, class_id, user_id, "s1", role, 0, None, None)._replace(**values)  # type: ignore[arg-type]


def district(*more: Row, without: Iterable[str] = ()) -> Rows:
    """A district with one class, its teacher, two students and a parent; `more` rows, and `without` some ids."""
    rows: list[Row] = [
        org("d1", "district"),
        org("s1", parent="d1", identifier="11004", mapped_to="north"),
        term("t1", parent_sourced_id="y1"),
        term("y1", title="2026/27", type="schoolYear", end_date="2027-08-01"),
        course("co1"),
        class_("c1"),
        user("u1", grades=("07",)),
        user("u2", grades=("08",), enabled=1),
        user("u3", "teacher"),
        user("p1", "parent", orgs=()),
        enrollment("e1", "c1", "u1", begin_date="2026-08-15"),
        enrollment("e2", "c1", "u2"),
        enrollment("e3", "c1", "u3", "teacher", is_primary=1),
        RelationshipRow("u1", "p1", "parent"),
    ]
    return Rows([row for row in rows if row[0] not in set(without)] + list(more))


def read(path: Path) -> dict[str, bytes]:
    """Every file of a zip or folder, by its name."""
    if path.is_dir():
        return {each.name: each.read_bytes() for each in path.iterdir()}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def table(path: Path, name: str) -> list[dict[str, str]]:
    """The rows of one CSV file of a package."""
    text = read(path)[f"{name}.csv"].decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def texts(path: Path) -> dict[str, str]:
    """Every file of a package as text, for goldens."""
    return {name: content.decode("utf-8") for name, content in sorted(read(path).items())}


def names(folder: Path) -> list[str]:
    """What is in a folder, sorted."""
    return sorted(each.name for each in folder.iterdir())
