"""The middle of the story, the same for preview and run: merge, reconcile, plan and judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rostersync.engine.guard import Verdict, guard
from rostersync.engine.merge import merge
from rostersync.engine.reconcile import Reconciliation, reconcile
from rostersync.engine.work import Inputs
from rostersync.errors import Fatal
from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.plan import PlanDigest
from rostersync.pipeline.fetching import Fetched
from rostersync.store.database import Store
from rostersync.store.roster import Roster
from rostersync.store.snapshot import Snapshot
from rostersync.store.spool import PlanSpool
from rostersync.store.staging import Staging
from rostersync.wiring import Integration


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, what was decided on the way to it, and the guard's verdict."""

    reconciliation: Reconciliation
    digest: PlanDigest
    verdict: Verdict
    found: tuple[Diagnostic, ...]


def merge_all(integration: Integration, store: Store, staging: Staging, fetched: Fetched) -> list[Diagnostic]:
    """Merge what was fetched into the snapshot, in the transaction under way (rule 11)."""
    snapshot = Snapshot(store, integration.name)
    found: list[Diagnostic] = []
    for kind, coverage in fetched.coverage.items():
        ops = merge(kind, snapshot.entries(kind), staging.received(kind), coverage, found.append)
        snapshot.apply(kind, ops)
    _need_sessions(integration, snapshot, fetched)
    return found


def _need_sessions(integration: Integration, snapshot: Snapshot, fetched: Fetched) -> None:
    """Rule 11: without any known session, `respect_academic_sessions` could only guess."""
    if (
        fetched.coverage.get(Kind.SESSIONS) is not Coverage.NONE
        or not integration.policy.sync.respect_academic_sessions
    ):
        return
    if not any(entry.record is not None for entry in snapshot.entries(Kind.SESSIONS)):
        cause = next((found for found in fetched.found if found.kind is Kind.SESSIONS), None)
        raise Fatal(
            cause.code if cause else Code.SRC_INCOMPLETE,
            "sync.respect_academic_sessions is on and no academic session is known"
            + (f": {cause.message}" if cause else ""),
            "Let the SIS serve academicSessions, or switch sync.respect_academic_sessions off.",
        )


def make_plan(integration: Integration, store: Store, day: date, spool: PlanSpool, found: list[Diagnostic]) -> Planned:
    """Reconcile the snapshot with the roster, write the plan to the spool, and judge it."""
    roster = Roster(store, integration.name)
    inputs = Inputs(Snapshot(store, integration.name), roster, None, integration.policy, day)
    done = reconcile(inputs)
    digest = PlanDigest()
    spool.write(digest.through(done.changes()))
    verdict = guard(digest.counts, roster.counts(), done.live(), integration.policy.limits)
    return Planned(done, digest, verdict, (*found, *done.diagnostics))
