"""`reset`: the next run asks the source for everything again."""

from __future__ import annotations

from typing import Annotated

import typer

from rostersync.cli.asking import confirm
from rostersync.cli.context import current
from rostersync.cli.exits import ExitCode
from rostersync.cli.lines import show_lines
from rostersync.cli.options import Name
from rostersync.cli.render.document import document


def reset(
    ctx: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> int:
    """Make the next run fetch everything.

    Clears the last sync date, and removes no synced data.
    """
    from rostersync.cli.render.upkeep import show_message  # noqa: PLC0415 - rich is slow to load, and --help must be fast
    from rostersync.pipeline.upkeep import reset as clear  # noqa: PLC0415 - as above
    from rostersync.store.state import States  # noqa: PLC0415 - as above

    context = current(ctx)
    config = context.load()
    config.integration(name)
    with context.open_store(config) as store:
        last = States(store).read(name).last_sync_at
        if not yes:
            confirm(context, f"Clear the last sync date of {name} ({last or 'none yet'})?")
        clear(store, name, context.clock())
    message = f"the next run of {name} fetches everything; nothing that was synced is removed"
    show_lines(context, document("reset", message=message, integration=name, last_sync_at_before=last), show_message)
    return ExitCode.DONE
