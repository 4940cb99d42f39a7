"""Tables in CSV files, read whole or not at all.

A row that cannot be read is an account that would be missing. So a file is read to its end and all that is wrong is
told at once, each flaw with its line and none of the data.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, TextIO

from rostersync.errors import DirectoryError

Encoding = Literal["utf-8", "utf-16", "windows-1252", "iso-8859-1"]

_UNDECODED = re.compile("[\udc80-\udcff]")
_SHOWN = 10


class Form(NamedTuple):
    """Where a file is, how it is written, and which key of the configuration says so."""

    path: Path
    delimiter: str = ","
    encoding: Encoding = "utf-8"
    key: str = "directory.path"


class _Reader(Protocol):
    """What `csv.reader` gives."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


class Flaw(NamedTuple):
    """Something wrong in the file; line 1 is the header, line 0 the file as a whole."""

    line: int
    what: str


class Table:
    """One reading of a file with a header row; a value of the column that is `unique` may be there once."""

    def __init__(self, form: Form, columns: Mapping[str, str], needed: Sequence[str], unique: str) -> None:
        """Name the columns by field, and the fields whose column must be there."""
        self._form, self._columns, self._needed, self._unique = form, columns, needed, unique
        self._flaws: list[Flaw] = []
        self._lines: dict[str, int] = {}

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the line of each row and its values, trimmed, by field; raises at the end where a row was flawed.

        RS-DIR-001: there is no file. RS-DIR-002: it may not be read, or lacks a column. RS-DIR-003: rows are flawed.
        """
        form = self._form
        encoding = "utf-8-sig" if form.encoding == "utf-8" else form.encoding
        try:
            with form.path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
                yield from self._read(file)
        except OSError as error:
            raise _not_read(form, error) from error
        except UnicodeError as error:
            raise _flawed(form, [Flaw(0, f"is not {form.encoding}")]) from error

    def flaw(self, line: int, what: str) -> None:
        """Note a flaw; one a line is enough."""
        if not self._flaws or self._flaws[-1].line != line:
            self._flaws.append(Flaw(line, what))

    def _read(self, file: TextIO) -> Iterator[tuple[int, dict[str, str]]]:
        lines = self._lists(csv.reader(self._sound(file), delimiter=self._form.delimiter, strict=True))
        _, header = next(lines, (0, None))
        if header is None or self._flaws:
            raise _flawed(self._form, self._flaws or [Flaw(1, "the file is empty, not even a header row")])
        places = self._places(header)
        for line, row in lines:
            values = {name: row[place] for name, place in places.items() if place < len(row)}
            fault = _width(row, len(header)) or _broken(values) or self._repeated(line, values)
            if fault is None:
                yield line, values
            else:
                self.flaw(line, fault)
        if self._flaws:
            raise _flawed(self._form, self._flaws)

    def _sound(self, file: TextIO) -> Iterator[str]:
        """Pass the lines on, and note those that no file of accounts has."""
        for number, line in enumerate(file, start=1):
            if _UNDECODED.search(line):
                self.flaw(number, f"holds bytes that are not {self._form.encoding}")
            if "\0" in line:
                self.flaw(number, "holds a NUL character")
            yield line

    def _lists(self, reader: _Reader) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows that hold anything, trimmed, with the line in which each begins."""
        while True:
            line = reader.line_num + 1
            try:
                row = [value.strip() for value in next(reader)]
            except StopIteration:
                return
            except csv.Error as error:
                self.flaw(line, f"has a stray quote, or a field without end ({error})")
                continue
            if any(row):
                yield line, row

    def _repeated(self, line: int, values: Mapping[str, str]) -> str | None:
        """Find fault with a row without the value that makes it what it is, or with one of another row."""
        if not values[self._unique]:
            return f"has no {self._unique}"
        first = self._lines.setdefault(values[self._unique], line)
        return None if first == line else f"has the same {self._unique} as line {first}"

    def _places(self, header: Sequence[str]) -> dict[str, int]:
        """Find the columns; those that are needed must be there, and none twice."""
        titles = [title.casefold() for title in header]
        asked = {name: title.strip().casefold() for name, title in self._columns.items()}
        for name, title in asked.items():
            if name in self._needed and title not in titles:
                raise self._without(f'there is no column "{self._columns[name]}"', header)
            if titles.count(title) > 1:
                raise self._without(f'there are several columns "{self._columns[name]}"', header)
        return {name: titles.index(title) for name, title in asked.items() if title in titles}

    def _without(self, what: str, header: Sequence[str]) -> DirectoryError:
        form = self._form
        names = "Name the columns in directory.columns, and check" if form.key == "directory.path" else "Check"
        hint = f"{names} the delimiter ({form.delimiter!r}); the header row has: {', '.join(header)[:200]}"
        return DirectoryError("RS-DIR-002", f"{form.path}:1: {what}", hint)


def _width(row: Sequence[str], width: int) -> str | None:
    """Find fault with a row that is not as wide as the header; empty fields at its end do no harm."""
    fits = len(row) >= width and not any(row[width:])
    return None if fits else f"has {len(row)} fields where the header has {width}"


def _broken(values: Mapping[str, str]) -> str | None:
    """Find fault with a line break in a value, which a quote without its end makes."""
    broken = [name for name, value in values.items() if "\n" in value or "\r" in value]
    return f"has a line break in {broken[0]}: a quote is not closed" if broken else None


def _flawed(form: Form, flaws: Sequence[Flaw]) -> DirectoryError:
    """Tell the flaws, the first ones with their lines."""
    told = [f"{form.path}:{line}: {what}" if line else f"{form.path}: {what}" for line, what in flaws[:_SHOWN]]
    if len(flaws) > _SHOWN:
        told.append(f"and {len(flaws) - _SHOWN:,} more lines")
    hint = (
        f"Write the file again and whole; it is read as {form.encoding} with {form.delimiter!r} between the fields. "
        "No row is skipped: its user would lose the account."
    )
    return DirectoryError("RS-DIR-003", "\n".join(told), hint)


def _not_read(form: Form, error: OSError) -> DirectoryError:
    """Say why the file could not be read, without what the system adds."""
    if isinstance(error, PermissionError):
        return DirectoryError(
            "RS-DIR-002", f"{form.path} may not be read", "Let the user that runs rostersync read it."
        )
    reason = error.strerror or type(error).__name__
    hint = f"Check {form.key} (relative to the configuration file), and that the file is written there."
    return DirectoryError("RS-DIR-001", f"{form.path} cannot be read: {reason}", hint)
