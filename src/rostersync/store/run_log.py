"""The log of runs: what each set out to do, what it found, and the plan it made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.plan import Change, KindCounts
from rostersync.model.run import Counts, Mode, Status
from rostersync.store import tables
from rostersync.store.base import Framed, RunRecord
from rostersync.store.database import Store
from rostersync.store.pages import PAGE
from rostersync.store.spool import unpack

_DIAGNOSTIC = "code, kind, sourced_id, school, message, hint"
_ADD_DIAGNOSTIC = f"INSERT INTO diagnostic (run_id, seq, {_DIAGNOSTIC}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
_NEXT_DIAGNOSTIC = "SELECT coalesce(max(seq) + 1, 0) FROM diagnostic WHERE run_id = ?"
_ADD_FRAME = "INSERT INTO plan_chunk (run_id, seq, body) VALUES (?, ?, ?)"


class Runs:
    """The runs of all integrations of one store (base.RunLog)."""

    def __init__(self, store: Store) -> None:
        """Read and write the log of this store."""
        self._store = store

    def record(self, run: RunRecord, diagnostics: Iterable[Diagnostic], plan: Framed | None = None) -> int:
        """Write a run down, in the transaction under way or one of its own, and return its id."""
        with self._store.transaction():
            run_id = self._record_run(run)
            self._add_diagnostics(run_id, diagnostics, 0)
            frames = enumerate(plan.frames() if plan else ())
            self._store.write_many(_ADD_FRAME, ((run_id, seq, frame) for seq, frame in frames))
        return run_id

    def update_outputs(
        self,
        run_id: int,
        outputs: Iterable[Mapping[str, Any]],
        status: Status,
        diagnostics: Iterable[Diagnostic],
        finished_at: str,
    ) -> None:
        """Write down how the delivery of a recorded run went, behind what it has found before."""
        with self._store.transaction():
            sql = "UPDATE run SET outputs = ?, status = ?, finished_at = ? WHERE id = ?"
            self._store.write(sql, (_json(list(outputs)), str(status), finished_at, run_id))
            start = int(self._store.fetch(_NEXT_DIAGNOSTIC, (run_id,))[0][0])
            self._add_diagnostics(run_id, diagnostics, start)

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
        query = select(tables.Run).order_by(col(tables.Run.id).desc()).limit(limit)
        for column, value in ((tables.Run.integration, integration), (tables.Run.id, id), (tables.Run.status, status)):
            if value is not None:
                query = query.where(col(column) == value)
        if since is not None:
            # Times of different precision do not compare as text; SQLite's own reading of them does.
            query = query.where(func.julianday(tables.Run.started_at) >= func.julianday(since))
        return self._select(query)

    def diagnostics(self, run_id: int) -> Iterator[Diagnostic]:
        """Yield what a run found, in the order in which it was recorded."""
        sql = f"SELECT {_DIAGNOSTIC} FROM diagnostic WHERE run_id = ? AND seq >= ? ORDER BY seq LIMIT {PAGE}"  # noqa: S608 - constants
        start = 0
        while page := self._store.fetch(sql, (run_id, start)):
            yield from map(_diagnostic, page)
            start += PAGE

    def changes(self, run_id: int) -> Iterator[Change]:
        """Yield the plan of a run."""
        sql = "SELECT body FROM plan_chunk WHERE run_id = ? AND seq = ?"
        seq = 0
        while frame := self._store.fetch(sql, (run_id, seq)):
            yield from unpack(frame[0][0])
            seq += 1

    def last(self, integration: str) -> RunRecord | None:
        """Return the newest run; None where there is none."""
        return next(iter(self.runs(integration, limit=1)), None)

    def last_success(self, integration: str) -> RunRecord | None:
        """Return the newest run that ended with success; None where there is none."""
        return next(iter(self.runs(integration, status=Status.SUCCESS, limit=1)), None)

    def drop_older_than(self, time: str) -> int:
        """Forget the runs that started before a time in UTC, but for the newest of each integration, and count them."""
        old = "julianday(started_at) < julianday(?)"
        newest = "id NOT IN (SELECT max(id) FROM run GROUP BY integration)"
        with self._store.transaction():
            return self._store.write(f"DELETE FROM run WHERE {old} AND {newest}", (time,))  # noqa: S608 - constants

    def _add_diagnostics(self, run_id: int, diagnostics: Iterable[Diagnostic], start: int) -> None:
        """Write findings down, in their order."""
        found = ((run_id, seq, *_finding(each)) for seq, each in enumerate(diagnostics, start))
        self._store.write_many(_ADD_DIAGNOSTIC, found)

    def _record_run(self, run: RunRecord) -> int:
        """Write the run itself."""
        with self._store.session() as session:
            row = _row(run)
            session.add(row)
            session.flush()
            return row.id or 0

    def _select(self, query: SelectOfScalar[tables.Run]) -> list[RunRecord]:
        """Run a query."""
        with self._store.session() as session:
            return [_record(row) for row in session.exec(query)]


def _row(run: RunRecord) -> tables.Run:
    """Lay a run out as its row."""
    return tables.Run(
        integration=run.integration,
        status=run.status,
        mode=run.mode,
        date=run.date,
        started_at=run.started_at,
        finished_at=run.finished_at,
        counts=_json(run.counts._asdict()),
        changes=_json({kind: counts._asdict() for kind, counts in run.changes.items()}),
        plan_hash=run.plan_hash,
        forced=int(run.forced),
        outputs=_json(run.outputs),
        error=None if run.error is None else _json(run.error),
    )


def _record(row: tables.Run) -> RunRecord:
    """Read a run from its row."""
    changes = msgspec.json.decode(row.changes, type=dict[Kind, dict[str, int]])
    return RunRecord(
        id=row.id,
        integration=row.integration,
        status=Status(row.status),
        mode=Mode(row.mode),
        date=row.date,
        started_at=row.started_at,
        finished_at=row.finished_at,
        counts=Counts(**msgspec.json.decode(row.counts, type=dict[str, int])),
        changes={kind: KindCounts(**counts) for kind, counts in changes.items()},
        plan_hash=row.plan_hash,
        forced=bool(row.forced),
        outputs=tuple(msgspec.json.decode(row.outputs, type=list[dict[str, Any]])),
        error=None if row.error is None else msgspec.json.decode(row.error, type=dict[str, Any]),
    )


def _finding(found: Diagnostic) -> tuple[str | None, ...]:
    """Lay a diagnostic out as its row, without run and place."""
    return (found.code, found.kind, found.sourced_id, found.school, found.message, found.hint)


def _diagnostic(row: tuple[Any, ...]) -> Diagnostic:
    """Read a diagnostic from its row."""
    code, kind, sourced_id, school, message, hint = row
    return Diagnostic(Code(code), message, hint, None if kind is None else Kind(kind), sourced_id, school)


def _json(value: object) -> str:
    """Write a value as JSON text."""
    return msgspec.json.encode(value).decode()
