"""Kills at random moments: one run, or several after each other before one may end."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from torture.budget import Budget
from torture.crashes.scenes import Scene
from torture.crashes.states import read_state
from torture.crashes.verdict import lost_by_death, lost_for_good
from torture.shim.program import Ended, Harm, Program

_AGAIN: Final = 0.25
_BEYOND: Final = 1.1


def kills(program: Program, scenes: Sequence[Scene], budget: Budget, share: float = 1.0) -> Iterator[Sequence[str]]:
    """Kill as many runs as the budget has, or a share of that; a run that was faster than its killer is no kill.

    The pace follows how fast the machine is now, which may have been slower when the runs were measured.
    """
    random = budget.random(f"kills of {scenes[0].name}")
    killed, tried, most, pace = 0, 0, int(budget.kills * share), 1.0
    while killed < most and tried < most * 4:
        ended, lost = killed_at_random(program, random.choice(scenes), random, pace)
        hit = sum(each.status == -signal.SIGKILL for each in ended)
        killed, tried = killed + hit, tried + 1
        pace = min(pace * 1.1, 4.0) if hit else max(pace * 0.7, 0.05)
        if hit or lost:
            yield from [lost, *[()] * (hit - 1)]


def killed_at_random(
    program: Program, scene: Scene, random: Random, pace: float = 1.0
) -> tuple[list[Ended], list[str]]:
    """Kill a run of a scene, now and then also the run that comes to mend it, and see what was lost."""
    ended: list[Ended] = []
    lost: list[str] = []
    with scene.set() as place:
        while not ended or random.random() < _AGAIN:
            harm = Harm(signal=signal.SIGKILL, after=moment(scene, random) * pace)
            ended.append(program.call(scene.words, scene.now, place, harm, scene.revisions))
            lost += lost_by_death(scene, ended, read_state(place))
        lost += lost_for_good(program, scene, place)
    return ended, [f"{scene.name}: killed {len(ended)} times, after {harm.after:.4f} s: {each}" for each in lost]


def moment(scene: Scene, random: Random) -> float:
    """Choose a moment of a run: half of them anywhere in it, half of them where it writes, which comes last."""
    start = random.choice((0.0, scene.dry.began))
    return random.uniform(start, scene.dry.seconds * _BEYOND)
