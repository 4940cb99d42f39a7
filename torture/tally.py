"""What came of one kind of fault, and the table of them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.table import Table
from rich.text import Text

_SHOWN: Final = 10


@dataclass(frozen=True)
class Tally:
    """How often a kind of fault was tried, and what was lost or let in, each told in one line.

    `survived` counts the tries after which the promise held: `tried` less those that did not, of which one may lose
    several things.
    """

    area: str
    fault: str
    promise: str
    tried: int
    survived: int
    lost: tuple[str, ...]


def tally(area: str, fault: str, promise: str, tries: Iterable[Sequence[str]]) -> Tally:
    """Count tries, each given as what it lost: nothing where the promise held."""
    losses = [tuple(lost) for lost in tries]
    survived = sum(not lost for lost in losses)
    return Tally(area, fault, promise, len(losses), survived, tuple(one for lost in losses for one in lost))


def table(tallies: Iterable[Tally]) -> Table:
    """Show tallies for a terminal; what they tell is never read as markup."""
    shown = Table("area", "fault", "promise", title="Nothing lost, nothing let in")
    for heading in ("tried", "survived", "lost"):
        shown.add_column(heading, justify="right")
    for each in tallies:
        counts = (f"{number:,}" for number in (each.tried, each.survived, len(each.lost)))
        shown.add_row(*(Text(cell) for cell in (each.area, each.fault, each.promise, *counts)))
    return shown


def losses(each: Tally) -> list[str]:
    """Tell the first of what was lost, a line each."""
    lines = [f"{each.area}: {each.fault}: {one}" for one in each.lost[:_SHOWN]]
    more = len(each.lost) - _SHOWN
    return [*lines, f"{each.area}: {each.fault}: and {more:,} more"] if more > 0 else lines
