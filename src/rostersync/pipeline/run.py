"""The story of a run: lock, fetch, merge, reconcile, guard, apply, deliver, record.

`preview` is the same path up to the moment of applying, rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from rostersync.errors import Locked, RostersyncError, StoreError, UsageError
from rostersync.model.codes import Code, Severity
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.run import Mode, Status
from rostersync.pipeline.accounts import need_accounts, read_accounts
from rostersync.pipeline.delivering import deliver_run
from rostersync.pipeline.fetching import fetch, request
from rostersync.pipeline.job import Job, begin
from rostersync.pipeline.options import Options
from rostersync.pipeline.planning import Planned, Staged, plan, settle
from rostersync.pipeline.result import Preview, RunResult
from rostersync.pipeline.times import stamp, today
from rostersync.pipeline.upkeep import held
from rostersync.pipeline.watch import Watch
from rostersync.store.base import IntegrationState, RunRecord
from rostersync.store.database import Store
from rostersync.store.roster import Roster
from rostersync.store.run_log import Runs
from rostersync.store.snapshot import Snapshot
from rostersync.store.spool import PlanSpool
from rostersync.store.staging import Staging
from rostersync.store.state import States
from rostersync.wiring import Integration


def check_source(integration: Integration, store: Store, options: Options) -> None:
    """Refuse another source than the one the roster was built from; raises UsageError (RS-CFG-006)."""
    state = States(store).read(integration.name)
    switched = state.source_identity is not None and state.source_identity != integration.identity
    if switched and not options.accept_source_change:
        raise UsageError(
            f"{integration.name} has been synced from {state.source_identity} and is now set to "
            f"{integration.identity}: the identifiers of another source may not match, and everything would be removed",
            "Set the source back, or repeat the command with --accept-source-change if it is the same school data.",
            Code.CFG_SOURCE_SWITCHED,
        )


def run(integration: Integration, store: Store, options: Options, watch: Watch) -> RunResult:
    """Run an integration once and say how it ended; only a signal makes it raise."""
    record = _begun(integration, options)
    try:
        with held(store, integration.name, integration.clock()), PlanSpool() as spool:
            job = begin(integration, store, options, watch)
            record = replace(record, mode=job.mode, date=job.day.isoformat())
            staged = _bring(job)
            record = replace(record, mode=_mode(job, staged))
            result = _apply(job, record, staged, spool)
            return deliver_run(integration, store, result)
    except Locked as error:
        return busy(integration, options, error)
    except RostersyncError as error:
        return _record_failed(store, _ended(integration, record, Status.FAILED, error))


def busy(integration: Integration, options: Options, error: Locked) -> RunResult:
    """Say that another run holds the integration or the store; this leaves no entry in the log (contract §2)."""
    return RunResult(_ended(integration, _begun(integration, options), Status.BUSY, error))


@contextmanager
def preview(integration: Integration, store: Store, options: Options, watch: Watch) -> Iterator[Preview]:
    """Show what a run would do, changing nothing; raises what a run would record as its error."""
    job = begin(integration, store, options, watch)
    if options.offline and job.state.source_identity is None:
        raise UsageError(f"{integration.name} has never been synced", "Leave --offline out to ask the source.")
    if options.offline:
        need_accounts(integration.config, job.state)
    with PlanSpool() as spool:
        staged = None if options.offline else _bring(job)
        with store.transaction() as transaction:
            planned = plan(job, staged, spool)
            transaction.discard()
        yield _preview(job, _mode(job, staged), planned, spool)


def _mode(job: Job, staged: Staged | None) -> Mode:
    """The mode to be told, which a package decides and not the job."""
    return job.mode if staged is None else staged.fetched.mode(job.mode, is_package=job.integration.comes_as_package)


def _preview(job: Job, mode: Mode, planned: Planned, spool: PlanSpool) -> Preview:
    """What a preview shows of a plan that was given up."""
    return Preview(
        job.name,
        mode,
        job.day.isoformat(),
        planned.digest.hash,
        planned.counts,
        planned.digest.counts,
        spool,
        (*planned.found, *planned.verdict.diagnostics),
        planned.held,
        planned.verdict,
    )


def _begun(integration: Integration, options: Options) -> RunRecord:
    """The record of a run that has just started."""
    started = stamp(integration.clock())
    day = today(integration, options.day).isoformat()
    return RunRecord(integration.name, Status.SUCCESS, Mode.FULL, day, started, started, forced=options.force)


def _bring(job: Job) -> Staged:
    """Bring the source's rows and the directory's accounts in; the store itself stays free for others meanwhile."""
    job.watch.phase(job.name, "fetch")
    staging = Staging(job.store)
    asked = request(job.integration, job.state, job.mode, job.options, Snapshot(job.store, job.name))
    fetched = fetch(job.integration, asked, staging, job.watch)
    return Staged(staging, fetched, read_accounts(job))


def _apply(job: Job, record: RunRecord, staged: Staged, spool: PlanSpool) -> RunResult:
    """Plan and apply in one transaction, or give it up and record the plan that was not applied."""
    with job.store.transaction() as transaction:
        planned = plan(job, staged, spool)
        refused = _refused(planned, job.options)
        if refused:
            transaction.discard()
        else:
            job.watch.phase(job.name, "apply")
            Roster(job.store, job.name).apply(spool)
            settle(job, planned)
            States(job.store).write(_next_state(job, staged))
            result = _record(job, _with_plan(record, planned, ()), planned.found, spool)
    if refused:
        return _record(job, _with_plan(record, planned, refused), (*planned.found, *refused), spool)
    return result


def _refused(planned: Planned, options: Options) -> tuple[Diagnostic, ...]:
    """Why the plan may not be applied (rule 13): an approved hash stands for that plan alone, `--force` for any."""
    if options.force:
        return ()
    if options.approve is None:
        return planned.verdict.diagnostics
    if options.approve == planned.digest.hash:
        return ()
    other = Diagnostic(
        Code.LIMIT_NOT_APPROVED,
        f"today's plan has the hash {planned.digest.hash}, approved was {options.approve}",
        "Look at `rostersync preview` again, and approve the hash that it prints now.",
    )
    return (*planned.verdict.diagnostics, other)


def _with_plan(record: RunRecord, planned: Planned, refused: tuple[Diagnostic, ...]) -> RunRecord:
    """Put what was planned into the record; partial is exactly what applied and found an error (contract §3)."""
    errors = any(found.severity is Severity.ERROR for found in planned.found)
    return replace(
        record,
        status=Status.BLOCKED if refused else Status.PARTIAL if errors else Status.SUCCESS,
        counts=planned.counts,
        changes=planned.digest.counts,
        plan_hash=planned.digest.hash,
    )


def _next_state(job: Job, staged: Staged) -> IntegrationState:
    """What the next run begins from; it moves only when a run applies."""
    state, fetched, accounts = job.state, staged.fetched, staged.accounts
    return replace(
        state,
        tenant=job.integration.config.partner_id,
        cursor=fetched.cursor,
        last_sync_at=fetched.began,
        last_full_at=fetched.began if fetched.full_in_all else state.last_full_at,
        source_identity=job.integration.identity,
        settings_digest=job.integration.digest,
        full_next=fetched.missing,
        package=fetched.read,
        accounts_at=state.accounts_at if accounts is None else accounts.at,
        accounts=state.accounts if accounts is None else accounts.count,
        accounts_from=state.accounts_from if accounts is None else accounts.of,
    )


def _record(job: Job, record: RunRecord, found: tuple[Diagnostic, ...], spool: PlanSpool) -> RunResult:
    """Write the run into the log, and let go of what is older than `store.retain_runs_days`."""
    now = job.integration.clock()
    record = replace(record, finished_at=stamp(now))
    runs = Runs(job.store)
    with job.store.transaction():
        run_id = runs.record(record, found, spool)
        runs.drop_older_than(stamp(now - timedelta(days=job.integration.retain_runs_days)))
    return RunResult(replace(record, id=run_id), found)


def _ended(integration: Integration, record: RunRecord, status: Status, error: RostersyncError) -> RunRecord:
    """The record of a run that could not do its work."""
    told = {"code": str(error.code), "message": error.message, "hint": error.hint}
    return replace(record, status=status, error=told, finished_at=stamp(integration.clock()))


def _record_failed(store: Store, record: RunRecord) -> RunResult:
    """Write a failed run into the log where that is still possible; the error itself is told in any case."""
    try:
        return RunResult(replace(record, id=Runs(store).record(record, ())))
    except (StoreError, Locked):
        return RunResult(record)
