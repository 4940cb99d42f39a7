"""Privacy: what is stored, who may read it, where links lead, and what is left of people who are forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from torture.budget import Budget
from torture.privacy import erased, links, modes, planted
from torture.tally import Tally, tally

AREA: Final = "privacy"

_TRIES: Final[tuple[tuple[str, str, Callable[[Budget], Iterable[Sequence[str]]]], ...]] = (
    ("fields that nobody mapped", "no password, no demographics and nothing unmapped is kept", planted.tries),
    ("umask 000", "every file is 0600 and every folder 0700, at every moment", modes.tries),
    (
        "symbolic links",
        "a store, lock, key or secret that is a link is refused, and what it points to stays",
        links.tries,
    ),
    ("purge", "no bytes of anybody in the store or beside it", erased.purged),
    ("retain_runs_days", "no bytes of those who left in what the log no longer has", erased.retained),
)


def tallies(budget: Budget) -> Iterator[Tally]:
    """Try each kind of harm."""
    for fault, promise, tries in _TRIES:
        yield tally(AREA, fault, promise, tries(budget))
