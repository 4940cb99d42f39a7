"""The second reading of a file: every row held to its form, its references and its sense."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rostersync.sources.csv.cells import Broken, Row
from rostersync.sources.csv.checks.columns import DANGLING, REFERENCES, Column, columns
from rostersync.sources.csv.checks.finding import Finding, Flaw, finding
from rostersync.sources.csv.checks.index import Index
from rostersync.sources.csv.checks.sense import SENSE, Cells, roles_of
from rostersync.sources.csv.checks.survey import Seen, trimmed
from rostersync.sources.csv.checks.values import moment
from rostersync.sources.csv.layout import LAYOUTS, Version, needed_columns
from rostersync.sources.csv.table import Table

_ODD = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ufffd]|[\u00c2\u00c3][\u0080-\u00bf]|\dE\+\d|NULL|null|undefined|#N/A|#REF!|#VALUE!|NaN"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MOJIBAKE = re.compile(r"[\u00c2\u00c3][\u0080-\u00bf]|\ufffd")
_SPREADSHEET = re.compile(r"\d(?:\.\d+)?E\+\d+")
_NULLS = frozenset({"NULL", "null", "(null)", "undefined", "#N/A", "#REF!", "#VALUE!", "NaN"})
_DELETED = frozenset({"tobedeleted", "inactive"})


@dataclass(slots=True)
class Known:
    """What is known of the package when the rows of a file are looked at: `files` are those that could be read."""

    version: Version
    index: Index
    files: Mapping[str, Seen]
    listed: frozenset[str]
    """The files that are in the package, also those that could not be read."""


@dataclass(slots=True)
class RowChecks:
    """The checks of one file's rows."""

    table: Table
    known: Known
    _columns: list[Column] = field(init=False)
    _needed: list[str] = field(init=False)
    _references: list[tuple[str, str]] = field(init=False)
    _without_file: set[str] = field(init=False, default_factory=set)
    _dated: bool = field(init=False)

    def __post_init__(self) -> None:
        """Look up what the file's columns are held to."""
        name, version, places = self.table.name, self.known.version, self.table.header.places
        self._columns = [column for column in columns(version, name) if column.name in places]
        self._needed = [each for each in LAYOUTS[version][name].columns if each in needed_columns(version, name)]
        self._references = [pair for pair in REFERENCES.get(name, {}).items() if pair[0] in places]
        rows = self._seen.rows
        self._dated = rows.dated == rows.count and bool(rows.dated)

    @property
    def _seen(self) -> Seen:
        return self.known.files[self.table.name]

    def findings(self) -> Iterator[Finding]:
        """The flaws of all rows, in the order of their lines.

        Raises:
            Refusal: the file cannot be read to its end.
        """
        for row in self.table.rows(blanks=True):
            if isinstance(row, Broken):
                column = None if row.rule == "blank-line" else self.table.header.name(row.cell)
                yield finding(Flaw(row.rule, column, row.value, row.message), self.table.file, row.line)
                continue
            for flaw in self._row(row):
                yield finding(flaw, self.table.file, row.line)
        yield from self._of_all()

    def _row(self, row: Row) -> Iterator[Flaw]:
        cells = trimmed(self.table, row)
        yield from self._form(row, cells)
        status = cells.get("status", "").lower()
        yield from self._mode(status, cells)
        if (identifier := cells["sourcedId"]) and (other := self._first(identifier)) not in {None, row.line}:
            yield Flaw("duplicate-id", "sourcedId", identifier, f"line {other} has the same sourcedId")
        if status in _DELETED:
            return
        for name in self._needed:
            if not cells.get(name):
                yield Flaw("required-value", name, "", f"{name} is missing")
        yield from self._types(cells)
        yield from self._refers(cells)
        if sense := SENSE.get(self.table.name):
            yield from sense(cells, row.line, self.known.index)
        if self.table.name == "users" and self.known.version == "1.2" and self._is_bulk("roles"):
            yield from self._without_role(identifier)

    def _first(self, identifier: str) -> int | None:
        return self.known.index.line_of(self.table.name, identifier)

    def _form(self, row: Row, cells: Cells) -> Iterator[Flaw]:
        """What is wrong with a cell, whatever its column."""
        names = self.table.header
        for name, place in names.places.items():
            cell = row.cells[place]
            if cell != cells[name]:
                rule = "whitespace" if cells[name] else "space-only"
                yield Flaw(
                    rule, name, cell, f"{name} has space around its value" if cells[name] else f"{name} is blank"
                )
        if _ODD.search("\uffff".join(row.cells)):
            for name, place in names.places.items():
                yield from _odd(name, row.cells[place])

    def _mode(self, status: str, cells: Cells) -> Iterator[Flaw]:
        """What status and dateLastModified say, and whether they may stand in this file."""
        date, said = cells.get("dateLastModified", ""), cells.get("status", "")
        if said and (flaw := _status(status, said, self.known.version)):
            yield flaw
        if date and (wrong := moment(date)):
            yield Flaw(wrong[0], "dateLastModified", date, f"dateLastModified {wrong[1]}")
        if self._seen.mode == "bulk":
            if said:
                yield Flaw("status-in-bulk", "status", said, "a row of a bulk file has a status")
            if date and not self._dated:
                yield Flaw("date-in-bulk", "dateLastModified", date, "a row of a bulk file has a dateLastModified")
        elif self._seen.mode == "delta":
            yield from _unstamped(said, date)

    def _types(self, cells: Cells) -> Iterator[Flaw]:
        for name, check in self._columns:
            value = cells[name]
            if value and (flaw := check(value)):
                yield Flaw(flaw[0], name, "" if name == "password" else value, f"{name} {flaw[1]}")

    def _refers(self, cells: Cells) -> Iterator[Flaw]:
        """References, which have to lead somewhere where both files are bulk."""
        if self._seen.mode != "bulk":
            return
        for name, target in self._references:
            value = cells[name]
            if not value:
                continue
            if target not in self.known.listed:
                yield from self._no_file(name, target, value)
            elif self._is_bulk(target):
                for each in value.split(",") if name.endswith("s") else [value]:
                    identifier = each.strip()
                    if identifier and self.known.index.find(target, identifier) is None:
                        message = f"{name} names {identifier[:80]!a}, which is not in {target}.csv"
                        yield Flaw(DANGLING[target], name, identifier, message)

    def _no_file(self, name: str, target: str, value: str) -> Iterator[Flaw]:
        """Say once that a file is not there that a column refers to."""
        if name not in self._without_file:
            self._without_file.add(name)
            message = f"{name} refers to records of {target}.csv, which is not in the package"
            yield Flaw("file-referred-to", name, value, message)

    def _is_bulk(self, name: str) -> bool:
        return name in self.known.files and self.known.files[name].mode == "bulk"

    def _without_role(self, user: str) -> Iterator[Flaw]:
        if self._seen.mode == "bulk" and user and not self.known.index.roles(user):
            yield Flaw("user-without-role", "sourcedId", user, f"{user} has no row in roles.csv")

    def _of_all(self) -> Iterator[Finding]:
        """What only shows in all rows together."""
        if self._seen.mode == "bulk" and self._dated:
            message = "the rows of a bulk file have a dateLastModified"
            yield finding(
                Flaw("date-in-bulk", "dateLastModified", "", message), self.table.file, self._seen.first_blank
            )
        if self.table.name == "roles" and self._seen.mode == "bulk":
            for user, roles in self.known.index.users_with_roles():
                for line, flaw in roles_of(user, roles):
                    yield finding(flaw, self.table.file, line)


