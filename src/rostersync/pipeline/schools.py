"""The source's schools: listed with what the options make of them, and put into the roster by hand (rule 1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple, cast

from rostersync.engine.diff import in_force
from rostersync.engine.merge import merge
from rostersync.engine.notes import Notes
from rostersync.engine.orgs import select_orgs, why_unknown
from rostersync.engine.schools import known_orgs, sync_orgs
from rostersync.errors import Fatal
from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.plan import Change
from rostersync.model.roster import ClassRow, UserRow
from rostersync.model.run import Status
from rostersync.model.snapshot import Entry, Put, Received
from rostersync.pipeline.upkeep import held
from rostersync.sources.base import Batch, Covered, Found, Request, Restart
from rostersync.store.database import Store
from rostersync.store.roster import Roster
from rostersync.store.run_log import Runs
from rostersync.store.snapshot import Snapshot
from rostersync.store.state import States
from rostersync.wiring import Integration

_JUDGED = (Status.SUCCESS, Status.PARTIAL, Status.BLOCKED)


class School(NamedTuple):
    """One org of the source, as `schools list` shows it; the counts are of the roster's active rows."""

    sourced_id: str
    name: str
    type: str
    parent: str | None
    selected: bool
    known: bool
    mapped_to: str | None
    held: bool
    users: int
    classes: int


class Listed(NamedTuple):
    """The source's orgs sorted by sourcedId, and what was found on the way."""

    schools: tuple[School, ...]
    diagnostics: tuple[Diagnostic, ...]


class Synced(NamedTuple):
    """What `schools sync` changed, and what it found on the way."""

    changes: tuple[Change, ...]
    diagnostics: tuple[Diagnostic, ...]


def list_schools(integration: Integration, store: Store) -> Listed:
    """Fetch the orgs and judge them, writing nothing; raises SourceError."""
    found: list[Diagnostic] = []
    entries = _fetch_orgs(integration, store, found)
    roster = Roster(store, integration.name)
    schools = integration.policy.schools
    known = known_orgs(roster) if schools.mode == "manual" else None
    orgs = select_orgs(entries, schools, known, Notes(), found.append)
    users, classes = _counts(roster)
    trouble = _held(store, integration.name)
    listed = (
        School(
            sourced_id,
            org.name,
            org.type,
            org.parent,
            sourced_id in orgs.selected,
            why_unknown(sourced_id, org, schools, known) is None,
            schools.map.get(sourced_id),
            sourced_id in trouble,
            users[sourced_id],
            classes[sourced_id],
        )
        for sourced_id, org in sorted(orgs.live.items())
    )
    return Listed(tuple(listed), tuple(found))


def sync_schools(integration: Integration, store: Store) -> Synced:
    """Put the selected schools into the roster; raises SourceError, and Locked where a run is under way."""
    with held(store, integration.name, integration.clock()):
        found: list[Diagnostic] = []
        entries = _fetch_orgs(integration, store, found)
        with store.transaction():
            roster = Roster(store, integration.name)
            changes = tuple(sync_orgs(entries, roster, integration.policy, found.append))
            roster.apply(changes)
            states = States(store)
            # The views show the tenant from here, also before the first run.
            states.write(replace(states.read(integration.name), tenant=integration.config.partner_id))
    return Synced(changes, tuple(found))


def _fetch_orgs(integration: Integration, store: Store, found: list[Diagnostic]) -> list[Entry]:
    """The orgs as they are now, with the accepted versions of those that are rejected today; nothing is written."""
    rows: list[Received] = []
    coverage = Coverage.FULL
    with closing(integration.open_source()) as source:
        for event in source.fetch(Request((Kind.ORGS,))):
            if isinstance(event, Restart):
                rows.clear()
            elif isinstance(event, Batch):
                rows.extend(event.rows)
            elif isinstance(event, Covered):
                coverage = event.coverage
            elif isinstance(event, Found):
                found.append(event.diagnostic)
    rows.sort(key=lambda row: row.sourced_id)
    earlier = {entry.sourced_id: entry for entry in Snapshot(store, integration.name).entries(Kind.ORGS)}
    merged = dict(earlier)
    for op in merge(Kind.ORGS, list(earlier.values()), rows, coverage, found.append):
        if isinstance(op, Put):
            merged[op.entry.sourced_id] = op.entry
        else:
            del merged[op.sourced_id]
    if coverage is Coverage.NONE and not merged:
        raise _unknown(integration.name)
    return [merged[sourced_id] for sourced_id in sorted(merged)]


def _unknown(name: str) -> Fatal:
    """Say that a package had no orgs, and that none are known."""
    hint = "Let the SIS send orgs.csv, as bulk."
    return Fatal(Code.SRC_INCOMPLETE, f"no orgs of {name} are known, and the source did not give them", hint)


def _counts(roster: Roster) -> tuple[Counter[str], Counter[str]]:
    """How many active users and classes the roster has of each org."""
    users = cast("Iterable[UserRow]", roster.rows(Kind.USERS))
    classes = cast("Iterable[ClassRow]", roster.rows(Kind.CLASSES))
    return (
        Counter(org for row in users if in_force(row) for org in row.orgs),
        Counter(row.school_sourced_id for row in classes if in_force(row)),
    )


def _held(store: Store, name: str) -> frozenset[str]:
    """The schools that were held by the last run that came as far as to judge them."""
    runs = Runs(store)
    judged = (run.id for status in _JUDGED for run in runs.runs(name, status=status, limit=1) if run.id is not None)
    last = max(judged, default=None)
    found = () if last is None else runs.diagnostics(last)
    return frozenset(each.sourced_id for each in found if each.code is Code.SCHOOL_HELD and each.sourced_id is not None)
