"""`rostersync preview`: what a run would do now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rostersync.cli.context import current
from rostersync.cli.exits import ExitCode
from rostersync.cli.options import AcceptSource, Day, Full, Name, PackageFile, day_of, positive, same_file
from rostersync.cli.output import save_json
from rostersync.cli.render.document import Document, document
from rostersync.errors import UsageError
from rostersync.model.kind import Kind

if TYPE_CHECKING:
    from rich.console import RenderableType

    from rostersync.pipeline.options import Options


def preview(
    ctx: typer.Context,
    name: Name,
    date: Day = None,
    full: Full = False,
    offline: Annotated[bool, typer.Option("--offline", help="Use what the last run fetched; no network.")] = False,
    kind: Annotated[Kind | None, typer.Option("--kind", metavar="KIND", help="Only this kind, as users.")] = None,
    school: Annotated[str | None, typer.Option("--school", metavar="ID", help="Only this school.")] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="How many rows are shown.")] = 20,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write the JSON document to a file too.")
    ] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 10 when changes are pending.")
    ] = False,
    file: PackageFile = None,
    accept_source_change: AcceptSource = False,
) -> int:
    """Show what a run would change, and change nothing."""
    from rostersync.cli.render import records  # noqa: PLC0415 - --help must be fast
    from rostersync.cli.render.parts import pending  # noqa: PLC0415 - as above
    from rostersync.cli.render.preview import preview_view  # noqa: PLC0415 - as above
    from rostersync.cli.watching import watch  # noqa: PLC0415 - as above
    from rostersync.pipeline import run as story  # noqa: PLC0415 - as above
    from rostersync.pipeline.options import Options  # noqa: PLC0415 - as above

    context = current(ctx)
    positive(limit, "--limit")
    _writable(output)
    config = context.load()
    if file is not None and offline:
        raise UsageError("--file and --offline exclude each other", "--offline shows what is known without any file.")
    integration = context.wire(config, name, file)
    options = Options(full, day_of(date), offline, accept_source_change)

    def command(*words: str) -> str:
        again = _same(options) if words[0] == "run" else ()
        return context.command(*words, *again, *same_file(words[0], file))

    def view(shown: Document) -> Iterator[RenderableType]:
        return preview_view(shown, limit, command)

    with context.open_store(config) as store, ExitStack() as opened:
        story.check_source(integration, store, options)
        with watch(context) as progress:
            made = opened.enter_context(story.preview(integration, store, options, progress))
        answer = document("preview", preview=records.preview(made, kind, school))
        if output is not None:
            save_json(output, answer)
        context.show(answer, view)
        changes = pending(answer["preview"]["changes"])
    return ExitCode.PENDING if detailed_exitcode and changes else ExitCode.DONE


def _same(options: Options) -> tuple[str, ...]:
    """The words that make a run come to the plan that was previewed."""
    day = () if options.day is None else ("--date", options.day.isoformat())
    full = ("--full",) if options.full else ()
    return (*day, *full, *(("--accept-source-change",) if options.accept_source_change else ()))


def _writable(output: Path | None) -> None:
    """Refuse a file that could not be written, before anything is fetched; raises UsageError."""
    if output is not None and (output.is_dir() or not output.absolute().parent.is_dir()):
        raise UsageError(
            f"--output names no file that could be written: {output}", "Name a file in a folder that exists."
        )
