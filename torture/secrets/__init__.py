"""Secrets: canaries of every kind through every command, looked for in all that is said, written and left behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from unittest.mock import patch

from torture.budget import Budget
from torture.secrets import commands, processes
from torture.secrets.calling import Said, call
from torture.secrets.others import other_scenes
from torture.secrets.scenes import Maker, Scene, played, rest_scenes
from torture.tally import Tally, tally

AREA: Final = "secrets"
_A_LONG_ONE: Final = 600
_SCENES_OF_SHORT: Final = 4
_LAST: Final = ("purge", "remove")


def tallies(budget: Budget) -> Iterator[Tally]:
    """Play every scene, or a sample of them."""
    promise = "no secret in what is said, at any verbosity"
    for fault, scenes in (("REST source", rest_scenes()), ("directory, SFTP, misplaced", other_scenes())):
        found = [each for name in chosen(budget, fault, list(scenes)) for each in play(name, scenes[name], budget)]
        yield tally(AREA, fault, promise, [lost for kind, lost in found if kind == "said"])
        left = [lost for kind, lost in found if kind == "left"]
        yield tally(AREA, f"{fault}: files", "no secret in store, outputs, log and temporary files", left)
    names = list(commands.NETWORK)[: None if budget.seconds >= _A_LONG_ONE else 1]
    yield tally(
        AREA, "process list", "no secret in any command line, none added to an environment", processes.tries(names)
    )
    missing = [(f"{name} is not tried",) for name in commands.untried()]
    known = list(commands.known())
    yield tally(AREA, "commands", "every command is tried", missing or [() for _ in known])


def chosen(budget: Budget, fault: str, names: Sequence[str]) -> Sequence[str]:
    """All scenes, or a sample that is the same every time."""
    if budget.seconds >= _A_LONG_ONE:
        return names
    return budget.random(f"{AREA} {fault}").sample(names, min(_SCENES_OF_SHORT, len(names)))


def play(name: str, make: Maker, budget: Budget) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Call every command in a scene at every verbosity; gives what each call and each file let out."""
    with tempfile.TemporaryDirectory() as parent, played(name, make, Path(parent) / "scene") as scene:
        said = list(_calls(scene, budget, [*commands.NETWORK, *(each for each in commands.LOCAL if each not in _LAST)]))
        scene.learn_sent()
        yield from _left(scene)
        # These take away what was written.
        said += _calls(scene, budget, _LAST)
        yield from _left(scene)
        for line, each in said:
            yield "said", tuple(f"{name}: {line}: {kind}" for kind in scene.canaries.seen(each.text))


def _left(scene: Scene) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Look into every file that nobody put a secret into."""
    for path in sorted(scene.folder.rglob("*")):
        if path.is_file() and path not in scene.private:
            yield "left", tuple(f"{scene.name}: {path.name}: {kind}" for kind in scene.canaries.seen(path.read_bytes()))


def _calls(scene: Scene, budget: Budget, names: Sequence[str]) -> Iterator[tuple[str, Said]]:
    """Call commands at every verbosity, or at a sample of them."""
    lines = commands.NETWORK | commands.LOCAL
    with patch("keyring.get_password", lambda *_: scene.env.get("KEYRING_OF_CANARIES")):
        for name in names:
            verbosities = commands.VERBOSITIES if name in commands.NETWORK else commands.LOUDEST
            if budget.seconds < _A_LONG_ONE:
                verbosities = (budget.random(f"{scene.name} {name}").choice(verbosities),)
            for verbosity in verbosities:
                line = [*verbosity, *commands.line(name, lines[name])]
                yield " ".join(line), call(scene.folder, line, scene.env)
