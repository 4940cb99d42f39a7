"""One file of a package as a table: its header, then its rows, each as cells by place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rostersync.sources.csv.cells import Broken, Row
from rostersync.sources.csv.header import Header, read_header
from rostersync.sources.csv.layout import Version
from rostersync.sources.csv.package import Package
from rostersync.sources.csv.refusals import EXPORT_AGAIN, Unusable
from rostersync.sources.csv.text import Lines

MOST_BROKEN = 50_000
"""Lines of a file that may be no records; one with more is something else than a CSV file."""


class Table:
    """A file that is open to be read once."""

    def __init__(self, version: Version, name: str, lines: Lines) -> None:
        """Read the header.

        Raises:
            Unusable: there is none, or it lacks a column that is needed, or has one twice.
        """
        self.name = name
        self.file = f"{name}.csv"
        self._lines = lines
        cells = lines.header()
        self.header: Header = read_header(version, name, cells)
        self._width = len(cells)

    def rows(self, *, blanks: bool = False) -> Iterator[Row | Broken]:
        """The rows after the header, with empty lines where `blanks` asks for them.

        Raises:
            Unusable: the file ends in the middle of a row, or has too many that are no records.
        """
        broken = 0
        for row in self._lines.rows(self._width, blanks=blanks):
            if isinstance(row, Broken):
                broken += row.rule != "blank-line"
                if row.last and row.rule in {"too-few-cells", "unclosed-quote", "not-utf8"}:
                    raise self._cut_off(row)
                if broken > MOST_BROKEN:
                    raise self._no_table(row)
            yield row

    def _no_table(self, row: Broken) -> Unusable:
        return Unusable(
            "too-many-broken",
            f"{self.file} has more than {MOST_BROKEN} lines that are no records, the last of them line {row.line}: "
            f"{row.message}",
            EXPORT_AGAIN,
            file=self.file,
            line=row.line,
        )

    def _cut_off(self, row: Broken) -> Unusable:
        return Unusable(
            "cut-off",
            f"{self.file} ends in the middle of line {row.line}",
            "It was cut off, and what is missing is not known. " + EXPORT_AGAIN,
            file=self.file,
            line=row.line,
        )


@contextmanager
def read_table(package: Package, version: Version, name: str) -> Iterator[Table]:
    """Open a table of a package.

    Raises:
        Refusal: the file cannot be read.
    """
    with package.read(name) as stream:
        yield Table(version, name, Lines(f"{name}.csv", stream))
