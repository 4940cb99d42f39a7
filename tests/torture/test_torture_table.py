"""What `make torture` prints and answers, over an area that loses something and one that does not."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from torture import __main__ as torture
from torture.budget import LONG, SHORT, Budget
from torture.tally import Tally


@pytest.fixture
def budgets(monkeypatch: pytest.MonkeyPatch) -> list[Budget]:
    """Put an area in the place of `locks`, which loses one thing in ten kills, and note what it may try."""
    given: list[Budget] = []

    class Area(ModuleType):
        def tallies(self, budget: Budget) -> Iterator[Tally]:
            given.append(budget)
            lost = tuple(f"thing {number}" for number in range(budget.kills // 10))
            yield Tally("locks", "left open", "nothing is lost", budget.kills, budget.kills - len(lost), lost)

    monkeypatch.setitem(sys.modules, "torture.locks", Area("torture.locks"))
    return given


def test_a_table_tells_what_was_tried_and_each_loss_and_the_exit_code_that_there_was_one(
    budgets: list[Budget], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert torture.main(["locks", "--kills", "20", "--json", str(tmp_path / "t.json")]) == 1
    out = capsys.readouterr().out
    assert "left open" in out
    assert "thing 0" in out
    assert "thing 1" in out
    (tally,) = json.loads((tmp_path / "t.json").read_bytes())
    assert (tally["tried"], tally["survived"], len(tally["lost"])) == (20, 18, 2)
    assert budgets == [Budget(20, LONG.boundaries, LONG.seconds)]


def test_all_that_survived_is_success_and_nothing_tried_is_none(budgets: list[Budget]) -> None:
    assert torture.main(["locks", "--short", "--kills", "9", "--boundaries", "3", "--seconds", "1", "--seed", "7"]) == 0
    assert torture.main(["locks", "--kills", "0"]) == 1
    assert budgets[0] == Budget(9, 3, 1, 7)
    assert SHORT.kills < LONG.kills
