"""Rows of a table into received rows: the same reading of records as over REST (rule 0)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any

from rostersync.model.codes import Code
from rostersync.model.kind import Kind
from rostersync.model.snapshot import Received
from rostersync.sources.csv.cells import Broken
from rostersync.sources.csv.coverage import Rows
from rostersync.sources.csv.header import Header
from rostersync.sources.csv.real import Real, is_made_up
from rostersync.sources.csv.table import Table
from rostersync.sources.records import wire
from rostersync.sources.records.fields import Refused, text
from rostersync.sources.records.readings import Named, Reading
from rostersync.sources.records.receive import nameless_key, receive, reject

FILES: dict[Kind, str] = {
    Kind.ORGS: "orgs",
    Kind.SESSIONS: "academicSessions",
    Kind.COURSES: "courses",
    Kind.CLASSES: "classes",
    Kind.USERS: "users",
    Kind.ENROLLMENTS: "enrollments",
}
"""The file of each collection, without `.csv`."""

Make = Callable[[list[str]], Any]
"""Cells into a wire record: only the columns that are needed, so that no password is ever taken along."""

Prepare = Callable[[Any], None]
"""Adds to a wire record what is in other files; raises Refused where it cannot be accepted for that."""


def maker(sent: type[wire.Base | wire.Role], header: Header) -> Make:
    """How the cells under a header become a wire record."""
    last = len(header.names)
    places = [header.places.get(name, last) for name in sent.__struct_encode_fields__]
    pick = itemgetter(*places)

    def make(cells: list[str]) -> Any:  # noqa: ANN401 (the record of the wire type given)
        cells.append("")
        return sent(*pick(cells))

    return make


def received(table: Table, reading: Reading, rows: Rows, prepare: Prepare | None = None) -> Iterator[Received]:
    """Read a table's rows as the standard's records, counting in `rows` how they are filled.

    Raises:
        Refusal: the file cannot be read to its end.
    """
    make = maker(reading.wire, table.header)
    real = Real(table.header, reading)
    for row in table.rows():
        if isinstance(row, Broken):
            yield _broken(row, table, reading, make, rows)
            continue
        sent = make(row.cells)
        rows.see(sent.status, sent.date_last_modified)
        sourced_id = text(sent.sourced_id)
        if sourced_id is None:
            why = Refused("sourcedId", "is missing")
            yield reject(nameless_key(row.cells), why, Code.DATA_REJECTED, "", reading.named(sent))
            continue
        told = real.told(row.cells)
        if not is_made_up(told):
            found = _one(sourced_id, sent, reading, prepare)
            yield real.instead(found, sent, told) if told else found


def _one(sourced_id: str, sent: wire.Base, reading: Reading, prepare: Prepare | None) -> Received:
    if prepare is None:
        return receive(sourced_id, sent, reading)
    try:
        prepare(sent)
    except Refused as why:
        found = receive(sourced_id, sent, reading)
        if found.deleted_at is not None or (found.rejection and found.rejection.code == Code.DATA_UNKNOWN_STATUS):
            return found
        return reject(sourced_id, why, Code.DATA_REJECTED, _modified(found), reading.named(sent))
    return receive(sourced_id, sent, reading)


def _modified(found: Received) -> str:
    held = found.record or found.rejection
    return held.modified if held is not None else ""


def _broken(row: Broken, table: Table, reading: Reading, make: Make, rows: Rows) -> Received:
    """A line that is no record: rejected under its sourcedId, or under a key of its own where that cannot be read."""
    column = table.header.name(row.cell)
    why = Refused(column, f"({table.file} line {row.line}): {row.message}")
    sourced_id = id_of(row, table.header)
    if sourced_id is None:
        rows.nameless += 1
        return reject(nameless_key([table.file, *row.cells, row.value]), why, Code.DATA_REJECTED, "", Named())
    width = len(table.header.names)
    cells = row.cells[: row.cell] if row.rule not in UNEVEN else []
    sent = make([*cells, *[""] * (width - len(cells))])
    return reject(sourced_id, why, Code.DATA_REJECTED, "", reading.named(sent))


UNEVEN = frozenset({"too-few-cells", "too-many-cells"})
"""The rules about rows of another width, whose cells may have moved to other columns."""


def id_of(row: Broken, header: Header) -> str | None:
    """The sourcedId of a broken line, where it can be trusted: it is the first cell, or stands before the fault."""
    place = header.places["sourcedId"]
    if place >= len(row.cells) or (place > 0 and row.rule in UNEVEN):
        return None
    return text(row.cells[place])
