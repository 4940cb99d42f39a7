"""A sample of the faults of the network, and that a run which went wrong would be seen."""

from __future__ import annotations

from pathlib import Path

import pytest
import stamina

from torture import network
from torture.budget import SHORT, Budget
from torture.network.harms import Harm, status
from torture.network.proxy import Exchange
from torture.network.scenes import scene

FULL = ("run", "main", "--full", "--json")


@pytest.mark.timeout(400)
def test_nothing_is_lost_to_the_network() -> None:
    found = list(network.tallies(SHORT))
    assert len(found) > 10
    assert [(each.fault, each.lost) for each in found if each.lost or not each.tried] == []


def twist(exchange: Exchange) -> None:
    """Change data so that no client could know."""
    answer = exchange.ask()
    exchange.send(answer.head + answer.body.replace(b"@", b"_"))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (Harm("planted", "twisted data", twist), "other users than without the harm"),
        (Harm("planted", "a storm", status(503), harmless=True), "where trying again helps"),
    ],
    ids=lambda value: value.name if isinstance(value, Harm) else "",
)
def test_a_run_that_went_wrong_is_seen(tmp_path: Path, harm: Harm, told: str) -> None:
    with stamina.set_testing(testing=True, attempts=10, cap=True), scene("full oauth2", tmp_path, FULL) as made:
        found = next(network.harmed([made], (harm,), Budget(kills=0, boundaries=24, seconds=0)))
    assert found.survived < found.tried
    assert any(told in each for each in found.lost)
