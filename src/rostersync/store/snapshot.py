"""The source as it was last known: one sorted table a collection, read in pages and never held whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rostersync.model.kind import Kind
from rostersync.model.snapshot import Drop, Entry, Op, Put
from rostersync.store.codec import decode_rejection, encode, reading, record_reader
from rostersync.store.database import Store
from rostersync.store.names import SNAPSHOT
from rostersync.store.pages import chunked, paged
from rostersync.store.settled import forget_settled

_PUTS_AT_ONCE = 1_000
COLUMNS = "sourced_id, body, deleted, rejection"
"""What `to_entries` reads."""


class Snapshot:
    """The snapshot of one integration (base.SnapshotStore)."""

    def __init__(self, store: Store, integration: str) -> None:
        """Read and write the records of this integration alone."""
        self._store = store
        self._integration = integration

    def orgs(self) -> Iterator[Entry]:
        """Yield the orgs, sorted by sourcedId."""
        return self.entries(Kind.ORGS)

    def sessions(self) -> Iterator[Entry]:
        """Yield the academic sessions, sorted by sourcedId."""
        return self.entries(Kind.SESSIONS)

    def courses(self) -> Iterator[Entry]:
        """Yield the courses, sorted by sourcedId."""
        return self.entries(Kind.COURSES)

    def classes(self) -> Iterator[Entry]:
        """Yield the classes, sorted by sourcedId."""
        return self.entries(Kind.CLASSES)

    def users(self) -> Iterator[Entry]:
        """Yield the users, sorted by sourcedId."""
        return self.entries(Kind.USERS)

    def enrollments(self) -> Iterator[Entry]:
        """Yield the enrollments, sorted by sourcedId."""
        return self.entries(Kind.ENROLLMENTS)

    def entries(self, kind: Kind) -> Iterator[Entry]:
        """Yield one collection, sorted by sourcedId; writes behind the reading position do not disturb it."""
        return to_entries(kind, paged(self._store, SNAPSHOT[kind], COLUMNS, ("sourced_id",), self._integration))

    def get(self, kind: Kind, sourced_id: str) -> Entry | None:
        """Look one record up; None where nothing is remembered of it."""
        sql = f"SELECT {COLUMNS} FROM {SNAPSHOT[kind]} WHERE integration = ? AND sourced_id = ?"  # noqa: S608 - constants
        rows = self._store.fetch(sql, (self._integration, sourced_id))
        return next(to_entries(kind, rows), None)

    def apply(self, kind: Kind, ops: Iterable[Op]) -> int:
        """Write sorted operations and count them.

        They may come while `entries` of the same kind is read, at or behind its place.
        """
        count = 0
        with self._store.transaction():
            for chunk in chunked(ops, _PUTS_AT_ONCE):
                forget_settled(self._store, self._integration)
                self._write(kind, chunk)
                count += len(chunk)
        return count

    def _write(self, kind: Kind, ops: list[Op]) -> None:
        """Write one batch; each sourcedId comes once, so puts and drops may change places."""
        put = f"REPLACE INTO {SNAPSHOT[kind]} (integration, {COLUMNS}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - constants
        drop = f"DELETE FROM {SNAPSHOT[kind]} WHERE integration = ? AND sourced_id = ?"  # noqa: S608 - constants
        puts = [self._values(op.entry) for op in ops if isinstance(op, Put)]
        drops = [(self._integration, op.sourced_id) for op in ops if isinstance(op, Drop)]
        if puts:
            self._store.write_many(put, puts)
        if drops:
            self._store.write_many(drop, drops)

    def _values(self, entry: Entry) -> tuple[Any, ...]:
        """Lay an entry out as its row."""
        record = None if entry.record is None else encode(entry.record)
        rejection = None if entry.rejection is None else encode(entry.rejection)
        return (self._integration, entry.sourced_id, record, int(entry.deleted), rejection)


def to_entries(kind: Kind, rows: Iterable[tuple[Any, ...]]) -> Iterator[Entry]:
    """Read entries from their rows; raises StoreError where one cannot be read."""
    read = record_reader(kind)
    with reading():
        for sourced_id, body, deleted, rejection in rows:
            record = None if body is None else read(body)
            yield Entry(sourced_id, record, bool(deleted), rejection and decode_rejection(rejection))
