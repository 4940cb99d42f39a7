"""Where a fetch is collected before the merge: temporary tables, so that the store itself stays unlocked meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rostersync.model.kind import Kind
from rostersync.model.snapshot import Received
from rostersync.store.codec import decode_record, decode_rejection, encode
from rostersync.store.database import Store
from rostersync.store.names import STAGED

_COLUMNS = "sourced_id TEXT NOT NULL, body BLOB, deleted_at TEXT, rejection BLOB"


class Staging:
    """The staging area of one store (base.StagingArea); its tables are unindexed and sorted as they are read."""

    def __init__(self, store: Store) -> None:
        """Make the tables, empty."""
        self._store = store
        for table in STAGED.values():
            store.write(f"DROP TABLE IF EXISTS temp.{table}")
            store.write(f"CREATE TABLE temp.{table} ({_COLUMNS})")

    def add(self, kind: Kind, rows: Iterable[Received]) -> None:
        """Take rows in, in the order of their arrival; all of these or none."""
        sql = f"INSERT INTO temp.{STAGED[kind]} VALUES (?, ?, ?, ?)"  # noqa: S608 - constants
        self._store.write_temporary(sql, map(_values, rows))

    def clear(self, kind: Kind | None = None) -> None:
        """Forget the rows of one collection, or of all."""
        for each in STAGED if kind is None else (kind,):
            self._store.write(f"DELETE FROM temp.{STAGED[each]}")  # noqa: S608 - constants

    def drop(self) -> None:
        """Give back the space of the tables; nothing can be staged afterwards."""
        for table in STAGED.values():
            self._store.write(f"DROP TABLE IF EXISTS temp.{table}")


def _values(received: Received) -> tuple[Any, ...]:
    """Lay what was received out as a row."""
    record = None if received.record is None else encode(received.record)
    rejection = None if received.rejection is None else encode(received.rejection)
    return (received.sourced_id, record, received.deleted_at, rejection)


def read_staged(store: Store, kind: Kind, among: str = "") -> Iterator[Received]:
    """Yield the rows of one collection, sorted by sourcedId and then arrival; `among` is a table of sourcedIds."""
    where = f"WHERE sourced_id IN {among}" if among else ""
    sql = f"SELECT sourced_id, body, deleted_at, rejection FROM temp.{STAGED[kind]} {where} ORDER BY sourced_id, rowid"  # noqa: S608 - constants
    return (_to_received(kind, row) for row in store.stream(sql))


def _to_received(kind: Kind, row: tuple[Any, ...]) -> Received:
    """Read what was received from its row."""
    sourced_id, body, deleted_at, rejection = row
    return Received(sourced_id, decode_record(kind, body), deleted_at, decode_rejection(rejection))
