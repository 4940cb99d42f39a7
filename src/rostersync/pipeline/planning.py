"""The middle of the story, the same for preview and run: merge, reconcile, plan and judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rostersync.engine.guard import Verdict, guard
from rostersync.engine.merge import merge
from rostersync.engine.reconcile import Reconciliation, reconcile
from rostersync.errors import Fatal
from rostersync.model.codes import Code, Severity
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.plan import PlanDigest
from rostersync.pipeline.accounts import Read, judge_accounts
from rostersync.pipeline.fetching import Fetched
from rostersync.pipeline.inputs import inputs
from rostersync.pipeline.job import Job
from rostersync.store.accounts import Accounts
from rostersync.store.roster import Roster
from rostersync.store.snapshot import Snapshot
from rostersync.store.spool import PlanSpool
from rostersync.store.staging import Staging
from rostersync.store.takeover import Takeover


class Staged(NamedTuple):
    """What was brought from outside: the source's rows, what is known of them, and the directory's accounts."""

    staging: Staging
    fetched: Fetched
    accounts: Read | None


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, what was decided on the way to it, and the guard's verdict."""

    reconciliation: Reconciliation
    digest: PlanDigest
    verdict: Verdict
    found: tuple[Diagnostic, ...]


def plan(job: Job, staged: Staged | None, spool: PlanSpool) -> Planned:
    """Put what was fetched in force, reconcile, and judge; the transaction under way may still be given up."""
    job.watch.phase(job.name, "plan")
    found = () if staged is None else _take_in(job, staged)
    done = reconcile(inputs(job.integration.config, job.store, job.day))
    digest = PlanDigest()
    spool.write(digest.through(done.changes()))
    in_force = Roster(job.store, job.name).counts()
    verdict = guard(digest.counts, in_force, done.live(), job.integration.policy.limits)
    accounts = judge_accounts(job, None if staged is None else staged.accounts)
    return Planned(done, digest, Verdict((*verdict.diagnostics, *accounts)), (*found, *done.diagnostics))


def _take_in(job: Job, staged: Staged) -> tuple[Diagnostic, ...]:
    """Merge the rows into the snapshot and keep the accounts, in the transaction under way."""
    found = (*staged.fetched.found, *_merge(job, staged.fetched))
    staged.staging.drop()
    if staged.accounts is not None:
        Accounts(job.store, job.name).keep_staged()
    return found


def _merge(job: Job, fetched: Fetched) -> list[Diagnostic]:
    """Merge every collection (rule 11)."""
    snapshot = Snapshot(job.store, job.name)
    found: list[Diagnostic] = []
    for kind in (kind for kind, coverage in fetched.coverage.items() if coverage is not Coverage.NONE):
        takeover = Takeover(job.store, job.name, kind)
        takeover.plain(fetched.coverage[kind])
        snapshot.apply(kind, merge(kind, takeover.entries(), takeover.received(), Coverage.DELTA, found.append))
    for kind in _indispensable(job):
        _need(kind, snapshot, fetched)
    return found


def _indispensable(job: Job) -> tuple[Kind, ...]:
    """What has to be known, now or from an earlier fetch: without sessions rule 4 could only guess."""
    sync = job.integration.policy.sync
    classes = (Kind.CLASSES, Kind.ENROLLMENTS) if sync.classes or sync.respect_enrollment_dates else ()
    return (Kind.ORGS, Kind.USERS, *classes, *((Kind.SESSIONS,) if sync.respect_academic_sessions else ()))


def _need(kind: Kind, snapshot: Snapshot, fetched: Fetched) -> None:
    """Fail where a collection could not be had and nothing is known of it from before (rule 11)."""
    if fetched.coverage.get(kind) is not Coverage.NONE:
        return
    if not any(entry.record is not None for entry in snapshot.entries(kind)):
        errors = (found for found in fetched.found if found.severity is Severity.ERROR)
        cause = next((error for error in errors if error.kind is kind), None)
        raise Fatal(
            cause.code if cause else Code.SRC_INCOMPLETE,
            f"no {kind} are known, and the source did not give them" + (f": {cause.message}" if cause else ""),
            f"Let the SIS send its {kind}"
            + (", or switch sync.respect_academic_sessions off." if kind is Kind.SESSIONS else "."),
        )
