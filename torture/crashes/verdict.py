"""What a harmed run has lost, told in lines; none where every promise held."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from torture.crashes.scenes import Scene
from torture.crashes.states import Entry, State, litter, read_state, read_store
from torture.shim.program import Ended, Program


def lost_by_death(scene: Scene, ended: Collection[Ended], found: State) -> Iterator[str]:
    """Tell what is wrong after processes that died, or were asked to end: all must be as before or as after."""
    yield from (f"the store is damaged: {fault}" for fault in found.faults)
    added = found.runs[len(scene.old.runs) :]
    yield from _wrong_log(scene, found, added)
    applied = bool(added) if scene.runs else found.mark == scene.new.mark
    if found.mark not in ((scene.new.mark, scene.again.mark) if applied else (scene.old.mark, scene.begun)):
        yield f"a mixed generation: {mixture(scene, found)}"
    if not applied and any(acknowledged(each) for each in ended):
        yield "an acknowledged run is lost"
    yield from _wrong_outputs(scene, found, applied=applied)


def lost_for_good(program: Program, scene: Scene, place: Path) -> Iterator[str]:
    """Run once more without harm, and tell what is not as an uninterrupted run leaves it."""
    ended = program.call(scene.words, scene.now, place, revisions=scene.revisions)
    found = read_state(place)
    if ended.status:
        yield f"the next run ends with {ended.status}: {ended.out}{ended.err}"
    yield from (f"the store is damaged after the next run: {fault}" for fault in found.faults)
    if found.mark not in (scene.new.mark, scene.again.mark):
        yield f"the next run does not converge: {mixture(scene, found)}"
    if found.outputs != scene.new.outputs or found.aside:
        yield f"the next run does not repair the outputs: {wrong_sets(found.outputs, scene.new.outputs)}"
    left = litter(place)
    yield from (f"{name} stays" for name in left if name not in scene.left)
    yield from (f"the copy {name} is not whole" for name in scene.left if not _is_copy(scene, place, name))
    yield from (f"{name} stays" for name in _temporary(program))


def acknowledged(ended: Ended) -> bool:
    """Whether a run was said to be done: by its exit code, or by its document."""
    return ended.status == 0 or ended.run.get("id") is not None


def mixture(scene: Scene, found: State) -> str:
    """Say of each table whether it is as before, as after, or neither."""
    names = sorted(found.mark.keys() | scene.new.mark.keys())
    return ", ".join(f"{name} {_age(scene, found, name)}" for name in names if _age(scene, found, name) != "same")


def wrong_sets(found: dict[str, str | None], right: dict[str, str | None]) -> str:
    """Name the outputs that are not as they should be."""
    return ", ".join(name for name in right if found[name] != right[name])


def _age(scene: Scene, found: State, name: str) -> str:
    now, old, new = (state.mark.get(name) for state in (found, scene.old, scene.new))
    if now == old:
        return "same" if old == new else "old"
    return "new" if now in (new, scene.again.mark.get(name)) else "neither"


def _wrong_log(scene: Scene, found: State, added: tuple[Entry, ...]) -> Iterator[str]:
    """Tell what the log has lost, or tells that has not been: the outputs of a run may not be told yet."""
    if found.runs[: len(scene.old.runs)] != scene.old.runs:
        yield "the log has lost a run"
    if [entry.id for entry in found.runs] != list(range(1, len(found.runs) + 1)):
        yield "the log has numbers twice or not at all"
    right = (scene.new.runs[-1], *[scene.again.runs[-1]] * len(added)) if scene.new.runs else ()
    for entry, model in zip(added, right, strict=False):
        if not _same(entry, model):
            yield f"run {entry.id} of the log tells of something else"


def _same(entry: Entry, model: Entry) -> bool:
    """Whether an entry tells what it should: all, or all but its outputs and what was found on their way."""
    whole = (entry.outputs, entry.found) == (model.outputs, model.found)
    applied = entry.outputs == "[]" and entry.found == model.found[: len(entry.found)]
    return entry.told == model.told and (whole or applied)


def _wrong_outputs(scene: Scene, found: State, *, applied: bool) -> Iterator[str]:
    """Tell which outputs are not whole, and which are ahead of the store."""
    for name, now in found.outputs.items():
        old, new = scene.old.outputs[name], scene.new.outputs[name]
        if now not in (old, new):
            yield f"the output {name} is neither the old set nor the new one"
        elif now == new != old and not applied:
            yield f"the output {name} is ahead of the store"


def _is_copy(scene: Scene, place: Path, name: str) -> bool:
    """Whether what a migration keeps is the store as it was."""
    return read_store(place / name) == (scene.old.mark, scene.old.runs, ())


def _temporary(program: Program) -> list[str]:
    """Name the temporary files that are left; SQLite's are empty where it died between making and unlinking one."""
    return sorted(path.name for path in program.temporary.iterdir() if path.is_dir() or path.stat().st_size)
