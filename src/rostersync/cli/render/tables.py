"""Tables that look the same everywhere: no frame, a rule under the head, data as it is."""

from __future__ import annotations

from rich import box
from rich.table import Table
from rich.text import Text

from rostersync.cli.render.text import safe


def table(*headers: str, right: tuple[str, ...] = ()) -> Table:
    """An empty table; the columns named in `right` hold numbers. Long values are folded, never cut off."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for header in headers:
        made.add_column(header, justify="right" if header in right else "left", overflow="fold")
    return made


def add(made: Table, *values: object) -> None:
    """Add a row of plain values; texts that are rich already stay so, and None is an empty cell."""
    made.add_row(*(value if isinstance(value, Text) else safe("" if value is None else value) for value in values))
