"""x"""

from __future__ import annotations
import typer
from rostersync.cli.context import current


def status(ctx: typer.Context) -> int:
    """x"""
    current(ctx).show({"a": 1}, lambda d: [str(d)])
    return 0
