"""The middle of the story, the same for preview and run: merge, reconcile, plan and judge."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import rostersync
from rostersync.config.identity import decision_digest
from rostersync.engine.guard import Verdict, guard
from rostersync.engine.hold import HeldSchool
from rostersync.engine.merge import merge
from rostersync.engine.reconcile import Reconciliation, reconcile
from rostersync.engine.settled import settles
from rostersync.engine.work import Inputs
from rostersync.errors import Fatal
from rostersync.model.codes import Code, Severity
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.plan import PlanDigest
from rostersync.model.run import Counts, Mode
from rostersync.model.settled import Settled
from rostersync.pipeline.accounts import Read, judge_accounts
from rostersync.pipeline.fetching import Fetched
from rostersync.pipeline.inputs import inputs
from rostersync.pipeline.job import Job
from rostersync.store.accounts import Accounts
from rostersync.store.roster import Roster
from rostersync.store.settled import forget_settled, keep_settled, read_settled
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
    """A plan, what was decided on the way to it, and the guard's verdict.

    `settled` is what need not be decided again as long as nothing changes, None where it has to be.
    """

    counts: Counts
    held: tuple[HeldSchool, ...]
    digest: PlanDigest
    verdict: Verdict
    found: tuple[Diagnostic, ...]
    settled: Settled | None


def plan(job: Job, staged: Staged | None, spool: PlanSpool) -> Planned:
    """Put what was fetched in force, reconcile, and judge; the transaction under way may still be given up."""
    job.watch.phase(job.name, "plan")
    found = () if staged is None else _take_in(job, staged)
    accounts = judge_accounts(job, None if staged is None else staged.accounts)
    given = inputs(job.integration.config, job.store, job.day)
    settled = _standing(job, given)
    if settled is not None:
        told = (*found, *settled.diagnostics)
        return Planned(settled.counts, (), PlanDigest(), Verdict(accounts), told, settled)
    done = reconcile(given)
    digest = PlanDigest()
    spool.write(digest.through(done.changes()))
    in_force = Roster(job.store, job.name).counts()
    verdict = guard(digest.counts, in_force, done.live(), job.integration.policy.limits)
    settled = _settle(job, given, done, digest) if verdict.allowed else None
    judged = Verdict((*verdict.diagnostics, *accounts))
    return Planned(done.counts, done.held, digest, judged, (*found, *done.diagnostics), settled)


def settle(job: Job, planned: Planned) -> None:
    """Keep what need not be decided again, in the transaction that applies the plan."""
    if planned.settled is None:
        forget_settled(job.store, job.name)
    else:
        keep_settled(job.store, job.name, planned.settled)


def _standing(job: Job, given: Inputs) -> Settled | None:
    """What an earlier plan settled, if nothing that it was made from has changed; rows that change end it themselves.

    A full fetch is planned in any case: whoever asks for everything wants everything looked at, and so does
    `sync.full_every`. A package is always read whole, so there only `--full` asks for it.
    """
    if job.options.full or (job.mode is Mode.FULL and not job.integration.comes_as_package):
        return None
    basis = _basis(job, given)
    kept = read_settled(job.store, job.name, basis)
    return kept if kept is not None and kept.stands(basis, job.day.isoformat()) else None


def _settle(job: Job, given: Inputs, done: Reconciliation, digest: PlanDigest) -> Settled | None:
    """What this plan settles for the days to come."""
    if not settles(done, empty=digest.empty):
        return None
    return Settled(_basis(job, given), job.day.isoformat(), done.until, done.counts, done.diagnostics)


def _basis(job: Job, given: Inputs) -> str:
    """A digest of what a plan is made from beside the rows of the store and the day."""
    parts = (rostersync.__version__, decision_digest(job.integration.config), sorted(given.overrides.items()))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


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
