"""`export`: the roster as it is now, in one of the formats that other systems take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rostersync.cli.context import current
from rostersync.cli.exits import ExitCode
from rostersync.cli.lines import show_lines
from rostersync.cli.options import Name
from rostersync.cli.render.document import document


def export(
    ctx: typer.Context,
    name: Name,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="F",
            help="One of oneroster-1.1, oneroster-1.2, sds-2.1, apple-school-manager, jsonl.",
            show_default=False,
        ),
    ],
    output: Annotated[Path, typer.Option("--output", metavar="PATH", help="A .zip, or a folder.", show_default=False)],
) -> int:
    """Write the roster as it is now in one format.

    What is at the path is replaced as a whole. The options of an output of that format in the configuration apply.
    """
    from rostersync.cli.render.exporting import export_document, show_export  # noqa: PLC0415 - rich is slow to load
    from rostersync.pipeline.delivering import export as write  # noqa: PLC0415 - as above

    context = current(ctx)
    config = context.load()
    integration = context.wire(config, name)
    with context.open_store(config) as store:
        written = write(integration, store, format_, output)
    show_lines(context, document("export", **export_document(name, format_, output, written)), show_export)
    return ExitCode.DONE
