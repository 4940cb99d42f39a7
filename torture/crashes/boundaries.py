"""Dies at every place where a run writes: each call that changes a file, each statement of SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from torture.budget import Budget
from torture.crashes.scenes import Scene
from torture.crashes.states import read_state
from torture.crashes.verdict import lost_by_death, lost_for_good
from torture.shim.layout import Action, Kind
from torture.shim.program import Ended, Harm, Program


def deaths(program: Program, scene: Scene, budget: Budget) -> Iterator[tuple[str, list[Harm]]]:
    """Name the ways of dying in a scene, with one harm for each place, from a dry recording of each."""
    where = str(program.folder.parent)
    before = Harm(action=Action.KILL, prefix=where)
    amid = Harm(action=Action.TEAR, prefix=where, kinds=int(Kind.WRITE))
    yield "killed before a call that writes", _each(before, _counted(program, scene, before).calls, budget)
    yield "killed amid a write", _each(amid, _counted(program, scene, amid).calls, budget)
    statements = _counted(program, scene, before).statements
    yield "killed at a statement", [Harm(statement=place + 1) for place in budget.places(statements)]


def die(program: Program, scene: Scene, harm: Harm) -> Sequence[str]:
    """Let a run die at one place, look, and let the next run mend it; gives what was lost."""
    with scene.set() as place:
        ended = program.call(scene.words, scene.now, place, harm, scene.revisions)
        found = read_state(place)
        lost = [*_missed(ended), *lost_by_death(scene, [ended], found), *lost_for_good(program, scene, place)]
    return [f"{scene.name}: {ended.what or harm}: {each}" for each in lost]


def _missed(ended: Ended) -> Iterator[str]:
    """A try that has harmed nothing proves nothing."""
    if not ended.fired:
        yield f"it was not harmed at all, and ended with {ended.status}"


def _each(harm: Harm, count: int, budget: Budget) -> list[Harm]:
    return [replace(harm, point=place + 1) for place in budget.places(count)]


def _counted(program: Program, scene: Scene, harm: Harm) -> Ended:
    """Count the places by a run that is let alone."""
    with scene.set() as place:
        counting = replace(harm, action=Action.COUNT)
        return program.call(scene.words, scene.now, place, counting, scene.revisions)
