"""`purge`: everything that the store has of an integration is deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rostersync.cli.asking import ask
from rostersync.cli.context import Context, current
from rostersync.cli.exits import ExitCode
from rostersync.cli.lines import show_lines
from rostersync.cli.options import Name
from rostersync.cli.render.document import document
from rostersync.errors import UsageError

if TYPE_CHECKING:
    from rostersync.config.load import Config
    from rostersync.store.database import Store


def purge(
    ctx: typer.Context,
    name: Name,
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="NAME", help="The name again, instead of typing it when asked.")
    ] = None,
) -> int:
    """Delete all data of an integration from the store.

    Its roster, its snapshot and its run log; also those of an integration that was removed.
    """
    from rostersync.cli.render.upkeep import show_message  # noqa: PLC0415 - rich is slow to load, and --help must be fast
    from rostersync.pipeline.upkeep import purge as delete  # noqa: PLC0415 - as above
    from rostersync.store.roster import Roster  # noqa: PLC0415 - as above

    context = current(ctx)
    config = context.load()
    with context.open_store(config) as store:
        _check_known(config, store, name)
        rows = {str(kind): count for kind, count in Roster(store, name).counts().items()}
        _check_confirmed(context, name, confirm, rows)
        delete(store, name, context.clock())
    message = f"everything that the store had of {name} is deleted"
    show_lines(context, document("purge", message=message, integration=name, deleted=rows), show_message)
    return ExitCode.DONE


def _check_known(config: Config, store: Store, name: str) -> None:
    """Raise UsageError where neither the configuration nor the store knows the integration."""
    from rostersync.pipeline.upkeep import has_data  # noqa: PLC0415 - as above

    if not has_data(store, name):
        config.integration(name)


def _check_confirmed(context: Context, name: str, confirmed: str | None, rows: dict[str, int]) -> None:
    """Raise UsageError where the name was not typed, whatever else was."""
    if confirmed is None:
        has = f"{rows['users']} users, {rows['classes']} classes and {rows['enrollments']} enrollments"
        question = f"The store has {has} of {name}.\nThis cannot be undone. Type {name} to delete all of it: "
        confirmed = ask(context, question, f"--confirm {name}")
    if confirmed != name:
        raise UsageError(f'"{confirmed}" is not {name}: nothing was deleted', f"Type {name}, or give --confirm {name}.")
