"""Writes the outputs of an integration from the applied roster, after a run and by `export`."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from rostersync.config.adapters import OUTPUTS
from rostersync.config.adapters import Output as OutputSection
from rostersync.errors import Locked, RostersyncError, StoreError, UsageError
from rostersync.model.codes import Code, Severity
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.plan import Action
from rostersync.model.roster import ARCHIVED, Row
from rostersync.model.run import Status
from rostersync.outputs.base import Output, RosterReader, Written
from rostersync.pipeline.result import RunResult
from rostersync.pipeline.times import stamp
from rostersync.pipeline.upkeep import held
from rostersync.store.database import Store
from rostersync.store.roster import Roster
from rostersync.store.run_log import Runs
from rostersync.store.state import States
from rostersync.wiring import Integration, open_output

_LOG = logging.getLogger(__name__)
_APPLIED = (Status.SUCCESS, Status.PARTIAL)


class Delivered(NamedTuple):
    """How a delivery went: `outputs` as in a Run document (contract §3), and what was found on the way."""

    outputs: tuple[dict[str, Any], ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


class AppliedRoster:
    """The roster of an integration and its recent past, as outputs read them (outputs.base.RosterReader)."""

    def __init__(self, store: Store, integration: str, now: datetime) -> None:
        """Read the roster of this integration; ages count back from `now`."""
        self._roster = Roster(store, integration)
        self._runs, self._integration, self._now = Runs(store), integration, now

    def rows(self, kind: Kind) -> Iterator[Row]:
        """Yield the rows of one kind sorted by their key, streaming; can be called again."""
        return self._roster.rows(kind)

    def archived_within(self, age: timedelta) -> frozenset[str]:
        """Name the classes that a run of the log archived no longer than `age` ago; some may be back since."""
        since = stamp(self._now - age)
        runs = self._runs.runs(self._integration, since=since)
        telling = (run for run in runs if run.status in _APPLIED and Kind.CLASSES in run.changes)
        ids = (run.id for run in telling if run.id is not None and run.changes[Kind.CLASSES].remove)
        return frozenset(sourced_id for run_id in ids for sourced_id in self._archived_by(run_id))

    def _archived_by(self, run_id: int) -> Iterator[str]:
        """Yield the classes that one run archived."""
        for change in self._runs.changes(run_id):
            removed = change.kind is Kind.CLASSES and change.action is Action.REMOVE
            if removed and change.after is not None and change.after.get("state") == ARCHIVED:
                yield change.sourced_id


def deliver(outputs: Iterable[Output], roster: RosterReader) -> Delivered:
    """Write every output; one that fails does not keep the others from being written, and is told as RS-OUT-001."""
    done: list[dict[str, Any]] = []
    found: list[Diagnostic] = []
    for output in outputs:
        try:
            written = output.write(roster)
        except RostersyncError as error:
            _LOG.debug("output %s to %s failed: %s", output.format, output.path, error.message)
            found.append(Diagnostic(Code.OUT_NOT_WRITTEN, f"{output.format}: {error.message}", error.hint))
        else:
            done.append({"format": output.format, "path": str(output.path), "rows": written.rows})
            found.extend(written.left_out)
    return Delivered(tuple(done), tuple(found))


def deliver_run(integration: Integration, store: Store, result: RunResult) -> RunResult:
    """Write the outputs of a run that has applied its plan, and add how that went to its record.

    To be called while the integration is held, after the transaction of the run. All outputs are written every time,
    so one that failed is written by the next run, whether or not that changes anything. The roster is applied by then:
    where the log cannot be added to, the run is partial and says so.
    """
    record = result.record
    if record.id is None or record.status not in _APPLIED or not integration.config.outputs:
        return result
    delivered = deliver(integration.outputs, AppliedRoster(store, integration.name, integration.clock()))
    failed = any(found.severity is Severity.ERROR for found in delivered.diagnostics)
    status = Status.PARTIAL if failed else record.status
    finished = stamp(integration.clock())
    told = replace(record, outputs=delivered.outputs, status=status, finished_at=finished)
    found = (*result.diagnostics, *delivered.diagnostics)
    try:
        Runs(store).update_outputs(record.id, delivered.outputs, status, delivered.diagnostics, finished)
    except (StoreError, Locked) as error:
        unsaid = Diagnostic(Code(error.code), f"the log does not show the outputs: {error.message}", error.hint)
        return replace(result, record=replace(told, status=Status.PARTIAL), diagnostics=(*found, unsaid))
    return replace(result, record=told, diagnostics=found)


def export(integration: Integration, store: Store, format_: str, path: Path) -> Written:
    """Write one output from the roster as it is now.

    Raises UsageError for an unknown format or an integration that was never synced, Locked while a run is under way,
    and OutputError.
    """
    section = _section(integration, format_, path)
    now = integration.clock()
    with held(store, integration.name, now):
        if States(store).read(integration.name).last_sync_at is None and not _has_rows(store, integration.name):
            hint = f"Run `rostersync run {integration.name}` first."
            raise UsageError(f"{integration.name} has never been synced: there is no roster to export", hint)
        return open_output(section, integration.config).write(AppliedRoster(store, integration.name, now))


def _section(integration: Integration, format_: str, path: Path) -> OutputSection:
    """The output as the configuration would have it: with the options of one of this format that is there."""
    if format_ not in OUTPUTS:
        raise UsageError(f'"{format_}" is no format of an output', f"The formats are {', '.join(OUTPUTS)}.")
    for section in integration.config.outputs:
        if section.format == format_:
            return section.model_copy(update={"path": path, "sftp": None})
    made: OutputSection = OUTPUTS[format_].model_validate({"format": format_, "path": path})  # type: ignore[assignment]
    return made


def _has_rows(store: Store, integration: str) -> bool:
    """Whether there is a roster, as there is after a reset."""
    return any(Roster(store, integration).counts().values())
