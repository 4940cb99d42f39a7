"""The first part of the story: what to ask the source for, and bringing it into the staging area."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta

from rostersync.model.codes import Code, Severity
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.policy import Sync
from rostersync.model.run import Mode
from rostersync.pipeline.options import Options
from rostersync.pipeline.times import moment, since, stamp
from rostersync.pipeline.watch import Watch
from rostersync.sources.base import Batch, Covered, Found, Known, Request, Restart, Started
from rostersync.store.base import IntegrationState, StagingArea
from rostersync.wiring import Integration

_FURTHEST_AHEAD = timedelta(days=1)


@dataclass(slots=True)
class Fetched:
    """What a fetch brought: when it began by our clock and the server's, what it covers, and what it found.

    `package` is the digest of what was read, where the source comes as one package.
    """

    began: str
    server_time: str | None = None
    package: str | None = None
    coverage: dict[Kind, Coverage] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)

    @property
    def cursor(self) -> str:
        """Where the next delta begins: the server's time where it tells one, else ours.

        One that lies days ahead of ours is not believed: deltas would find nothing until that day has come.
        """
        if self.server_time is None or moment(self.server_time) - moment(self.began) > _FURTHEST_AHEAD:
            return self.began
        return self.server_time

    @property
    def read(self) -> str | None:
        """The package that need not be read again: not one with errors, which are told until they are gone."""
        return None if any(found.severity is Severity.ERROR for found in self.found) else self.package

    def mode(self, asked: Mode, *, is_package: bool) -> Mode:
        """What the run is said to be: what it set out for, but a package is a delta where any file of it is one."""
        if not is_package:
            return asked
        return Mode.DELTA if Coverage.DELTA in self.coverage.values() else Mode.FULL

    @property
    def missing(self) -> frozenset[Kind]:
        """The collections that could not be had, which a delta must not pass over next time."""
        return frozenset(kind for kind, coverage in self.coverage.items() if coverage is Coverage.NONE)

    @property
    def full_in_all(self) -> bool:
        """Whether everything that the source has was fetched in full."""
        absent = {found.kind for found in self.found if found.code is Code.SRC_ENDPOINT_MISSING}
        return all(coverage is Coverage.FULL or kind in absent for kind, coverage in self.coverage.items())


def needed(sync: Sync) -> tuple[Kind, ...]:
    """The collections that the options ask for, in the order in which they are fetched (rules 3 and 5)."""
    if sync.classes:
        return (Kind.ORGS, Kind.SESSIONS, Kind.COURSES, Kind.CLASSES, Kind.USERS, Kind.ENROLLMENTS)
    if sync.respect_enrollment_dates:
        return (Kind.ORGS, Kind.CLASSES, Kind.USERS, Kind.ENROLLMENTS)
    return (Kind.ORGS, Kind.USERS)


def choose_mode(integration: Integration, state: IntegrationState, options: Options) -> Mode:
    """Full on request, at first, after an edit, and when the last full fetch is older than `sync.full_every`.

    A package says itself what it is, which is known once it has been read (`Fetched.mode`).
    """
    sync = integration.config.sync
    if integration.comes_as_package:
        return Mode.FULL
    if options.full or sync.mode == "full" or state.cursor is None or state.last_full_at is None:
        return Mode.FULL
    if state.settings_digest != integration.digest:
        return Mode.FULL
    young = integration.clock() - moment(state.last_full_at) < sync.full_every
    return Mode.DELTA if young else Mode.FULL


def request(
    integration: Integration, state: IntegrationState, mode: Mode, options: Options, known: Known | None = None
) -> Request:
    """What a run of this mode asks of the source."""
    cursor = since(state.cursor) if mode is Mode.DELTA and state.cursor is not None else None
    package = _known_package(integration, state, options)
    return Request(needed(integration.policy.sync), cursor, state.full_next, package=package, known=known)


def _known_package(integration: Integration, state: IntegrationState, options: Options) -> str | None:
    """The package that was read last; it is read again on request, after a reset, and after an edit."""
    everything = options.full or integration.config.sync.mode == "full" or state.cursor is None
    return None if everything or state.settings_digest != integration.digest else state.package


def fetch(integration: Integration, asked: Request, staging: StagingArea, watch: Watch) -> Fetched:
    """Bring everything asked for into the staging area; raises SourceError where something needed cannot be had."""
    fetched = Fetched(stamp(integration.clock()))
    rows: dict[Kind, int] = {}
    with closing(integration.open_source()) as source:
        for event in source.fetch(asked):
            match event:
                case Started():
                    fetched.server_time, fetched.package = event.server_time, event.package
                case Batch():
                    staging.add(event.kind, event.rows)
                    rows[event.kind] = rows.get(event.kind, 0) + len(event.rows)
                    watch.fetched(event.kind, rows[event.kind], event.total)
                case Restart():
                    _forget(event.kind, staging, rows, fetched)
                case Covered():
                    if event.coverage is Coverage.NONE:
                        staging.clear(event.kind)
                    fetched.coverage[event.kind] = event.coverage
                case Found():
                    fetched.found.append(event.diagnostic)
    return fetched


def _forget(kind: Kind | None, staging: StagingArea, rows: dict[Kind, int], fetched: Fetched) -> None:
    """Throw away what came of one collection, or of all."""
    staging.clear(kind)
    for gone in list(rows) if kind is None else [kind]:
        rows.pop(gone, None)
        fetched.coverage.pop(gone, None)
