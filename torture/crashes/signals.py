"""Asks runs to end by SIGINT and SIGTERM at random moments."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from torture.budget import Budget
from torture.crashes.moments import moment
from torture.crashes.scenes import Scene
from torture.crashes.states import State, litter, read_state
from torture.crashes.verdict import lost_by_death, lost_for_good
from torture.shim.program import ROOT, Ended, Harm, Program

_LATEST: Final = 5.0  # on a machine that is busy with other things too
_DONE: Final = (0, 3)
_ENDING: Final = (signal.SIGINT, signal.SIGTERM)
_PATIENCE: Final = 60.0
_COUNT: Final = -1


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
    where = ended.what if harm.line else f"signal {harm.signal} after {harm.after:.4f} s"
    return [f"{scene.name}: {where}: {each}" for each in lost]


def at_lines(program: Program, scene: Scene, budget: Budget) -> Iterator[Sequence[str]]:
    """Interrupt a run at every line of Python that it comes to.

    A few lines depend on timing: a run that comes to fewer of them than were counted may end by itself.
    """
    with scene.set() as place:
        count = program.call(scene.words, scene.now, place, Harm(line=_COUNT), scene.revisions).lines
    for line in budget.places(count):
        yield interrupted(program, scene, Harm(line=line + 1))


def early(scene: Scene, budget: Budget, number: signal.Signals) -> Iterator[Sequence[str]]:
    """Interrupt runs that are no forks, from the start of Python on, an eighth as many as the budget kills."""
    random = budget.random(f"early {number.name}")
    start = time.monotonic()
    _started(scene, number, _PATIENCE)
    whole = time.monotonic() - start
    for _ in range(max(budget.kills // 8, 2)):
        after = random.uniform(0, whole)
        yield [f"{number.name} after {after:.4f} s: {each}" for each in _started(scene, number, after)]


def _started(scene: Scene, number: signal.Signals, after: float) -> list[str]:
    """Start the program, interrupt it, and tell what was not in order; the times in its state are of today."""
    words = [*scene.words, "--date", scene.now[:10]]
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    with scene.set() as place:
        argv = [sys.executable, "-m", "rostersync", *words]
        process = subprocess.Popen(argv, cwd=place, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with suppress(subprocess.TimeoutExpired):
            process.wait(after)
        process.send_signal(number)
        said = process.communicate()
        found = read_state(place)
        lost = [*found.faults, *(f"{name} is left" for name in litter(place))]
    in_order = process.returncode in (*_DONE, 128 + number, -number) or _before_the_program(*said)
    if not in_order or "/rostersync/" in said[1]:
        lost.append(f"it ended with {process.returncode}: {said}")
    applied = len(found.runs) > len(scene.old.runs)
    if _roster(found) != _roster(scene.new if applied else scene.old):
        lost.append("a mixed generation")
    if process.returncode in _DONE and not applied:
        lost.append("an acknowledged run is lost")
    return lost


def _before_the_program(out: str, err: str) -> bool:
    """Whether Python itself was interrupted while it was starting, before there was anything of the program."""
    return not out and "KeyboardInterrupt" in err and "rostersync" not in err


def _roster(state: State) -> dict[str, str]:
    return {name: rows for name, rows in state.mark.items() if name != "integration"}


def _disorder(ended: Ended, harm: Harm) -> Iterator[str]:
    """Tell what was not in order: a run that had already ended may say so, every other gives 128 and the signal.

    Before the command line has begun, and with it any statement, and after it has ended, the signal itself ends the
    process.
    """
    number = signal.SIGINT if harm.line else harm.signal
    begun = ended.statements or ended.out or ended.err
    if ended.status == -number and number in _ENDING and (ended.document or not begun):
        return
    if ended.status not in (*_DONE, 128 + number):
        yield f"it ended with {ended.status}"
    if harm.after and ended.seconds - harm.after > _LATEST:
        yield f"it took {ended.seconds - harm.after:.1f} s to end"
    if "Traceback" in ended.err or not ended.document:
        yield f"it said {ended.out}{ended.err}"
