"""`unmatched`: the users without an account, as a list that can be worked through."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rostersync.cli.context import Context, current
from rostersync.cli.exits import ExitCode
from rostersync.cli.lines import show_lines
from rostersync.cli.options import Day, Name, day_of


def unmatched(
    ctx: typer.Context,
    name: Name,
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv", metavar="FILE", help="Write a table for a spreadsheet, of which match.overrides can be made."
        ),
    ] = None,
    suggest: Annotated[bool, typer.Option("--suggest", help="Name the nearest accounts, and why.")] = False,
    date: Day = None,
) -> int:
    """List the users without an account in the directory.

    Shows who is left out, or kept without an account, and what the search has come to. Reads what the last run has
    stored; asks nothing of the source and of the directory, and changes nothing. In the file, write the id of the right
    account into the column id, take the other rows out, and name the file in match.overrides.
    """
    from rostersync.cli.render import unmatched as render  # noqa: PLC0415 - rich is slow to load, --help must be fast
    from rostersync.pipeline.unmatched import find_unmatched  # noqa: PLC0415 - as above

    context = current(ctx)
    config = context.load()
    integration = config.integration(name)
    as_of = day_of(date) or context.clock().astimezone(integration.timezone).date()
    with context.open_store(config) as store:
        missing = find_unmatched(integration, store, as_of, suggestions=suggest)
    document = render.unmatched_document(missing.users)
    if csv is None:
        context.show(document, render.by_school)
    else:
        _save(csv, render.sheet(document, suggest=suggest))
        show_lines(context, document, render.Written(csv))
    _warn(context, missing.strangers)
    return ExitCode.DONE


def _save(path: Path, sheet: str) -> None:
    """Write the table, readable by its owner alone; raises OutputError."""
    from rostersync.cli.output import saved  # noqa: PLC0415 - as above

    with saved(path) as file:
        file.write(sheet.encode("utf-8-sig", "backslashreplace"))  # spreadsheets know UTF-8 by the mark alone


def _warn(context: Context, strangers: tuple[str, ...]) -> None:
    """Tell whom `match.overrides` names in vain: a spreadsheet may have made 7 of 007."""
    if strangers:
        more = ", …" if len(strangers) > _SHOWN else ""
        context.say(f"match.overrides names users that the source does not have: {', '.join(strangers[:_SHOWN])}{more}")


_SHOWN = 5
