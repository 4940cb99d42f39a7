"""The total deadline: whatever the server does to prolong a fetch, the program ends by `source.deadline`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from torture.budget import Budget
from torture.network.harms import HARMS, Harm, status
from torture.network.proxy import Strike
from torture.network.scenes import Scene, scene
from torture.tally import Tally, tally

PROMISE: Final = "the program ends by `source.deadline`, RS-NET-003, and nothing has changed"
_SLACK: Final = 15.0
"""Seconds for the program to start and to end, on a machine that has other things to do."""

_PROLONGING: Final = (
    *(harm for harm in HARMS if harm.slow),
    Harm("deadline", "429 with pauses", status(429, b"Retry-After: 1")),
    Harm("deadline", "503", status(503)),
)


def deadline_tally(budget: Budget) -> Tally:
    """Try what prolongs a fetch in processes of their own, which wait between their tries as in earnest."""
    with (
        tempfile.TemporaryDirectory() as folder,
        scene("full oauth2", Path(folder) / "s", ("run", "main", "--json")) as made,
    ):
        every = [(harm, place) for harm in _PROLONGING for place in (0, 3)]
        chosen = budget.random("deadlines").sample(every, min(len(every), budget.boundaries // 4))
        tries = [list(_tried(made, harm, place)) for harm, place in chosen]
    return tally("network", "longer than the deadline", PROMISE, tries)


def _tried(made: Scene, harm: Harm, place: int) -> Iterator[str]:
    made.eve(timeout=60.0, deadline="2s", retries=20)
    made.proxy.begin(Strike(harm.act, place, forever=True))
    began = time.monotonic()
    with made.site.process("run", "main", "--full", "--json") as process:
        out, err = process.communicate(timeout=60)
    taken = time.monotonic() - began
    made.proxy.begin()
    if taken > 2 + _SLACK:
        yield f"{harm.name} from request {place}: {taken:.1f} s"
    if process.returncode != 1 or b"RS-NET-003" not in out or b"Traceback" in err:
        yield f"{harm.name} from request {place}: exit {process.returncode}, {out[-300:]!r}, {err[-300:]!r}"
    if made.site.mark() != made.marks:
        yield f"{harm.name} from request {place}: the store changed"
