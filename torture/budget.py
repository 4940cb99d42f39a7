"""How much is tried: a sample with every change, all of it when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True)
class Budget:
    """How much an area may try.

    `kills` are the tries at random moments, `boundaries` the most that are tried of the countable places of one
    scenario (its writes, requests or statements), evenly chosen where it has more. `seconds` is about what an area may
    take where it looks at the clock. `seed` makes random choices again.
    """

    kills: int
    boundaries: int
    seconds: float
    seed: int = 20_261_121

    def random(self, what: str) -> Random:
        """Give random numbers that are the same in every run, for one purpose."""
        return Random(f"{self.seed} {what}")  # noqa: S311 - chosen moments are no secrets

    def places(self, count: int) -> list[int]:
        """Choose among the places 0 to `count` - 1, evenly and with both ends."""
        if count <= self.boundaries:
            return list(range(count))
        step = (count - 1) / max(self.boundaries - 1, 1)
        return sorted({round(place * step) for place in range(self.boundaries)})


SHORT: Final = Budget(kills=15, boundaries=4, seconds=20)
LONG: Final = Budget(kills=1_000, boundaries=5_000, seconds=3_600)
