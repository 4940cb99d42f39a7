"""Rows as a CSV package of OneRoster 1.1, written as a stream."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.district import DISTRICT, YEAR
from benchmarks.rows import Class, Course, Enrollment, Org, Row, Session, User
from rostersync.sources.csv.layout import LAYOUTS, file_names


def write(path: Path, tables: Mapping[str, Iterable[Row]], mode: str) -> None:
    """Write a zip with a manifest; a file without rows is not in it. `mode` is bulk or delta."""
    modes = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, rows in tables.items():
            if _write_table(archive, name, iter(rows), stamped=mode == "delta"):
                modes[name] = mode
        lines = ["propertyName,value", "manifest.version,1.0", "oneroster.version,1.1"]
        lines += [f"file.{name},{modes.get(name, 'absent')}" for name in file_names("1.1")]
        archive.writestr("manifest.csv", "\r\n".join(lines) + "\r\n")


def _write_table(archive: zipfile.ZipFile, name: str, rows: Iterable[Row], *, stamped: bool) -> bool:
    """Write a file; gives whether there was any row."""
    left = iter(rows)
    first = next(left, None)
    if first is None:
        return False
    cells = _CELLS[type(first)]
    with archive.open(f"{name}.csv", "w", force_zip64=True) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(LAYOUTS["1.1"][name].columns)
        for row in itertools.chain((first,), left):
            status = getattr(row, "status", "active")
            base = (row.sourced_id, status, row.modified) if stamped else (row.sourced_id, "", "")
            writer.writerow((*base, *cells(row)))
    return True


def _org(row: Org) -> tuple[str, ...]:
    return row.name, row.type, row.identifier, row.parent


def _session(row: Session) -> tuple[str, ...]:
    return row.title, row.type, row.begins, row.ends, row.parent, "2027"


def _course(row: Course) -> tuple[str, ...]:
    return YEAR, row.title, row.code, row.grade, DISTRICT, row.subject, row.code[:3]


def _class(row: Class) -> tuple[str, ...]:
    kind = "homeroom" if row.subject == "Homeroom" else "scheduled"
    subject = row.subject, row.code[:3], "1"
    return row.title, row.grade, row.course, row.code, kind, "Room 101", row.school, row.term, *subject


def _user(row: User) -> tuple[str, ...]:
    names = row.given, row.family, row.middle, row.identifier, f"{row.username}@example.org"
    return "true", row.org, row.role, row.username, "", *names, "", "555-0100", ",".join(row.agents), row.grade, ""


def _enrollment(row: Enrollment) -> tuple[str, ...]:
    primary = "true" if row.role == "teacher" else "false"
    return row.class_, row.school, row.user, row.role, primary, row.begins, "2027-06-15"


_CELLS: dict[type, Callable[[Any], tuple[str, ...]]] = {
    Org: _org,
    Session: _session,
    Course: _course,
    Class: _class,
    User: _user,
    Enrollment: _enrollment,
}
