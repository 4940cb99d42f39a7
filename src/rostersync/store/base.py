"""What a store offers to the story of a run, whatever database stands behind it, and the values it speaks in.

Sorted means by codepoint, as Python compares text. Every method raises StoreError or Locked
and nothing else of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.plan import Change, KindCounts
from rostersync.model.roster import Row
from rostersync.model.run import Counts, Mode, Status
from rostersync.model.snapshot import Entry, Op, Received


@dataclass(frozen=True, slots=True)
class IntegrationState:
    """What is known of an integration between its runs; times and the cursor are RFC 3339 text in UTC.

    `full_next` names the collections that must be fetched in full next time. `accounts` is how many accounts the
    directory had at `accounts_at`, and `accounts_from` the digest of its settings then. `package` is the digest of the
    package that was read last.
    """

    name: str
    tenant: str | None = None
    cursor: str | None = None
    last_sync_at: str | None = None
    last_full_at: str | None = None
    source_identity: str | None = None
    settings_digest: str | None = None
    full_next: frozenset[Kind] = frozenset()
    accounts_at: str | None = None
    accounts: int = 0
    package: str | None = None
    accounts_from: str | None = None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run as the log keeps it (contract §3, Run); times are RFC 3339 text in UTC.

    `id` is None until it is recorded.
    """

    integration: str
    status: Status
    mode: Mode
    date: str
    started_at: str
    finished_at: str
    counts: Counts = field(default_factory=Counts)
    changes: dict[Kind, KindCounts] = field(default_factory=dict)
    plan_hash: str | None = None
    forced: bool = False
    outputs: tuple[dict[str, Any], ...] = ()
    error: dict[str, Any] | None = None
    id: int | None = None


class SnapshotStore(Protocol):
    """The source as it was last known, of one integration; readers are sorted, streaming, and can be called again."""

    def orgs(self) -> Iterator[Entry]:
        """Yield the orgs."""
        ...

    def sessions(self) -> Iterator[Entry]:
        """Yield the academic sessions."""
        ...

    def courses(self) -> Iterator[Entry]:
        """Yield the courses."""
        ...

    def classes(self) -> Iterator[Entry]:
        """Yield the classes."""
        ...

    def users(self) -> Iterator[Entry]:
        """Yield the users."""
        ...

    def enrollments(self) -> Iterator[Entry]:
        """Yield the enrollments."""
        ...

    def entries(self, kind: Kind) -> Iterator[Entry]:
        """Yield one collection."""
        ...

    def get(self, kind: Kind, sourced_id: str) -> Entry | None:
        """Look one record up."""
        ...

    def apply(self, kind: Kind, ops: Iterable[Op]) -> int:
        """Write sorted operations and count them.

        They may come while `entries` of the same kind is read, at or behind its place.
        """
        ...


class StagingArea(Protocol):
    """What a fetch has brought so far; it is gone when the store is closed."""

    def add(self, kind: Kind, rows: Iterable[Received]) -> None:
        """Take rows in, in the order of their arrival."""
        ...

    def clear(self, kind: Kind | None = None) -> None:
        """Forget the rows of one collection, or of all."""
        ...

    def drop(self) -> None:
        """Give back the space."""
        ...


class RosterStore(Protocol):
    """The roster as last applied, of one integration."""

    def rows(self, kind: Kind) -> Iterator[Row]:
        """Yield the rows of one kind sorted by their key, streaming; can be called again."""
        ...

    def get(self, kind: Kind, *key: str) -> Row | None:
        """Look one row up by its sourcedId, or by student and parent."""
        ...

    def counts(self) -> dict[Kind, int]:
        """Count the rows in force of every kind: without disabled users and archived classes."""
        ...

    def apply(self, changes: Iterable[Change]) -> None:
        """Carry the changes out; one that hits no row, or creates one that is there, is an error."""
        ...


class Framed(Protocol):
    """A plan in the form that the run log keeps."""

    def frames(self) -> Iterator[bytes]:
        """Yield the frames, of about a thousand changes each."""
        ...


class RunLog(Protocol):
    """The runs of all integrations, their diagnostics and their plans."""

    def record(self, run: RunRecord, diagnostics: Iterable[Diagnostic], plan: Framed | None = None) -> int:
        """Write a run down and return its id."""
        ...

    def update_outputs(
        self,
        run_id: int,
        outputs: Iterable[Mapping[str, Any]],
        status: Status,
        diagnostics: Iterable[Diagnostic],
        finished_at: str,
    ) -> None:
        """Write down how the delivery of a recorded run went, behind what it has found before."""
        ...

    def runs(
        self,
        integration: str | None = None,
        *,
        id: int | None = None,  # noqa: A002 - the name of the column
        status: Status | None = None,
        since: str | None = None,
        limit: int | None = None,
    ) -> list[RunRecord]:
        """Return the runs that fit, newest first; `since` is a date or a time in UTC that they started at or after."""
        ...

    def diagnostics(self, run_id: int) -> Iterator[Diagnostic]:
        """Yield what a run found, in the order in which it was recorded."""
        ...

    def changes(self, run_id: int) -> Iterator[Change]:
        """Yield the plan of a run."""
        ...

    def last(self, integration: str) -> RunRecord | None:
        """Return the newest run."""
        ...

    def last_success(self, integration: str) -> RunRecord | None:
        """Return the newest run that ended with success."""
        ...

    def drop_older_than(self, time: str) -> int:
        """Forget the runs that started before a time, but for the newest of each integration, and count them."""
        ...
