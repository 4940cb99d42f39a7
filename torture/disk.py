"""Disks that are full, broken or read-only, at each write to the store, to an output and to a temporary file."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from torture.budget import Budget
from torture.crashes.scenes import Scene, csv_days
from torture.crashes.states import STORE, State, read_state
from torture.crashes.verdict import lost_for_good, mixture
from torture.shim.layout import EVERY, GROWING, Action, Kind
from torture.shim.program import Ended, Harm, Program, compiled
from torture.tally import Tally, tally

_DONE, _FAILED, _PARTIAL = 0, 1, 3
_ONCE: Final = (Action.FAIL, Action.FAIL_FROM)
_FAULTS: Final[tuple[tuple[int, Kind, tuple[Action, ...]], ...]] = (
    (errno.ENOSPC, GROWING, (*_ONCE, Action.FILL)),
    (errno.EIO, EVERY, _ONCE),
    (errno.EROFS, EVERY, _ONCE),
)


@dataclass(frozen=True)
class Target:
    """What is written to: its name, how the paths begin, and the codes that may tell of the fault."""

    name: str
    prefix: Path
    codes: frozenset[str]


def tallies(budget: Budget) -> Iterator[Tally]:
    """Let each write fail in each way, alone and with all that follow it."""
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        folder = Path(name)
        with Program(folder / "program", compiled(folder)) as program:
            first, day, *_ = csv_days(program, folder / "csv", 2)
            for scene in (day, first):
                for target in _targets(program, scene):
                    yield from _tallies(program, scene, target, budget)


def harmed(program: Program, scene: Scene, target: Target, harm: Harm) -> Sequence[str]:
    """Let a run meet one fault, see what it says and what it leaves, and let the next run heal it."""
    with scene.set() as place:
        ended = program.call(scene.words, scene.now, place, harm)
        found = read_state(place)
        lost = [*_said(ended, target), *_kept(scene, ended, found, place), *lost_for_good(program, scene, place)]
    way = f"{errno.errorcode[harm.number]} {harm.action.name.lower()} {ended.what or harm.point}"
    return [f"{scene.name}: {way}: {each}" for each in lost]


def _targets(program: Program, scene: Scene) -> tuple[Target, ...]:
    store, output = frozenset({"RS-STORE-003"}), frozenset({"RS-OUT-001"})
    return (
        Target("the store", scene.place / STORE, store),
        Target("the outputs", scene.place / "out", output),
        Target("temporary files", program.temporary, store),
    )


def _tallies(program: Program, scene: Scene, target: Target, budget: Budget) -> Iterator[Tally]:
    """Try every fault on one target."""
    for number, kinds, ways in _FAULTS:
        harm = Harm(number=number, kinds=int(kinds), prefix=str(target.prefix))
        with scene.set() as place:
            count = program.call(scene.words, scene.now, place, harm).calls
        harms = [replace(harm, action=way, point=point + 1) for point in range(count) for way in ways]
        tries = (harmed(program, scene, target, harms[place]) for place in budget.places(len(harms)))
        promise = f"{' or '.join(target.codes)}, and what was there before stays"
        yield tally("disk", f"{errno.errorcode[number]} on {target.name}: {scene.name}", promise, tries)


def _said(ended: Ended, target: Target) -> Iterator[str]:
    """Tell what the run has not said: its exit code, the code of the fault, a message and what to do."""
    if not ended.fired:
        yield "it met no fault"
    if ended.status not in (_DONE, _FAILED, _PARTIAL) or "Traceback" in ended.err:
        yield f"it ended with {ended.status}: {ended.err}"
    told = _told(ended)
    if ended.status != _DONE and not any(each.get("code") in target.codes for each in told):
        yield f"it ended with {ended.status} and told of {[each.get('code') for each in told]}: {ended.out}"
    yield from (f"no message or hint: {each}" for each in told if not (each.get("message") and each.get("hint")))


def _told(ended: Ended) -> list[dict[str, Any]]:
    """The error of a run that failed, else its diagnostics."""
    found = ended.run
    if ended.status == _FAILED:
        return [found.get("error") or found]
    diagnostics: list[dict[str, Any]] = found.get("diagnostics", [])
    return diagnostics


def _kept(scene: Scene, ended: Ended, found: State, place: Path) -> Iterator[str]:
    """Tell what is neither as before nor as after, or otherwise than the run has said."""
    yield from (f"the store is damaged: {fault}" for fault in found.faults)
    applied = ended.status in (_DONE, _PARTIAL)
    right = (scene.new.mark,) if applied else (scene.old.mark, scene.begun, {})
    if found.mark not in right:
        yield f"it ended with {ended.status}, but: {mixture(scene, found)}"
    if ended.status == _DONE and (found.outputs != scene.new.outputs or found.runs != scene.new.runs):
        yield "it said that all was done, but it was not"
    if not applied and found.runs == scene.old.runs and scene.old.mark and not _same_bytes(scene, place):
        yield "the bytes of the store are others"
    for name, now in found.outputs.items():
        if now not in ((scene.old.outputs[name], scene.new.outputs[name]) if applied else (scene.old.outputs[name],)):
            yield f"the output {name} is not whole"


def _same_bytes(scene: Scene, place: Path) -> bool:
    return (place / STORE).read_bytes() == (scene.template / STORE).read_bytes()
