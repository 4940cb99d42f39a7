"""Strict reading of CSV (RFC 4180, and OneRoster's ban on line breaks in cells): whole rows, or where one is broken.

A line that breaks the rules costs its own record and nothing else: reading goes on with the next line. A value is never
changed: `007` stays `007`, a space stays a space.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from rostersync.sources.csv.refusals import EXPORT_AGAIN, Refusal, Unusable

LONGEST_LINE = 1 << 20
"""Bytes that a line, and so a cell, may have."""

_BLOCK = 1 << 18
_MOST_JOINED = 50
_UTF8_BOM = codecs.BOM_UTF8
_OTHER_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LINE = re.compile(r'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\n]*+)(?:,(?:"[^"]*+(?:""[^"]*+)*+"|[^",\n]*+))*+')
_CELL = re.compile(r'("[^"]*+(?:""[^"]*+)*+"|[^",\n]*+)(,|\Z)')
_OPENED = re.compile(r'"[^"]*+(?:""[^"]*+)*+')


class Readable(Protocol):
    """Bytes that are read from front to back."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, none at the end."""
        ...


class Row(NamedTuple):
    """One record's line and its cells."""

    line: int
    cells: list[str]


class Broken(NamedTuple):
    """A line that is no record: the rule that it breaks, in which cell (from 0), and the cells before that one."""

    line: int
    rule: str
    message: str
    cell: int
    cells: list[str]
    value: str = ""
    last: bool = False
    """Whether the file ends with it, without an end of line: then the file may have been cut off."""


class _Line(NamedTuple):
    """A line as it stands in the file: its text, or its bytes where they are no UTF-8."""

    number: int
    text: str | bytes
    ended: bool


class Lines:
    """The rows of one file."""

    def __init__(self, file: str, stream: Readable) -> None:
        """Take the file's name for messages, and its bytes."""
        self._file = file
        self._lines = _lines(file, stream)
        self._back: deque[_Line] = deque()

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
        row = _read(line)
        if isinstance(row, Broken):
            raise Unusable(
                row.rule, f"{self._file} line 1: {row.message}", EXPORT_AGAIN, file=self._file, line=1, value=row.value
            )
        return row.cells

    def rows(self, width: int, *, blanks: bool = False) -> Iterator[Row | Broken]:
        """The rows after the header, each with `width` cells; lines that hold nothing where `blanks` asks for them."""
        for line in self._rest():
            row = _read(line)
            if isinstance(row, Broken) and row.rule == "unclosed-quote":
                row = self._joined(line, row, width)
            elif isinstance(row, Row):
                if not row.cells[0] and not any(row.cells):
                    if blanks:
                        yield Broken(row.line, "blank-line", "it is empty", 0, [])
                    continue
                if len(row.cells) != width:
                    row = _uneven(row, width, ended=line.ended)
            yield row

    def _rest(self) -> Iterator[_Line]:
        while True:
            line = self._back.popleft() if self._back else next(self._lines, None)
            if line is None:
                return
            yield line

    def _joined(self, first: _Line, broken: Broken, width: int) -> Broken:
        """A cell that goes on in the next lines, where that makes one record of them and none is a record by itself."""
        taken: list[_Line] = []
        text = first.text if isinstance(first.text, str) else ""
        for line in self._rest():
            taken.append(line)
            if not isinstance(line.text, str) or len(taken) > _MOST_JOINED or _is_record(line, width):
                break
            text += "\n" + line.text
            if _LINE.fullmatch(text):
                cells = _cells(text)
                if len(cells) != width:
                    break
                at = next(place for place, cell in enumerate(cells) if "\n" in cell)
                return Broken(first.number, "line-break", "a line break stands inside a cell", at, cells[:at])
        self._back.extendleft(reversed(taken))
        return broken


def _is_record(line: _Line, width: int) -> bool:
    row = _read(line)
    return isinstance(row, Row) and len(row.cells) == width


def _lines(file: str, stream: Readable) -> Iterator[_Line]:
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
        yield _Line(number + 1, _decoded(rest.removesuffix(b"\r")), ended=False)


def _cut(block: bytes, number: int) -> Iterator[_Line]:
    """Yield the lines of whole lines' bytes."""
    block = block.replace(b"\r\n", b"\n")
    try:
        lines: list[str] | list[bytes] = block.decode().split("\n")
    except UnicodeDecodeError:
        lines = block.split(b"\n")
    lines.pop()
    for line in lines:
        number += 1
        yield _Line(number, line if isinstance(line, str) else _decoded(line), ended=True)


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


def _read(line: _Line) -> Row | Broken:
    """One line as a row, whatever its width."""
    text = line.text
    if isinstance(text, bytes):
        return _not_utf8(line, text)
    if "\0" in text:
        return _bad_character(line, text, "\0", "nul", "a NUL character stands in it")
    if "\r" in text:
        return _bad_character(line, text, "\r", "line-break", "a line break stands inside a cell")
    if '"' not in text:
        return Row(line.number, text.split(","))
    if _LINE.fullmatch(text):
        return Row(line.number, _cells(text))
    return _bad_quotes(line, text)


def _cells(text: str) -> list[str]:
    """The cells of text that is known to be well-formed."""
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error:  # longer than the module's own limit, which is one for the whole process
        found = (match[1] for match in _CELL.finditer(text))
        return [cell[1:-1].replace('""', '"') if cell[:1] == '"' else cell for cell in found]


def _bad_character(line: _Line, text: str, character: str, rule: str, message: str) -> Broken:
    before = text[: text.index(character)]
    cells = _whole_cells(before)
    return Broken(line.number, rule, message, len(cells), cells, last=not line.ended)


def _not_utf8(line: _Line, raw: bytes) -> Broken:
    """A line whose bytes are in another encoding."""
    text = raw.decode(errors="replace")
    cells = _whole_cells(text[: text.index("\ufffd")]) if "\ufffd" in text else []
    message = "it is not UTF-8"
    return Broken(line.number, "not-utf8", message, len(cells), cells, _shown(raw), last=not line.ended)


def _shown(raw: bytes) -> str:
    """The first bytes that are no UTF-8, as `0xe9`."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return " ".join(f"0x{byte:02x}" for byte in raw[error.start : error.end])
    return ""


def _whole_cells(text: str) -> list[str]:
    """The cells that a comma ends."""
    cells: list[str] = []
    place = 0
    while (match := _CELL.match(text, place)) and match[2]:
        cells.append(match[1][1:-1].replace('""', '"') if match[1][:1] == '"' else match[1])
        place = match.end()
    return cells


def _bad_quotes(line: _Line, text: str) -> Broken:
    """Where quotes stand as RFC 4180 does not have them."""
    cells = _whole_cells(text)
    place = _place(text, len(cells))
    opened = _OPENED.match(text, place)
    last = not line.ended
    value = text[place : place + 60]
    if opened and opened.end() == len(text):
        return Broken(line.number, "unclosed-quote", "a quote is not closed", len(cells), cells, value, last)
    return Broken(line.number, "stray-quote", "a quote stands where none may stand", len(cells), cells, value, last)


def _place(text: str, cells: int) -> int:
    """Where the cell after that many cells begins."""
    place = 0
    for _ in range(cells):
        match = _CELL.match(text, place)
        place = match.end() if match else place
    return place


def _uneven(row: Row, width: int, *, ended: bool) -> Broken:
    """A row of another width than the header's."""
    count = len(row.cells)
    rule = "too-few-cells" if count < width else "too-many-cells"
    message = f"it has {count} cells where the header has {width}"
    return Broken(row.line, rule, message, min(count, width), row.cells, last=not ended)
