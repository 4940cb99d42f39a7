"""Crashes: runs that are killed at any moment and at every place where they write, and runs asked to end."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from torture.budget import Budget
from torture.crashes.boundaries import deaths, die
from torture.crashes.migrations import migration
from torture.crashes.moments import kills
from torture.crashes.scenes import Scene, csv_days, rest_day
from torture.crashes.signals import at_lines, early, interruptions
from torture.shim.program import Program, compiled
from torture.tally import Tally, tally

_AREA: Final = "crashes"
_WHOLE: Final = "the old or the new generation, and the next run mends all"
_ORDER: Final = "ends in order, with 130 or 143"
_SCHEMA: Final = "the old or the new schema, and the next start completes it"
_DAYS: Final = 4


def tallies(budget: Budget) -> Iterator[Tally]:
    """Kill runs at random moments and at every write, interrupt them, and kill migrations."""
    with tempfile.TemporaryDirectory(prefix="torture-") as name, ExitStack() as opened:
        folder = Path(name)
        program = opened.enter_context(Program(folder / "program", compiled(folder)))
        packages = csv_days(program, folder / "csv", _DAYS)
        delta = opened.enter_context(rest_day(program, folder / "rest"))
        whole = opened.enter_context(rest_day(program, folder / "rest-full", "--full"))
        yield from _at_random(program, packages, [delta, whole], budget)
        for scene in (packages[1], delta, packages[0]):
            yield from _at_writes(program, scene, _WHOLE, budget)
        yield from _at_writes(program, migration(program, folder / "migration", packages[1]), _SCHEMA, budget)
        other = opened.enter_context(Program(folder / "other" / "program", compiled(folder), other_journal=True))
        day = csv_days(other, folder / "other" / "csv", 2)[1]
        yield from _at_writes(other, replace(day, name=f"{day.name}, the other journal"), _WHOLE, budget)


def _at_random(program: Program, packages: Sequence[Scene], server: Sequence[Scene], budget: Budget) -> Iterator[Tally]:
    """Kill and interrupt at random moments: three in four read packages, the others ask a server."""
    for what, scenes, share in (("packages", packages, 0.75), ("a server", server, 0.25)):
        tries = kills(program, scenes, budget, share)
        yield tally(_AREA, f"killed at random moments, from {what}", _WHOLE, tries)
    for number in (signal.SIGINT, signal.SIGTERM):
        tries = interruptions(program, [*packages, *server], budget, number)
        yield tally(_AREA, f"{number.name} at random moments", _ORDER, tries)
        yield tally(_AREA, f"{number.name} from the start of Python on", _ORDER, early(packages[1], budget, number))
    for scene in (packages[1], server[0]):
        tries = at_lines(program, scene, budget)
        yield tally(_AREA, f"SIGINT at a line of Python: {scene.name}", _ORDER, tries)


def _at_writes(program: Program, scene: Scene, promise: str, budget: Budget) -> Iterator[Tally]:
    """Kill at every place where a scene writes."""
    for fault, harms in deaths(program, scene, budget):
        tries = (die(program, scene, harm) for harm in harms)
        yield tally(_AREA, f"{fault}: {scene.name}", promise, tries)
