"""Servers that want to harm: whatever they answer, the run ends in order or with a code, and nothing else happens.

Every answer is given to the program in a process of its own, which is measured and watched: its memory, the addresses
that it connects to, the programs that it starts and the files that it writes.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import stamina

from torture.budget import Budget
from torture.hostile.answers import Attack, bombs, headers, leading
from torture.hostile.canaries import Canaries, canaries
from torture.hostile.documents import dense, pages, shapes
from torture.hostile.texts import text_tally
from torture.hostile.visits import judged, misdeeds, visit
from torture.network.proxy import Strike
from torture.network.scenes import Scene, scene
from torture.tally import Tally, tally

PROMISE: Final = "a code or a right run, 300 MB, nothing asked, run or written elsewhere"


def attacks(asked: Canaries, port: int) -> dict[str, list[Attack]]:
    """All of them, by the kind under which they are counted."""
    kinds: dict[str, list[Attack]] = defaultdict(list)
    for each in (*leading(asked, port), *headers(), *bombs(), *pages(), *shapes(), *dense()):
        kinds[each.fault].append(each)
    return kinds


def attacked(made: Scene, asked: Canaries, attack: Attack) -> list[str]:
    """Let a run meet one attack, and tell what broke a promise."""
    made.eve(retries=0, deadline="5s" if attack.fault == "endless pages" else "30s", timeout=15)
    made.proxy.begin(Strike(attack.strike, 0, forever=True))
    asked.asked.clear()
    done = visit(made, "run", "main", "--full", "--json")
    made.proxy.begin()
    lost = [*misdeeds(made, asked, done)] or [*judged(made, done, roster=attack.outcome)]
    return [f"{attack.fault}: {attack.name}: {each}" for each in lost]


def tallies(budget: Budget) -> Iterator[Tally]:
    """Let runs meet the attacks that the budget allows, and every command the texts."""
    with tempfile.TemporaryDirectory() as folder, canaries() as asked:
        with stamina.set_testing(testing=True, attempts=10, cap=True):
            yield text_tally(Path(folder), budget)
        with scene("full oauth2 wide", Path(folder) / "s", ("run", "main", "--full", "--json")) as made:
            for fault, every in attacks(asked, made.proxy.port).items():
                chosen = budget.random(f"hostile {fault}").sample(
                    every, min(len(every), max(budget.boundaries // 8, 1))
                )
                yield tally("hostile", fault, PROMISE, [attacked(made, asked, each) for each in chosen])
