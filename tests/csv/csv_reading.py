"""A source read to its end, and the roster that the engine makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from rostersync.engine.inputs import Entries, Rows
from rostersync.engine.merge import merge
from rostersync.engine.work import Inputs
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import COLLECTIONS, Coverage, Kind
from rostersync.model.policy import Policy, Sync
from rostersync.model.roster import Row
from rostersync.model.snapshot import Drop, Entry, Put, Received
from rostersync.sources.base import Batch, Covered, Found, Request, Restart, Source, Started
from rostersync.sources.csv import CsvSettings, CsvSource
from tests.csv.csv_packages import to_folder
from tests.engine.build import outcome

NOW = datetime(2026, 11, 21, 18, tzinfo=UTC)
DAY = date(2026, 11, 21)


@dataclass
class Reading:
    """Everything that a fetch said."""

    rows: dict[Kind, list[Received]] = field(default_factory=dict)
    coverage: dict[Kind, Coverage] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    largest_batch: int = 0

    def of(self, kind: Kind) -> dict[str, Received]:
        """The rows of a collection by sourcedId."""
        return {row.sourced_id: row for row in self.rows.get(kind, [])}

    @property
    def codes(self) -> list[str]:
        """The codes of what was found."""
        return [str(each.code) for each in self.found]


Snapshot = dict[Kind, list[Entry]]


class Kept:
    """A snapshot as a source may look at it (the protocol `Known`)."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Know what the snapshot has."""
        self._entries = {kind: {entry.sourced_id: entry for entry in entries} for kind, entries in snapshot.items()}

    def get(self, kind: Kind, sourced_id: str) -> Entry | None:
        return self._entries.get(kind, {}).get(sourced_id)

    def entries(self, kind: Kind) -> Iterator[Entry]:
        return iter(self._entries.get(kind, {}).values())


def read(source: Source, collections: Sequence[Kind] = COLLECTIONS, known: Snapshot | None = None) -> Reading:
    """Read a source to its end, as a run does."""
    reading = Reading()
    for event in source.fetch(Request(collections, known=None if known is None else Kept(known))):
        match event:
            case Batch():
                reading.rows.setdefault(event.kind, []).extend(event.rows)
                reading.largest_batch = max(reading.largest_batch, len(event.rows))
            case Covered():
                reading.coverage[event.kind] = event.coverage
                if event.coverage is Coverage.NONE:
                    reading.rows.pop(event.kind, None)
            case Found():
                reading.found.append(event.diagnostic)
            case Started() | Restart():
                assert not reading.rows
    source.close()
    return reading


def read_package(path: Path, collections: Sequence[Kind] = COLLECTIONS, known: Snapshot | None = None) -> Reading:
    """Read a package to its end."""
    return read(CsvSource(CsvSettings(path), clock=lambda: NOW), collections, known)


def read_files(path: Path, files: Mapping[str, str | bytes], known: Snapshot | None = None) -> Reading:
    """Write a folder and read it."""
    return read_package(to_folder(path, files), known=known)


def merged(reading: Reading, before: Snapshot | None = None, report: Callable[[Diagnostic], None] = print) -> Snapshot:
    """The snapshot after a reading."""
    after: Snapshot = {}
    for kind in Kind:
        held = {entry.sourced_id: entry for entry in (before or {}).get(kind, [])}
        rows = sorted(reading.rows.get(kind, []), key=lambda row: row.sourced_id)
        coverage = reading.coverage.get(kind, Coverage.NONE)
        for op in list(merge(kind, sorted(held.values()), rows, coverage, report)):
            match op:
                case Put():
                    held[op.entry.sourced_id] = op.entry
                case Drop():
                    del held[op.sourced_id]
        after[kind] = sorted(held.values(), key=lambda entry: entry.sourced_id)
    return after


def roster_of(snapshot: Snapshot) -> set[Row]:
    """The roster that a first run makes of a snapshot, parents included."""
    inputs = Inputs(Entries(snapshot), Rows(()), None, Policy(sync=Sync(parents=True)), DAY)
    return set(outcome(inputs, ()).roster)
