"""Rows of OneRoster files, with a last column for what the standard's columns cannot say (docs/outputs.md).

Where a cell, read by the standard, gives another value than the roster has (a word that the version does not know, a
value that had to be filled in, a line break), that column tells the roster's value, for rostersync to read back. Other
programs pass over it, as over all columns of metadata.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from rostersync.model.metadata import REAL_COLUMN
from rostersync.outputs.cells import Cell, Sheets

Real = str | tuple[str, ...] | None
"""What the roster has: a text, a list, or nothing."""

_NOTHING: Mapping[str, object] = {}


class Line(NamedTuple):
    """One row: its cells, what the roster has in the place of each, and what has no column at all.

    A record that is only made up has no sourcedId in `real`.
    """

    cells: tuple[Cell, ...]
    real: tuple[Real, ...]
    more: Mapping[str, object] = _NOTHING


Lines = Iterator[Line]


def write_lines(sheets: Sheets, name: str, header: tuple[str, ...], lines: Iterable[Line]) -> int:
    """Write one file and return its number of rows; the last column is there only where a row needs it."""
    told: list[None] = []
    count = sheets.write(name, (*header, REAL_COLUMN), _told(sheets, header, lines, told))
    if not told:
        sheets.drop_last_column(name)
    return count


def _told(sheets: Sheets, header: tuple[str, ...], lines: Iterable[Line], told: list[None]) -> Iterator[list[Cell]]:
    """Yield the rows with their last column; `told` is no longer empty when one of them was needed."""
    for line in lines:
        row = sheets.row(line.cells)
        real = {**_differences(header, row, line.real), **line.more}
        if real and not told:
            told.append(None)
        yield [*row, json.dumps(real, separators=(",", ":")) if real else None]


def _differences(header: tuple[str, ...], row: list[str], real: tuple[Real, ...]) -> dict[str, object]:
    """What the roster has where a cell does not say it."""
    return {
        column: there
        for column, cell, there in zip(header, row, real, strict=True)
        if cell != (there or "") and not (isinstance(there, tuple) and cell.split(",") == list(there))
    }
