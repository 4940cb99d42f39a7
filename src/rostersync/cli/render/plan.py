"""A plan as a diff: rows with `+ ~ -`, what changed, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rostersync.cli.render.parts import SIGNS, STYLES, indented, number
from rostersync.cli.render.records import KINDS
from rostersync.cli.render.text import plain, safe

Row = Mapping[str, Any]
_Group = tuple[str, str]

LEGEND = "+ created   ~ updated, old → new   - removed: deleted, disabled or archived"


class Sample:
    """A few changes of every kind and action, and how many there are of each; reads the plan once."""

    def __init__(self, changes: Iterable[Row], limit: int) -> None:
        """Read the plan, keeping at most `limit` changes of each kind and action."""
        self.totals: dict[_Group, int] = {}
        self._rows: dict[_Group, list[Row]] = {}
        for change in changes:
            group = (change["kind"], change["action"])
            self.totals[group] = self.totals.get(group, 0) + 1
            rows = self._rows.setdefault(group, [])
            if len(rows) < limit:
                rows.append(change)
        self._share(limit)

    def rows(self, kind: str) -> list[Row]:
        """The changes of a kind that are shown: what is removed first, as that is what people look for."""
        return [row for action in ("remove", "update", "create") for row in self._rows.get((kind, action), ())]

    def total(self, kind: str) -> int:
        """How many changes of a kind there are."""
        return sum(total for (each, _), total in self.totals.items() if each == kind)

    def _share(self, limit: int) -> None:
        """Share the rows that may be shown evenly among kinds and actions."""
        left, share = limit, 0
        taken = dict.fromkeys(self._rows, 0)
        while left and any(taken[group] < len(rows) for group, rows in self._rows.items()):
            share += 1
            for group in sorted(self._rows, key=_place):
                if left and taken[group] < min(share, len(self._rows[group])):
                    taken[group] += 1
                    left -= 1
        self._rows = {group: rows[: taken[group]] for group, rows in self._rows.items()}


def plan_rows(sample: Sample) -> Iterator[RenderableType]:
    """The legend, and the changes kind by kind with how many more there are."""
    yield Text(f"  {LEGEND}", "dim")
    for kind in KINDS:
        total = sample.total(kind)
        if not total:
            continue
        rows = sample.rows(kind)
        yield Text(f"  {kind}", "bold")
        if rows:
            yield indented(_table(rows), 4)
        if total > len(rows):
            yield Text(f"    … {number(total - len(rows))} more", "dim")


def _table(rows: Iterable[Row]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", ratio=3)
    grid.add_column(overflow="fold", ratio=2)
    grid.add_column(overflow="fold", ratio=4)
    for row in rows:
        style = STYLES[row["action"]]
        grid.add_row(Text(SIGNS[row["action"]], style), safe(row["label"], style), safe(row["sourced_id"]), _why(row))
    return grid


def _why(row: Row) -> Text:
    """What happens to a row beside its sign: the changed fields, or what becomes of it and the reason."""
    match row["action"]:
        case "update":
            return Text("\n").join(_fields(row))
        case "remove":
            state = (row["after"] or {}).get("state", "deleted")
            return Text(plain(f"{state}: {row['reason']}" if row["reason"] else state))
        case _:
            fields = row["after"] or {}
            known = [fields[name] for name in ("role", "email") if row["kind"] == "users" and fields.get(name)]
            return safe(" · ".join(known), "dim")


def _fields(row: Row) -> Iterator[Text]:
    before, after = row["before"] or {}, row["after"] or {}
    for name in after:
        yield Text.assemble(f"{name}: ", (_value(before.get(name)), "red"), " → ", (_value(after[name]), "green"))


def _value(value: object) -> str:
    """A field's value in a few words."""
    if value is None or value in ("", (), []):
        return "(none)"
    return ", ".join(map(plain, value)) if isinstance(value, (list, tuple)) else plain(value)


def _place(group: _Group) -> tuple[int, int]:
    kinds: list[str] = list(KINDS)
    return kinds.index(group[0]), ("remove", "update", "create").index(group[1])
