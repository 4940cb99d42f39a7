"""`rostersync run`: brings the roster up to date."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from rostersync.cli import exits
from rostersync.cli.context import Context, current
from rostersync.cli.options import AcceptSource, Day, Full, Names, PackageFile, chosen, day_of, same_file
from rostersync.cli.output import write_lines, write_text
from rostersync.cli.render.document import document
from rostersync.errors import Locked, UsageError
from rostersync.model.run import Status

if TYPE_CHECKING:
    from pathlib import Path

    from rostersync.config.load import Config
    from rostersync.config.schema import IntegrationConfig
    from rostersync.pipeline.options import Options
    from rostersync.pipeline.result import RunResult
    from rostersync.store.database import Store
    from rostersync.wiring import Integration

_HASH = re.compile(r"[0-9a-f]{64}")


def run(
    ctx: typer.Context,
    names: Names = None,
    due: Annotated[bool, typer.Option("--due", help="Only those whose schedule has come due.")] = False,
    full: Full = False,
    approve: Annotated[
        str | None, typer.Option("--approve", metavar="HASH", help="Apply exactly the plan with this hash.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Apply the plan whatever the guard says.")] = False,
    date: Day = None,
    file: PackageFile = None,
    accept_source_change: AcceptSource = False,
) -> int:
    """Bring the roster up to date."""
    from rostersync.pipeline.options import Options  # noqa: PLC0415 - --help must be fast

    context = current(ctx)
    _approvable(names, approve, force=force)
    _uploadable(names, file, due=due)
    options = Options(
        full, day_of(date), accept_source_change=accept_source_change, approve=approve and approve.lower(), force=force
    )
    config = context.load()
    _enabled(config, names)
    results: list[RunResult] = []
    for result in _results(context, config, names, options, due=due, file=file):
        _tell(context, result, file, first=not results)
        results.append(result)
    return _answer(context, results, due=due)


def _results(
    context: Context, config: Config, names: list[str] | None, options: Options, *, due: bool, file: Path | None
) -> Iterator[RunResult]:
    """Run the integrations one after the other; a store that another process holds makes every one of them busy.

    Where other runs hold all of them the store is not even opened: it may be locked for longer than an answer may take.
    """
    from rostersync.cli.watching import watch  # noqa: PLC0415 - --help must be fast
    from rostersync.pipeline import run as story  # noqa: PLC0415 - as above

    asked = chosen(config, names)
    with ExitStack() as opened:
        try:
            if not due:
                _free(config, asked)
            store = opened.enter_context(context.open_store(config, create=True))
            integrations = _wired(context, config, store, names, options, due=due, file=file)
        except Locked as error:
            for each in asked:
                yield story.busy(context.wire(config, each.name), options, error)
            return
        for integration in integrations:
            with watch(context) as progress:
                result = story.run(integration, store, options, progress)
            yield result


def _free(config: Config, asked: list[IntegrationConfig]) -> None:
    """Raise Locked where every integration that is asked for is held by another run."""
    from rostersync.store.lock import find_holder  # noqa: PLC0415 - --help must be fast

    holders = [find_holder(config.store.path, each.name) for each in asked]
    if holders and (last := holders[-1]) and all(holders):
        raise last


def _approvable(names: list[str] | None, approve: str | None, *, force: bool) -> None:
    """Refuse an approval that says nothing clear; raises UsageError."""
    if approve is None:
        return
    if not _HASH.fullmatch(approve.lower()):
        raise UsageError("--approve takes the 64 hexadecimal digits that preview printed")
    if force:
        raise UsageError("--approve and --force exclude each other", "--approve applies one plan, --force any.")
    if len(set(names or ())) != 1:
        raise UsageError("--approve takes exactly one NAME", "A plan belongs to one integration.")


def _uploadable(names: list[str] | None, file: Path | None, *, due: bool) -> None:
    """Refuse a file that is not for one integration; raises UsageError."""
    if file is None:
        return
    if due:
        raise UsageError("--file and --due exclude each other", "A file is uploaded by hand, whatever the schedule.")
    if len(set(names or ())) != 1:
        raise UsageError("--file takes exactly one NAME", "A package belongs to one integration.")


def _enabled(config: Config, names: list[str] | None) -> None:
    """Refuse a disabled integration that is named; raises UsageError."""
    for integration in chosen(config, names):
        if not integration.enabled:
            message = f"{integration.name} is disabled"
            raise UsageError(message, f"Set integrations.{integration.name}.enabled to true in {config.path}.")


def _wired(
    context: Context,
    config: Config,
    store: Store,
    names: list[str] | None,
    options: Options,
    *,
    due: bool,
    file: Path | None,
) -> list[Integration]:
    """Put every integration together and look at its source before the first one starts."""
    from rostersync.pipeline.run import check_source  # noqa: PLC0415 - --help must be fast
    from rostersync.pipeline.status import due_names  # noqa: PLC0415 - as above

    asked = [integration.name for integration in chosen(config, names)]
    if due:
        ready = set(due_names(config, store, context.clock()))
        asked = [name for name in asked if name in ready]
    integrations = [context.wire(config, name, file) for name in asked]
    for integration in integrations:
        check_source(integration, store, options)
    return integrations


def _tell(context: Context, result: RunResult, file: Path | None, *, first: bool) -> None:
    """Tell of a run as soon as it has ended."""
    from rich.text import Text  # noqa: PLC0415 - --help must be fast

    from rostersync.cli.render import records  # noqa: PLC0415 - as above
    from rostersync.cli.render.runs import run_view  # noqa: PLC0415 - as above

    def command(*words: str) -> str:
        return context.command(*words, *same_file(words[0], file))

    if not context.json:
        shown = records.run(result.record, records.diagnostics(result.diagnostics))
        write_text(sys.stdout, [*([] if first else [Text("")]), *run_view(shown, command)])
    if context.json or not sys.stdout.isatty():
        _complain(result)


def _complain(result: RunResult) -> None:
    """Tell on stderr of a run that changed nothing, where stdout is read by a program or by nobody."""
    from rostersync.cli.render.text import safe  # noqa: PLC0415 - --help must be fast

    record = result.record
    if record.error is not None:
        why = f"{record.error['code']}: {record.error['message']}"
    elif record.status == Status.BLOCKED:
        why = ", ".join(sorted({each.code for each in result.diagnostics if each.code.startswith("RS-LIMIT")}))
    else:
        return
    write_lines(sys.stderr, [safe(f"{record.integration}: {record.status}: {why}")])


def _answer(context: Context, results: list[RunResult], *, due: bool) -> int:
    """Write the document, and give the gravest exit code."""
    from rostersync.cli.render import records  # noqa: PLC0415 - --help must be fast

    if context.json:
        runs = (records.run(each.record, records.diagnostics(each.diagnostics)) for each in results)
        context.print(document("run", runs=runs))
    if not results:
        context.say("Nothing is due." if due else "No integration is enabled.")
    return exits.of_runs(result.record.status for result in results)
