"""Asks runs to end by SIGINT and SIGTERM at random moments."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from typing import Final

from torture.budget import Budget
from torture.crashes.moments import moment
from torture.crashes.scenes import Scene
from torture.crashes.states import litter, read_state
from torture.crashes.verdict import lost_by_death, lost_for_good
from torture.shim.program import Ended, Harm, Program

_LATEST: Final = 1.0
_DONE: Final = (0, 3)


def interruptions(
    program: Program, scenes: Sequence[Scene], budget: Budget, number: signal.Signals
) -> Iterator[Sequence[str]]:
    """Interrupt runs, a fourth as many as the budget kills."""
    random = budget.random(number.name)
    for _ in range(max(budget.kills // 4, 4)):
        scene = random.choice(scenes)
        harm = Harm(signal=number, after=moment(scene, random))
        yield interrupted(program, scene, harm)


def interrupted(program: Program, scene: Scene, harm: Harm) -> list[str]:
    """Interrupt a run, and see what was lost, left about or said in disorder."""
    with scene.set() as place:
        ended = program.call(scene.words, scene.now, place, harm, scene.revisions)
        found = read_state(place)
        lost = [*_disorder(ended, harm), *lost_by_death(scene, [ended], found)]
        lost += [f"{name} is left" for name in litter(place)]
        lost += lost_for_good(program, scene, place)
    return [f"{scene.name}: signal {harm.signal} after {harm.after:.4f} s: {each}" for each in lost]


def _disorder(ended: Ended, harm: Harm) -> Iterator[str]:
    """Tell what was not in order: a run that had already ended may say so, every other gives 128 and the signal."""
    if ended.status not in (*_DONE, 128 + harm.signal):
        yield f"it ended with {ended.status}"
    if ended.seconds - harm.after > _LATEST:
        yield f"it took {ended.seconds - harm.after:.1f} s to end"
    if "Traceback" in ended.err or not ended.document:
        yield f"it said {ended.out}{ended.err}"
