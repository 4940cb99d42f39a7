"""`validate`: everything that is wrong with a OneRoster CSV package, whether or not an integration uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rostersync.cli.context import current
from rostersync.cli.exits import ExitCode


def validate(
    ctx: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder, a zip, or a glob (the newest by name).")],
) -> int:
    """Check a OneRoster CSV package, line by line."""
    from rostersync.cli.render import validate as render  # noqa: PLC0415 - rich is slow to load, --help must be fast
    from rostersync.sources.csv.validate import Validation  # noqa: PLC0415 - as above

    validation = Validation(path)
    current(ctx).show(render.Report(validation), render.show)
    if not validation.readable:
        return ExitCode.FAILED
    return ExitCode.DONE if validation.ok else ExitCode.PARTIAL
