"""`rostersync status`: how every integration stands."""

from __future__ import annotations

import dataclasses

import typer

from rostersync.cli.context import current
from rostersync.cli.exits import ExitCode
from rostersync.cli.render.document import document


def status(ctx: typer.Context) -> int:
    """Show how every integration stands."""
    from rostersync.cli.render.status import status_view  # noqa: PLC0415 - --help must be fast
    from rostersync.pipeline.status import status_of  # noqa: PLC0415 - as above

    context = current(ctx)
    config = context.load()
    with context.open_store(config) as store:
        found = [status_of(each, store, context.clock()) for each in config.integrations.values()]
    context.show(document("status", integrations=[dataclasses.asdict(each) for each in found]), status_view)
    return ExitCode.DONE
