"""Parts that several views share: numbers, what changed by kind, and what needs attention."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rostersync.cli.render.tables import add, table
from rostersync.cli.render.text import plain, safe
from rostersync.model.codes import CATALOGUE, Code

SIGNS = {"create": "+", "update": "~", "remove": "-"}
STYLES = {"create": "green", "update": "yellow", "remove": "red"}
SEVERITY_STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}
STATUS_STYLES = {"success": "green", "partial": "yellow", "failed": "bold red", "blocked": "bold red", "busy": "yellow"}
FOUR = {
    "unmatched_users": "unmatched users",
    "matched_students": "matched students",
    "matched_teachers": "matched teachers",
    "imported_classes": "imported classes",
}
"""The numbers that an administrator asks for first."""

_EXAMPLES = 3


def heading(title: str) -> Text:
    """The line above a part, with an empty one before it."""
    return Text(f"\n{title}", "bold")


def indented(renderable: RenderableType, by: int = 2) -> Padding:
    """Something moved to the right."""
    return Padding(renderable, (0, 0, 0, by))


def typed(line: str, by: int = 2) -> Text:
    """A line to type: never broken, so that it can be copied."""
    return Text(" " * by + plain(line), "bold", no_wrap=True, overflow="ignore")


def number(value: int) -> str:
    """A number with its thousands parted."""
    return f"{value:,}"


def time(stamp: str | None) -> str:
    """A moment to the minute, in UTC."""
    return "never" if stamp is None else f"{stamp[:10]} {stamp[11:16]}"


def numbers(counts: Mapping[str, int]) -> Iterator[RenderableType]:
    """The four numbers in a row of two, then the others that are not zero."""
    grid = Table.grid(padding=(0, 2))
    for column in range(4):
        grid.add_column(justify="right" if column % 2 else "left")
    named = [(safe(label), safe(number(counts[key]), "bold")) for key, label in FOUR.items()]
    grid.add_row(*named[0], *named[1])
    grid.add_row(*named[2], *named[3])
    yield indented(grid)
    others = [f"{key.replace('_', ' ')} {number(value)}" for key, value in counts.items() if key not in FOUR and value]
    if others:
        yield indented(Text(plain(" · ".join(others)), "dim"))


def pending(changes: Mapping[str, Mapping[str, int]]) -> int:
    """How many changes there are in all."""
    return sum(sum(counts.values()) for counts in changes.values())


def changed(changes: Mapping[str, Mapping[str, int]]) -> RenderableType:
    """What is created, updated and removed of each kind that changes."""
    made = table("", "+ create", "~ update", "- remove", right=("+ create", "~ update", "- remove"))
    for kind, counts in changes.items():
        if any(counts.values()):
            cells = (safe(number(n), STYLES[action] if n else "dim") for action, n in counts.items())
            add(made, kind, *cells)
    return indented(made)


def brief(changes: Mapping[str, Mapping[str, int]]) -> Text:
    """All changes in three numbers, those that are zero left out."""
    shown = Text()
    for action, sign in SIGNS.items():
        total = sum(counts[action] for counts in changes.values())
        if total:
            shown.append(f" {sign}{total}" if shown else f"{sign}{total}", STYLES[action])
    return shown or Text("none", "dim")


@dataclass(slots=True)
class Grouped:
    """The diagnostics of one code: how many, and the first few."""

    code: str
    severity: str
    hint: str
    count: int = 0
    first: list[str] = field(default_factory=list)

    def take(self, message: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.first) < _EXAMPLES:
            self.first.append(message)


def by_code(found: Iterable[Mapping[str, Any]]) -> list[Grouped]:
    """Diagnostics by their code, the gravest first."""
    groups: dict[str, Grouped] = {}
    for each in found:
        code = each["code"]
        group = groups.setdefault(code, Grouped(code, each["severity"], each["hint"]))
        group.take(each["message"])
    return sorted(groups.values(), key=lambda group: (list(SEVERITY_STYLES).index(group.severity), group.code))


def attention(groups: Iterable[Grouped]) -> Iterator[RenderableType]:
    """Each code once: how often, the first few messages, and what to do."""
    for group in groups:
        entry = CATALOGUE[Code(group.code)]
        style = SEVERITY_STYLES[group.severity]
        head = Text.assemble((f"{plain(group.code)} {group.severity}{_times(group)}: ", style), (entry.title, "bold"))
        yield indented(head)
        for message in group.first:
            yield indented(bullet("·", plain(message)), 4)
        if group.count > len(group.first):
            yield indented(Text(f"· and {number(group.count - len(group.first))} more", "dim"), 4)
        yield indented(bullet("→", plain(group.hint if group.count == 1 and group.hint else entry.remedy)), 4)


def bullet(sign: str, text: str) -> Table:
    """A text behind a sign, its further lines under the first."""
    grid = Table.grid(padding=(0, 1))
    grid.add_row(Text(sign), Text(text))
    return grid


def _times(group: Grouped) -> str:
    return f" × {number(group.count)}" if group.count > 1 else ""  # noqa: RUF001 - the sign for times
