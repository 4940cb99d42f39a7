"""Accounts in a CSV file (`directory.type = "csv"`).

Every flaw stops the run: a row that cannot be read is an account that would be missing, and its user unmatched. So the
file is read to its end and all that is wrong is told at once, each with its line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, TextIO

from rostersync.config.values import AccountField
from rostersync.directories.base import addresses, count, smtp_addresses, text
from rostersync.errors import DirectoryError
from rostersync.model.directory import Account
from rostersync.model.probe import Probe

Encoding = Literal["utf-8", "utf-16", "windows-1252", "iso-8859-1"]
FIELDS: tuple[AccountField, ...] = (
    "id",
    "email",
    "aliases",
    "username",
    "identifier",
    "userMasterIdentifier",
    "sourcedId",
    "disabled",
)
_YES_NO = {"": False} | dict.fromkeys(("true", "yes", "y", "1"), True) | dict.fromkeys(("false", "no", "n", "0"), False)
_BETWEEN_ALIASES = re.compile(r"[\s;,|]+")
_UNDECODED = re.compile("[\udc80-\udcff]")
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class CsvSettings:
    """Where the file is and how to read it.

    `columns` names the columns that the file calls otherwise; `needed` are the keys that are matched by (`match.by`),
    without whose column nobody would be found.
    """

    path: Path
    columns: Mapping[AccountField, str] = field(default_factory=dict)
    delimiter: str = ","
    encoding: Encoding = "utf-8"
    needed: Sequence[AccountField] = ()


class Flaw(NamedTuple):
    """Something wrong in the file; line 1 is the header, line 0 the file as a whole."""

    line: int
    what: str


class CsvDirectory:
    """The accounts of a CSV file with a header row."""

    def __init__(self, settings: CsvSettings) -> None:
        """Keep the settings; the file is opened when it is read."""
        self._settings = settings

    def accounts(self) -> Iterator[Account]:
        """Stream the accounts; raises DirectoryError at the end where anything in the file was wrong.

        RS-DIR-001: there is no file. RS-DIR-002: it may not be read, or lacks a column. RS-DIR-003: rows are flawed.
        """
        settings = self._settings
        encoding = "utf-8-sig" if settings.encoding == "utf-8" else settings.encoding
        try:
            with settings.path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
                yield from _Table(settings, file).accounts()
        except OSError as error:
            raise _not_read(settings.path, error) from error
        except UnicodeError as error:
            raise _flawed(settings, [Flaw(0, f"is not {settings.encoding}")]) from error

    def probe(self) -> Iterator[Probe]:
        """Read the file and count its accounts."""
        return count(self)

    def close(self) -> None:
        """Have nothing to let go of: the file is closed as soon as it is read."""


class _Table:
    """One reading of the file."""

    def __init__(self, settings: CsvSettings, file: TextIO) -> None:
        self._settings = settings
        self._flaws: list[Flaw] = []
        self._lines: dict[str, int] = {}
        self._reader = csv.reader(self._sound(file), delimiter=settings.delimiter, strict=True)

    def accounts(self) -> Iterator[Account]:
        """Yield what can be read, and raise where that was not all."""
        rows = self._rows()
        first = next(rows, None)
        if first is None or self._flaws:
            raise _flawed(self._settings, self._flaws or [Flaw(1, "the file is empty, not even a header row")])
        header = first[1]
        places = _places(self._settings, header)
        for line, row in rows:
            values = {name: row[place] for name, place in places.items() if place < len(row)}
            fault = _width(row, len(header)) or _fault(values) or self._repeated(line, values["id"])
            if fault is None:
                yield _account(values)
            else:
                self._flaw(line, fault)
        if self._flaws:
            raise _flawed(self._settings, self._flaws)

    def _sound(self, file: TextIO) -> Iterator[str]:
        """Pass the lines on, and note those that no file of accounts has."""
        for number, line in enumerate(file, start=1):
            if _UNDECODED.search(line):
                self._flaw(number, f"holds bytes that are not {self._settings.encoding}")
            if "\0" in line:
                self._flaw(number, "holds a NUL character")
            yield line

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows that hold anything, trimmed, with the line in which each begins."""
        while True:
            line = self._reader.line_num + 1
            try:
                row = [value.strip() for value in next(self._reader)]
            except StopIteration:
                return
            except csv.Error as error:
                self._flaw(line, f"has a stray quote, or a field without end ({error})")
                continue
            if any(row):
                yield line, row

    def _repeated(self, line: int, account_id: str) -> str | None:
        first = self._lines.setdefault(account_id, line)
        return None if first == line else f"has the same id as line {first}"

    def _flaw(self, line: int, what: str) -> None:
        """Note a flaw; one a line is enough."""
        if not self._flaws or self._flaws[-1].line != line:
            self._flaws.append(Flaw(line, what))


