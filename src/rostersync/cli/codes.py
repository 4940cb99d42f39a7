"""`codes`: what every diagnostic code means, where it comes from, and what to do."""

from __future__ import annotations

from typing import Annotated

import typer

from rostersync.cli.context import current
from rostersync.cli.exits import ExitCode


def codes(
    ctx: typer.Context,
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="A code, such as RS-CFG-001 or cfg-001.", show_default=False)
    ] = None,
) -> int:
    """Say what a code means, and what to do."""
    from rostersync.cli.render import codes as render  # noqa: PLC0415 - rich is slow to load, and --help must be fast

    chosen = render.chosen(code)
    current(ctx).show(render.catalogue(chosen), render.show)
    return ExitCode.DONE
