"""Strict reading of CSV (RFC 4180, and OneRoster's ban on line breaks in cells): whole rows, or where one is broken.

A line that breaks the rules costs its own record and nothing else: reading goes on with the next line. A value is never
changed: `007` stays `007`, a space stays a space.
"""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterator
from typing import Protocol

from rostersync.sources.csv.cells import WHOLE, Broken, Line, Row, is_open, read_line, split, uneven
from rostersync.sources.csv.refusals import EXPORT_AGAIN, Refusal, Unusable

LONGEST_LINE = 1 << 20
"""Bytes that a line, and so a cell, may have."""

_BLOCK = 1 << 18
_MOST_JOINED = 50
_LONGEST_JOINED = 1 << 16
_MOST_COLUMNS = 1000
_UTF8_BOM = codecs.BOM_UTF8
_OTHER_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Readable(Protocol):
    """Bytes that are read from front to back."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, none at the end."""
        ...


class Lines:
    """The rows of one file."""

    def __init__(self, file: str, stream: Readable) -> None:
        """Take the file's name for messages, and its bytes."""
        self._file = file
        self._lines = _lines(file, stream)
        self._back: deque[Line] = deque()

    def header(self) -> list[str]:
        """The cells of the first line.

        Raises:
            Unusable: there is none, or it cannot be read.
        """
        line = next(self._lines, None)
        if line is None:
            raise Unusable(
                "empty-file",
                f"{self._file} is empty: it has no header",
                "A file without records is left out of the package, and its manifest says `absent`.",
                file=self._file,
                line=1,
            )
        row = read_line(line)
        if isinstance(row, Broken):
            raise Unusable(
                row.rule, f"{self._file} line 1: {row.message}", EXPORT_AGAIN, file=self._file, line=1, value=row.value
            )
        if len(row.cells) > _MOST_COLUMNS:
            raise Unusable(
                "header-too-wide",
                f"{self._file} line 1: it has {len(row.cells)} columns",
                EXPORT_AGAIN,
                file=self._file,
                line=1,
            )
        return row.cells

    def rows(self, width: int, *, blanks: bool = False) -> Iterator[Row | Broken]:
        """The rows after the header, each with `width` cells; lines that hold nothing where `blanks` asks for them."""
        for line in self._rest():
            row = read_line(line)
            if isinstance(row, Broken) and row.rule == "unclosed-quote":
                row = self._joined(line, row, width)
            elif isinstance(row, Row):
                if not row.cells[0] and not any(row.cells):
                    if blanks:
                        yield Broken(row.line, "blank-line", "it is empty", 0, [])
                    continue
                if len(row.cells) != width:
                    row = uneven(row, width, ended=line.ended)
            yield row

    def _rest(self) -> Iterator[Line]:
        while True:
            line = self._back.popleft() if self._back else next(self._lines, None)
            if line is None:
                return
            yield line

    def _joined(self, first: Line, broken: Broken, width: int) -> Broken:
        """A cell that goes on in the next lines, where that makes one record of them and none is a record by itself."""
        taken: list[Line] = []
        text = first.text if isinstance(first.text, str) else ""
        for line in self._rest():
            taken.append(line)
            if not isinstance(line.text, str) or len(taken) > _MOST_JOINED or _is_record(line, width):
                break
            text += "\n" + line.text
            if len(text) > _LONGEST_JOINED:
                break
            if WHOLE.fullmatch(text):
                cells = split(text)
                if len(cells) != width:
                    break
                at = next(place for place, cell in enumerate(cells) if "\n" in cell)
                return Broken(first.number, "line-break", "a line break stands inside a cell", at, cells[:at])
            if not is_open(text):
                break
        self._back.extendleft(reversed(taken))
        return broken


def _is_record(line: Line, width: int) -> bool:
    row = read_line(line)
    return isinstance(row, Row) and len(row.cells) == width


def _lines(file: str, stream: Readable) -> Iterator[Line]:
    """Cut bytes into lines, without their ends and without the BOM."""
    number, rest, first = 0, b"", True
    while block := stream.read(_BLOCK):
        rest += block
        if first:
            rest, first = _without_bom(file, rest), False
        end = rest.rfind(b"\n") + 1
        if end:
            yield from _cut(rest[:end], number)
            number += rest.count(b"\n", 0, end)
            rest = rest[end:]
        if len(rest) > LONGEST_LINE:
            raise _too_long(file, number + 1)
    if rest:
        yield Line(number + 1, _decoded(rest.removesuffix(b"\r")), ended=False)


def _cut(block: bytes, number: int) -> Iterator[Line]:
    """Yield the lines of whole lines' bytes."""
    block = block.replace(b"\r\n", b"\n")
    try:
        lines: list[str] | list[bytes] = block.decode().split("\n")
    except UnicodeDecodeError:
        lines = block.split(b"\n")
    lines.pop()
    for line in lines:
        number += 1
        yield Line(number, line if isinstance(line, str) else _decoded(line), ended=True)


def _decoded(line: bytes) -> str | bytes:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line


def _without_bom(file: str, start: bytes) -> bytes:
    if start.startswith(_OTHER_BOMS) or b"\0" in start[:2]:
        raise Unusable(
            "not-utf8",
            f"{file} is not UTF-8 but UTF-16, as spreadsheets call `Unicode text`",
            "Have it exported as UTF-8.",
            file=file,
            line=1,
        )
    return start.removeprefix(_UTF8_BOM)


def _too_long(file: str, line: int) -> Refusal:
    return Refusal(
        "line-too-long",
        f"{file} line {line} is longer than {LONGEST_LINE >> 20} MiB, which no record is",
        "Ask for the export again: its line ends are missing, or a cell holds what does not belong there.",
        file=file,
        line=line,
    )
