"""Faults at every request of a run: the same roster as without them, or a failed run that changes nothing.

Real sockets: the client talks to the sample server through a proxy that breaks connections, cuts, spoils, delays and
repeats answers, or gives others. Each kind of harm strikes each request once, and every request from there on.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import stamina

from torture.budget import Budget
from torture.network.deadlines import deadline_tally
from torture.network.harms import HARMS, TOKENS, Harm
from torture.network.proxy import Strike
from torture.network.scenes import Scene, scene
from torture.tally import Tally, tally

PROMISE: Final = "the same roster, or a failed run with its code that changes nothing; bounded requests"
_SCENES: Final = {
    "full oauth2": ("run", "main", "--full", "--json"),
    "delta oauth2": ("run", "main", "--json"),
    "delta oauth1 wide": ("run", "main", "--json"),
    "check oauth2": ("check", "main", "--json"),
    "full oauth2 impatient": ("run", "main", "--full", "--json"),
    "delta oauth2 impatient": ("run", "main", "--json"),
}
_NEXT: Final = 0.2
"""The share of the failed runs after which the next one is tried as well."""


@dataclass(frozen=True)
class Trial:
    """One harm to one request of one scene, once or from there on."""

    scene: Scene
    harm: Harm
    place: int
    forever: bool

    def __str__(self) -> str:
        """Name it."""
        often = "from" if self.forever else "at"
        return f"{self.scene.name}, {self.harm.fault}: {self.harm.name} {often} request {self.place}"

    def losses(self, rng: Random) -> list[str]:
        """Try it, and tell what broke a promise."""
        strike = Strike(self.harm.act, self.place, self.forever, self.harm.at_connect)
        answer, taken = self.scene.attempt(strike)
        lost = list(self.scene.wrong(answer, taken))
        if answer.code and (self.harm.harmless or (self.harm.passes and not self.forever)) and not self.harm.slow:
            lost.append(f"exit {answer.code}, where trying again helps: {answer.out[-200:]}")
        if answer.code and self.scene.words[0] == "run" and rng.random() < _NEXT:
            lost += self.scene.converges()
        return [f"{self}: {each}" for each in lost]


def tallies(budget: Budget) -> Iterator[Tally]:
    """Try every kind of harm at the requests that the budget allows."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ExitStack() as opened,
        stamina.set_testing(True, attempts=10, cap=True),
    ):
        scenes = [
            opened.enter_context(scene(name, Path(folder) / str(number), words))
            for number, (name, words) in enumerate(_SCENES.items())
        ]
        yield from harmed(scenes, (*HARMS, *TOKENS), budget)
    yield deadline_tally(budget)


def harmed(scenes: list[Scene], harms: tuple[Harm, ...], budget: Budget) -> Iterator[Tally]:
    """One tally for each kind of harm."""
    kinds: dict[str, list[Trial]] = defaultdict(list)
    for each in scenes:
        for harm in harms:
            kinds[harm.fault].extend(_trials(each, harm))
    for fault, trials in kinds.items():
        rng = budget.random(f"network {fault}")
        chosen = rng.sample(trials, min(len(trials), max(budget.boundaries // 2, 1)))
        yield tally("network", fault, PROMISE, [trial.losses(rng) for trial in chosen])


def _trials(each: Scene, harm: Harm) -> Iterator[Trial]:
    """Every request of the scene; only a run is worth the whole, and tokens are there for OAuth 2 alone."""
    if harm.slow != ("impatient" in each.name) or (harm in TOKENS and "oauth2" not in each.name):
        return
    thin = 1 if "oauth2" in each.name and each.words[0] == "run" else 3
    first = 1 if harm in TOKENS else 0
    for place in range(first, len(each.requests)):
        for forever in (True,) if harm.fault == "token expires" else (False, True):
            if (place + forever) % thin == 0:
                yield Trial(each, harm, place, forever)