def _width(row: Sequence[str], width: int) -> str | None:
    """Find fault with a row that is not as wide as the header; empty fields at its end do no harm."""
    fits = len(row) >= width and not any(row[width:])
    return None if fits else f"has {len(row)} fields where the header has {width}"


def _fault(values: Mapping[AccountField, str]) -> str | None:
    """Find fault with the values of an account."""
    if not values["id"]:
        return "has no id"
    if values.get("disabled", "").casefold() not in _YES_NO:
        return "has neither true nor false (yes, no, 1, 0) in disabled"
    broken = [name for name, value in values.items() if "\n" in value or "\r" in value]
    return f"has a line break in {broken[0]}: a quote is not closed" if broken else None


def _account(values: Mapping[AccountField, str]) -> Account:
    """Put the columns in the places of an account."""
    aliases = smtp_addresses(_BETWEEN_ALIASES.split(values.get("aliases", "")))
    return Account(
        id=values["id"],
        emails=addresses([values.get("email"), *aliases]),
        username=text(values.get("username")),
        identifier=text(values.get("identifier")),
        master_identifier=text(values.get("userMasterIdentifier")),
        sourced_id=text(values.get("sourcedId")),
        disabled=_YES_NO[values.get("disabled", "").casefold()],
    )


def _places(settings: CsvSettings, header: Sequence[str]) -> dict[AccountField, int]:
    """Find the columns; those that are named, or matched by, must be there, and none twice."""
    titles = [title.casefold() for title in header]
    asked = {name: settings.columns.get(name, name) for name in FIELDS}
    there = {name: title for name, title in asked.items() if title.strip().casefold() in titles}
    for name, title in asked.items():
        if name not in there and (name == "id" or name in settings.columns or name in settings.needed):
            raise _without(settings, f'there is no column "{title}"', header)
    for title in there.values():
        if titles.count(title.strip().casefold()) > 1:
            raise _without(settings, f'there are several columns "{title}"', header)
    return {name: titles.index(title.strip().casefold()) for name, title in there.items()}


def _without(settings: CsvSettings, what: str, header: Sequence[str]) -> DirectoryError:
    columns = ", ".join(header)[:200]
    hint = f"Name the columns in directory.columns, and check directory.delimiter; the header row has: {columns}"
    return DirectoryError("RS-DIR-002", f"{settings.path}:1: {what}", hint)


def _flawed(settings: CsvSettings, flaws: Sequence[Flaw]) -> DirectoryError:
    """Tell the flaws, the first ones with their lines."""
    told = [f"{settings.path}:{line}: {what}" if line else f"{settings.path}: {what}" for line, what in flaws[:_SHOWN]]
    if len(flaws) > _SHOWN:
        told.append(f"and {len(flaws) - _SHOWN:,} more lines")
    hint = (
        "Export the file again and whole; directory.encoding and directory.delimiter say how it is written. "
        "No row is skipped: its user would lose the account."
    )
    return DirectoryError("RS-DIR-003", "\n".join(told), hint)


def _not_read(path: Path, error: OSError) -> DirectoryError:
    """Say why the file could not be read, without what the system adds."""
    if isinstance(error, PermissionError):
        return DirectoryError("RS-DIR-002", f"{path} may not be read", "Let the user that runs rostersync read it.")
    reason = error.strerror or type(error).__name__
    hint = "Check directory.path (relative to the configuration file), and that the export has run."
    return DirectoryError("RS-DIR-001", f"{path} cannot be read: {reason}", hint)