def _status(status: str, said: str, version: Version) -> Flaw | None:
    """What is wrong with a status that is there, given in lower case and as it is."""
    if status == "inactive":
        return None if version == "1.0" else Flaw("inactive-status", "status", said, "the status is inactive")
    if status not in {"active", "tobedeleted"}:
        return Flaw("unknown-status", "status", said, f"the status is {said[:40]!a}")
    return None if said == status else Flaw("value-case", "status", said, f"status is written {said[:40]!a}")


def _unstamped(said: str, date: str) -> Iterator[Flaw]:
    """What a row of a delta lacks."""
    if not said:
        yield Flaw("status-missing", "status", "", "a row of a delta has no status")
    if not date:
        yield Flaw("date-missing", "dateLastModified", "", "a row of a delta has no dateLastModified")


def _odd(name: str, cell: str) -> Iterator[Flaw]:
    """What no value should hold."""
    if _CONTROL.search(cell):
        yield Flaw("control-character", name, cell, f"{name} has a control character")
    if _MOJIBAKE.search(cell):
        yield Flaw("mojibake", name, cell, f"{name} has letters that were decoded wrongly")
    if _SPREADSHEET.fullmatch(cell):
        yield Flaw("spreadsheet-number", name, cell, f"{name} is {cell[:40]}, as a spreadsheet writes a long number")
    if cell in _NULLS:
        yield Flaw("null-text", name, cell, f"{name} has the text {cell} where it has no value")
