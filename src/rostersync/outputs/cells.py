"""Cells of a CSV file: no line break ever stands inside of one, and lists hold no comma but between their items."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from rostersync.outputs.files import Package

Cell = str | None

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def clean(text: str) -> str:
    """The text with every run of line breaks and control characters as one space, none at its ends."""
    return text if text.isprintable() else _BREAKS.sub(" ", text).strip()


def listed(items: Iterable[str]) -> str:
    """A list as one cell; a comma inside of an item would part it, and becomes a space."""
    return ",".join(clean(item.replace(",", " ")) for item in items)


def defused(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


class Sheets:
    """Writes the CSV files of one package."""

    def __init__(self, package: Package, *, spreadsheet_safe: bool = False) -> None:
        """Write into this package; `spreadsheet_safe` defuses cells that a spreadsheet would run."""
        self._package = package
        self._shown: Callable[[str], str] = _safely if spreadsheet_safe else clean

    def write(self, name: str, header: Iterable[str], rows: Iterable[Iterable[Cell]]) -> int:
        """Write one file, header first, and return its number of rows; None is an empty cell."""
        count = 0
        with self._package.create(f"{name}.csv") as file, _text(file) as text:
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(header)
            for row in rows:
                writer.writerow(self.row(row))
                count += 1
        self._package.rows += count
        return count

    def row(self, cells: Iterable[Cell]) -> list[str]:
        """The cells as they stand in the file; of those that stand so already, the same."""
        shown = self._shown
        return [shown(cell) if cell else "" for cell in cells]

    def drop_last_column(self, name: str) -> None:
        """Take the last column out of a file, in which it is empty but for the header."""
        self._package.rewrite(f"{name}.csv", lambda line: line.rpartition(b",")[0] + b"\n")

    def write_properties(self, name: str, rows: Iterable[tuple[str, str]]) -> None:
        """Write a file about the package itself, whose rows are not counted and which no spreadsheet is meant for."""
        with self._package.create(f"{name}.csv") as file, _text(file) as text:
            writer = csv.writer(text, lineterminator="\n")
            writer.writerows([("propertyName", "value"), *((key, clean(value)) for key, value in rows)])

    def drop(self, name: str) -> None:
        """Take a file out of the package again."""
        self._package.drop(f"{name}.csv")


def _safely(text: str) -> str:
    """Clean and defuse a cell."""
    return defused(clean(text))


@contextmanager
def _text(file: BinaryIO) -> Iterator[io.TextIOWrapper]:
    """Write text into a file as UTF-8 without a mark; the file stays open."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        yield text
        text.flush()
    finally:
        # After an interrupt this may be given up later than the file.
        if not file.closed:
            text.detach()
