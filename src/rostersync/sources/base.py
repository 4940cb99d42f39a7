"""What every source of a roster can do, and what a fetch says.

A fetch is a stream of events, collection by collection in the order asked for: any number of `Batch`, then one
`Covered`. `Restart` throws away what came of its collection so far (or of all, where the whole fetch starts over): a
collection that did not add up is fetched again once (architecture, "How a run is safe" 2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.probe import Probe as Probe  # noqa: PLC0414 - adapters and check take it from here
from rostersync.model.snapshot import Entry, Received


class Known(Protocol):
    """What is known from earlier fetches (the snapshot); reading it does not disturb a fetch that is under way."""

    def get(self, kind: Kind, sourced_id: str) -> Entry | None:
        """Look one record up; None where nothing is known of it."""
        ...

    def entries(self, kind: Kind) -> Iterator[Entry]:
        """Yield one collection, sorted by sourcedId, streaming."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """What a run asks of a source.

    `since` is the cursor as UTC text `YYYY-MM-DDTHH:MM:SS.mmmZ`, the overlap already taken off, or None for a full
    fetch; `always_full` names the collections that are fetched in full all the same. `optional` names those that may be
    missing: they come as Coverage.NONE with a diagnostic, where others raise. `package` is the digest of the package
    that was read last, for sources that come as one: where it is the same, it need not be read again. `known` is what
    earlier fetches gave, for sources whose deltas tell a record in parts; None where there were none.
    """

    collections: Sequence[Kind]
    since: str | None = None
    always_full: frozenset[Kind] = field(default_factory=frozenset)
    optional: frozenset[Kind] = frozenset({Kind.SESSIONS, Kind.COURSES})
    package: str | None = None
    known: Known | None = None


class Started(NamedTuple):
    """The first event: the server's clock when the fetch began, in the form of `Request.since`, or None.

    `package` is the digest of what is read, where it comes as one package. Where `Request.package` was the same, every
    collection is a delta without rows, or NONE, and an RS-SRC-009 says so.
    """

    server_time: str | None
    package: str | None = None


class Batch(NamedTuple):
    """Some rows of one collection; `total` is how many the source says there are, where it says so."""

    kind: Kind
    rows: list[Received]
    total: int | None = None


class Restart(NamedTuple):
    """Forget the rows of this collection (None: of all) that came so far: they are fetched again."""

    kind: Kind | None


class Covered(NamedTuple):
    """The end of one collection, and what its rows cover."""

    kind: Kind
    coverage: Coverage


class Found(NamedTuple):
    """Something to report about the fetch."""

    diagnostic: Diagnostic


Event = Started | Batch | Restart | Covered | Found


class Source(Protocol):
    """Where a roster comes from. Raises SourceError for what cannot be had; closes with `close`."""

    def fetch(self, request: Request) -> Iterator[Event]:
        """Stream the collections asked for."""
        ...

    def probe(self, collections: Sequence[Kind]) -> Iterator[Probe]:
        """Try what a fetch would need, reading little and writing nothing."""
        ...

    def close(self) -> None:
        """Let go of connections and threads."""
        ...
