"""The story of a run: lock, fetch, merge, reconcile, guard, apply, record.

`preview` is the same path up to the moment of applying, rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from rostersync.errors import Interrupted, Locked, RostersyncError, StoreError, UsageError
from rostersync.model.codes import Code, Severity
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.run import Mode, Status
from rostersync.pipeline.fetching import Fetched, choose_mode, fetch, request
from rostersync.pipeline.options import Options
from rostersync.pipeline.planning import Planned, make_plan, merge_all
from rostersync.pipeline.result import Preview, RunResult
from rostersync.pipeline.times import stamp, today
from rostersync.pipeline.upkeep import held
from rostersync.pipeline.watch import Watch
from rostersync.store.base import IntegrationState, RunRecord
from rostersync.store.database import Store
from rostersync.store.roster import Roster
from rostersync.store.run_log import Runs
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
            f"{integration.name} has been synced from {state.source_identity} and is now set to {integration.identity}: "
            "the identifiers of another source may not match, and everything would be removed",
            "Set the source back, or repeat the command with --accept-source-change if it is the same school data.",
            Code.CFG_SOURCE_SWITCHED,
        )


def run(integration: Integration, store: Store, options: Options, watch: Watch) -> RunResult:
    """Run an integration once and say how it ended; only a signal makes it raise."""
    record = _begin(integration, options)
    try:
        with held(store, integration.name, integration.clock()), PlanSpool() as spool:
            state = States(store).read(integration.name)
            record = replace(record, mode=choose_mode(integration, state, options))
            staged = _fetch(integration, store, state, record.mode, watch)
            return _apply(integration, store, options, watch, record, state, staged, spool)
    except Interrupted:
        raise
    except Locked as error:
        return busy(integration, options, error)
    except RostersyncError as error:
        return _record_failed(store, _ended(integration, record, Status.FAILED, error))


def busy(integration: Integration, options: Options, error: Locked) -> RunResult:
    """Say that another run holds the integration or the store; this leaves no entry in the log (contract §2)."""
    return RunResult(_ended(integration, _begin(integration, options), Status.BUSY, error))


@contextmanager
def preview(integration: Integration, store: Store, options: Options, watch: Watch) -> Iterator[Preview]:
    """Show what a run would do, changing nothing; raises what a run would record as its error."""
    state = States(store).read(integration.name)
    mode = choose_mode(integration, state, options)
    if options.offline and state.source_identity is None:
        raise UsageError(f"{integration.name} has never been synced", "Leave --offline out to ask the source.")
    with PlanSpool() as spool:
        staged = None if options.offline else _fetch(integration, store, state, mode, watch)
        with store.transaction() as transaction:
            planned = _plan(integration, store, options, watch, staged, spool)
            transaction.discard()
        yield Preview(
            integration.name,
            mode,
            today(integration, options.day).isoformat(),
            planned.digest.hash,
            planned.reconciliation.counts,
            planned.digest.counts,
            spool,
            (*planned.found, *planned.verdict.diagnostics),
            planned.reconciliation.held,
            planned.verdict,
        )


class Staged(NamedTuple):
    """What the fetch brought: the rows, and what is known of them."""

    staging: Staging
    fetched: Fetched


def _begin(integration: Integration, options: Options) -> RunRecord:
    """The record of a run that has just started."""
    started = stamp(integration.clock())
    day = today(integration, options.day).isoformat()
    return RunRecord(integration.name, Status.SUCCESS, Mode.FULL, day, started, started, forced=options.force)


def _fetch(integration: Integration, store: Store, state: IntegrationState, mode: Mode, watch: Watch) -> Staged:
    """Bring the source's rows into the staging area, which leaves the store itself free for others."""
    watch.phase(integration.name, "fetch")
    staging = Staging(store)
    return Staged(staging, fetch(integration, request(integration, state, mode), staging, watch))


def _plan(
    integration: Integration, store: Store, options: Options, watch: Watch, staged: Staged | None, spool: PlanSpool
) -> Planned:
    """Merge what was fetched and make the plan; the transaction under way may still be given up."""
    watch.phase(integration.name, "plan")
    found: list[Diagnostic] = []
    if staged is not None:
        found = [*staged.fetched.found, *merge_all(integration, store, staged.staging, staged.fetched)]
        staged.staging.drop()
    return make_plan(integration, store, today(integration, options.day), spool, found)


def _apply(
    integration: Integration,
    store: Store,
    options: Options,
    watch: Watch,
    record: RunRecord,
    state: IntegrationState,
    staged: Staged,
    spool: PlanSpool,
) -> RunResult:
    """Plan and apply in one transaction, or give it up and record the plan that was not applied."""
    with store.transaction() as transaction:
        planned = _plan(integration, store, options, watch, staged, spool)
        refused = _refused(planned, options)
        if refused:
            transaction.discard()
        else:
            watch.phase(integration.name, "apply")
            Roster(store, integration.name).apply(spool)
            States(store).write(_next_state(integration, state, staged.fetched))
            result = _record(integration, store, _with_plan(record, planned, ()), planned.found, spool)
    if refused:
        blocked = _with_plan(record, planned, refused)
        result = _record(integration, store, blocked, (*planned.found, *refused), spool)
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
        counts=planned.reconciliation.counts,
        changes=planned.digest.counts,
        plan_hash=planned.digest.hash,
    )


def _next_state(integration: Integration, state: IntegrationState, fetched: Fetched) -> IntegrationState:
    """What the next run begins from; it moves only when a run applies."""
    return replace(
        state,
        tenant=integration.config.partner_id,
        cursor=fetched.cursor,
        last_sync_at=fetched.began,
        last_full_at=fetched.began if fetched.full_in_all else state.last_full_at,
        source_identity=integration.identity,
        settings_digest=integration.digest,
        full_next=fetched.missing,
    )


def _record(
    integration: Integration, store: Store, record: RunRecord, found: tuple[Diagnostic, ...], spool: PlanSpool
) -> RunResult:
    """Write the run into the log, and let go of what is older than `store.retain_runs_days`."""
    now = integration.clock()
    record = replace(record, finished_at=stamp(now))
    runs = Runs(store)
    with store.transaction():
        run_id = runs.record(record, found, spool)
        runs.drop_older_than(stamp(now - timedelta(days=integration.retain_runs_days)))
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
