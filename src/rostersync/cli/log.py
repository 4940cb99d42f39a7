"""`rostersync log`: the runs, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from rostersync.cli.context import current
from rostersync.cli.exits import ExitCode
from rostersync.cli.options import positive
from rostersync.cli.render.document import Document, document
from rostersync.errors import UsageError
from rostersync.model.run import Status

if TYPE_CHECKING:
    from rich.console import RenderableType

    from rostersync.config.load import Config
    from rostersync.store.base import RunRecord
    from rostersync.store.run_log import Runs


def log(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="An integration; all if none is named.")] = None,
    run: Annotated[int | None, typer.Option("--run", metavar="ID", help="Only this run, in full.")] = None,
    changes: Annotated[bool, typer.Option("--changes", help="With the plan of each run.")] = False,
    last: Annotated[bool, typer.Option("--last", help="Only the newest run, in full.")] = False,
    status: Annotated[
        Status | None,
        typer.Option("--status", metavar="S", help="Only runs that ended so: success, partial, failed, blocked."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="D", help="Only runs since this day or time, in UTC.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="How many runs at most.")] = 20,
) -> int:
    """Show the runs, newest first, and what needs attention."""
    from rostersync.cli.render.runs import log_view, runs_view  # noqa: PLC0415 - --help must be fast
    from rostersync.store.run_log import Runs  # noqa: PLC0415 - as above

    context = current(ctx)
    positive(limit, "--limit")
    start = _moment(since)
    config = context.load()

    def view(shown: Document) -> Iterator[RenderableType]:
        in_full = last or changes or run is not None
        return (runs_view if in_full else log_view)(shown, context.command)

    with context.open_store(config) as store:
        runs = Runs(store)
        _known(config, runs, name)
        found = runs.runs(name, id=run, status=status, since=start, limit=1 if last else limit)
        if run is not None and not found:
            raise UsageError(f"there is no run {run}{f' of {name}' if name else ''}", "See `rostersync log`.")
        context.show(document("log", runs=_documents(runs, found, changes=changes)), view)
    return ExitCode.DONE


def _documents(runs: Runs, found: list[RunRecord], *, changes: bool) -> Iterator[dict[str, object]]:
    """Runs as their documents; diagnostics and plans are read when they are written."""
    from rostersync.cli.render import records  # noqa: PLC0415 - --help must be fast

    for record in found:
        run_id = record.id or 0
        made = records.run(record, records.diagnostics(runs.diagnostics(run_id)))
        if changes:
            made["plan"] = records.plan(runs.changes(run_id))
        yield made


def _known(config: Config, runs: Runs, name: str | None) -> None:
    """Refuse a name that is neither configured nor in the log; raises UsageError (RS-CFG-005)."""
    if name is not None and runs.last(name) is None:
        config.integration(name)


def _moment(text: str | None) -> str | None:
    """The moment that `--since` names, as the log has it; raises UsageError."""
    from rostersync.pipeline.times import stamp  # noqa: PLC0415 - --help must be fast

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--since is no day or time: {text}", "Write it as 2026-11-21 or 2026-11-21T06:00:00Z."
        ) from error
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
