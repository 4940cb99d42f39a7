"""What the engine reads: sorted, re-iterable streams of the snapshot and of the roster, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from rostersync.model.kind import Kind
from rostersync.model.roster import ROWS, Row
from rostersync.model.snapshot import Entry


class Snapshot(Protocol):
    """The source as it was last known; each call starts a new pass in sourcedId order (by code point)."""

    def entries(self, kind: Kind) -> Iterable[Entry]:
        """Stream what is known of one kind."""
        ...

    def get(self, kind: Kind, sourced_id: str) -> Entry | None:
        """Look one record up."""
        ...


class Roster(Protocol):
    """The roster as it was last applied; each call starts a new pass in key order (by code point)."""

    def rows(self, kind: Kind) -> Iterable[Row]:
        """Stream the rows of one kind, those not in force included."""
        ...

    def get(self, kind: Kind, sourced_id: str) -> Row | None:
        """Look one row up; relationships have no sourcedId."""
        ...


class Entries:
    """A snapshot in memory, for tests and small sources."""

    def __init__(self, entries: Mapping[Kind, Sequence[Entry]] | None = None) -> None:
        """Take the entries of each kind in any order."""
        self._entries = {
            kind: sorted(found, key=lambda entry: entry.sourced_id) for kind, found in (entries or {}).items()
        }

    def entries(self, kind: Kind) -> Iterable[Entry]:
        """Stream what is known of one kind, in sourcedId order."""
        return iter(self._entries.get(kind, ()))

    def get(self, kind: Kind, sourced_id: str) -> Entry | None:
        """Look one record up."""
        return next((entry for entry in self.entries(kind) if entry.sourced_id == sourced_id), None)


class Rows:
    """A roster in memory, for tests."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        """Take rows of all kinds in any order."""
        kinds = {row_type: kind for kind, row_type in ROWS.items()}
        self._rows: dict[Kind, list[Row]] = {kind: [] for kind in Kind}
        for row in rows:
            self._rows[kinds[type(row)]].append(row)
        for kind, found in self._rows.items():
            found.sort(key=lambda row: row[:2] if kind is Kind.RELATIONSHIPS else row[:1])

    def rows(self, kind: Kind) -> Iterable[Row]:
        """Stream the rows of one kind, in key order."""
        return iter(self._rows[kind])

    def get(self, kind: Kind, sourced_id: str) -> Row | None:
        """Look one row up; relationships have no sourcedId."""
        return next((row for row in self._rows[kind] if row[0] == sourced_id), None)
