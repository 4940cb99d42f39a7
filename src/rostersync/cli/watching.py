"""Chooses how the progress of a fetch is told."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rostersync.cli.output import console

if TYPE_CHECKING:
    from rostersync.cli.context import Context
    from rostersync.cli.render.progress import Bars, Lines


def watch(context: Context) -> Bars | Lines:
    """Bars on a terminal that can show them; else, with `-v`, a line for each phase; else nothing."""
    from rostersync.cli.render.progress import Bars, Lines  # noqa: PLC0415 - rich is slow to load

    errors = console(sys.stderr)
    if errors.is_terminal and not errors.is_dumb_terminal and not context.quiet:
        return Bars(errors, verbose=bool(context.verbose))
    return Lines(context.say if context.verbose else _nothing)


def _nothing(_line: str) -> None:
    """Say nothing."""
