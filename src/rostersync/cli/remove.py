"""`remove`: an integration leaves the configuration, its data stays in the store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from rostersync.cli.asking import confirm
from rostersync.cli.context import current
from rostersync.cli.exits import ExitCode
from rostersync.cli.lines import show_lines
from rostersync.cli.options import Name
from rostersync.cli.render.document import document


def remove(
    ctx: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> int:
    """Take an integration out of the configuration.

    The comments in the file stay, and so does the synced data: see `purge`.
    """
    from rostersync.cli.render.upkeep import show_message  # noqa: PLC0415 - rich is slow to load, and --help must be fast
    from rostersync.config.edit import remove_integration  # noqa: PLC0415 - as above
    from rostersync.config.find import find, read_toml  # noqa: PLC0415 - as above

    context = current(ctx)
    # Only found, not checked: what is wrong with an integration is a good reason to remove it.
    path = find(context.config_path, os.environ, Path.cwd()).absolute()
    integrations = read_toml(path)[1].get("integrations")
    known = isinstance(integrations, dict) and name in integrations
    if known and not yes:
        confirm(context, f"Take {name} out of {path}?")
    remove_integration(path, name)
    message = (
        f"{name} is no longer in {path}; what was synced stays in the store until `{context.command('purge', name)}`"
    )
    show_lines(context, document("remove", message=message, integration=name, config=str(path)), show_message)
    return ExitCode.DONE
