"""One line of a CSV file into its cells, or into what is wrong with it (RFC 4180)."""

from __future__ import annotations

import csv
import re
from typing import NamedTuple

WHOLE = re.compile(r'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\n]*+)(?:,(?:"[^"]*+(?:""[^"]*+)*+"|[^",\n]*+))*+')
_CELL = re.compile(r'("[^"]*+(?:""[^"]*+)*+"|[^",\n]*+)(,|\Z)')
_OPENED = re.compile(r'"[^"]*+(?:""[^"]*+)*+')


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


class Line(NamedTuple):
    """A line as it stands in the file: its text, or its bytes where they are no UTF-8."""

    number: int
    text: str | bytes
    ended: bool


def read_line(line: Line) -> Row | Broken:
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
    if WHOLE.fullmatch(text):
        return Row(line.number, split(text))
    return _bad_quotes(line, text)


def split(text: str) -> list[str]:
    """The cells of text that is known to be well-formed."""
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error:  # longer than the module's own limit, which is one for the whole process
        ended = _whole_cells(text)
        return [*ended, _value(text[_place(text, len(ended)) :])]


def _bad_character(line: Line, text: str, character: str, rule: str, message: str) -> Broken:
    before = text[: text.index(character)]
    cells = _whole_cells(before)
    return Broken(line.number, rule, message, len(cells), cells, last=not line.ended)


def _not_utf8(line: Line, raw: bytes) -> Broken:
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
        cells.append(_value(match[1]))
        place = match.end()
    return cells


def _value(cell: str) -> str:
    """What a well-formed cell says."""
    return cell[1:-1].replace('""', '"') if cell[:1] == '"' else cell


def is_open(text: str) -> bool:
    """Whether text ends inside of quotes, so that more of it could make it well-formed."""
    opened = _OPENED.match(text, _place(text, len(_whole_cells(text))))
    return opened is not None and opened.end() == len(text)


def _bad_quotes(line: Line, text: str) -> Broken:
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


def uneven(row: Row, width: int, *, ended: bool) -> Broken:
    """A row of another width than the header's."""
    count = len(row.cells)
    rule = "too-few-cells" if count < width else "too-many-cells"
    message = f"it has {count} cells where the header has {width}"
    return Broken(row.line, rule, message, min(count, width), row.cells, last=not ended)
