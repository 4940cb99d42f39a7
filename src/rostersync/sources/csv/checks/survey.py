"""The first reading of a package: which files can be read, how their rows are filled, and which records there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from rostersync.sources.csv.cells import Broken, Row
from rostersync.sources.csv.checks.index import Index, RoleOf, Thing
from rostersync.sources.csv.checks.sense import Cells, facts
from rostersync.sources.csv.coverage import Rows
from rostersync.sources.csv.manifest import Mode
from rostersync.sources.csv.table import Table

_MANY = 5000
_DELETED = {"tobedeleted", "inactive"}


@dataclass(slots=True)
class Seen:
    """What the first reading tells of a file; lines are 0 where there is none."""

    rows: Rows = field(default_factory=Rows)
    broken: int = 0
    first_stamped: int = 0
    first_blank: int = 0
    mode: Mode | None = None
    """What its rows are held to, once it has been judged."""

    def see(self, line: int, status: str, modified: str) -> None:
        """Count one row."""
        self.rows.see(status, modified)
        if status and not self.first_stamped:
            self.first_stamped = line
        if not status and not self.first_blank:
            self.first_blank = line


def trimmed(table: Table, row: Row) -> Cells:
    """The cells of a row by the standard's names."""
    return {name: row.cells[place].strip() for name, place in table.header.places.items()}


def survey(table: Table, index: Index) -> Seen:
    """Read a file into the index.

    Raises:
        Refusal: it cannot be read to its end.
    """
    seen = Seen()
    rows = _whole(table, seen)
    while some := list(islice(rows, _MANY)):
        index.add(table.name, _things(table, some))
        if table.name == "roles":
            index.add_roles(_roles(some))
    return seen


def _whole(table: Table, seen: Seen) -> Iterator[tuple[int, Cells]]:
    for row in table.rows():
        if isinstance(row, Broken):
            seen.broken += 1
            continue
        cells = trimmed(table, row)
        seen.see(row.line, cells.get("status", ""), cells.get("dateLastModified", ""))
        if cells.get("status", "").lower() not in _DELETED:
            yield row.line, cells


def _things(table: Table, rows: list[tuple[int, Cells]]) -> Iterator[tuple[str, Thing]]:
    for line, cells in rows:
        if cells["sourcedId"]:
            yield cells["sourcedId"], facts(table.name, cells, line)


def _roles(rows: list[tuple[int, Cells]]) -> Iterator[tuple[str, RoleOf]]:
    for line, cells in rows:
        if user := cells["userSourcedId"]:
            yield user, RoleOf(line, cells.get("role", ""), cells.get("roleType", ""), cells.get("orgSourcedId", ""))
