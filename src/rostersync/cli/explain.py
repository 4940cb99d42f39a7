"""`explain`: why somebody is, or is not, in the roster."""

from __future__ import annotations

from typing import Annotated

import typer

from rostersync.cli.context import current
from rostersync.cli.exits import ExitCode
from rostersync.cli.options import Day, Name, day_of


def explain(
    ctx: typer.Context,
    name: Name,
    who: Annotated[
        str,
        typer.Argument(
            metavar="WHO",
            help="A sourcedId of a user, class or enrollment, an email, a username.",
            show_default=False,
        ),
    ],
    date: Day = None,
) -> int:
    """Say why somebody is, or is not, in the roster.

    Shows what was decided about a person, their classes, enrollments and relationships, or about a class or an
    enrollment, each with its rules. Reads what the last run has stored; asks nothing of the source and changes nothing.
    With -v every decision is shown in full.
    """
    from rostersync.cli.render import explain as render  # noqa: PLC0415 - rich is slow to load, and --help must be fast
    from rostersync.pipeline.explaining import explain_who  # noqa: PLC0415 - as above

    context = current(ctx)
    config = context.load()
    integration = config.integration(name)
    as_of = day_of(date) or context.clock().astimezone(integration.timezone).date()
    with context.open_store(config) as store:
        subjects = explain_who(integration, store, who, as_of)
    context.show(render.explained(subjects), render.View(full=bool(context.verbose)))
    return ExitCode.DONE
