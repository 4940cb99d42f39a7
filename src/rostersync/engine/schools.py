"""Rule 1 by itself: what the options make of the source's orgs, and what `rostersync schools sync` changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast

from rostersync.engine.align import KEY, align
from rostersync.engine.diff import Wanted, compare
from rostersync.engine.inputs import Roster
from rostersync.engine.notes import Notes
from rostersync.engine.orgs import Orgs, select_orgs
from rostersync.model.decision import Reason
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.plan import Change
from rostersync.model.policy import Policy
from rostersync.model.roster import OrgRow
from rostersync.model.snapshot import Entry


def known_orgs(roster: Roster) -> frozenset[str]:
    """The orgs that the roster has, which are the known ones in `schools.mode = "manual"`."""
    return frozenset(str(row[0]) for row in roster.rows(Kind.ORGS))


def sync_orgs(
    entries: Iterable[Entry], roster: Roster, policy: Policy, report: Callable[[Diagnostic], None]
) -> Iterator[Change]:
    """Stream what makes the roster's orgs the selected ones, whatever `schools.mode` says; `entries` come sorted."""
    found = list(entries)
    orgs = select_orgs(found, policy.schools, None, Notes(), report)
    rows = cast("Iterable[OrgRow]", roster.rows(Kind.ORGS))
    pairs = align(found, rows, KEY, KEY)
    wanted = ((_wanted(orgs, entry), row) for entry, row in pairs)
    return compare(Kind.ORGS, wanted, policy.sync, lambda _kind, _row: False)


def _wanted(orgs: Orgs, entry: Entry | None) -> Wanted:
    if entry is None:
        return Wanted(None, Reason.NOT_IN_SOURCE)
    if entry.record is None:
        return Wanted(None, Reason.RECORD_DELETED if entry.deleted else Reason.RECORD_REJECTED)
    reason = orgs.why(entry.sourced_id)
    return Wanted(None if reason else orgs.row(entry.sourced_id), reason)
