"""Disks that fail: a sample of what `make torture` tries, and that whatever would be lost is seen."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture.torture_planting import Wrong, Wrongdoer, needs_compiler, sql, wrongdoer
from torture.budget import SHORT
from torture.crashes.scenes import Scene, csv_days
from torture.crashes.states import STORE
from torture.disk import Target, harmed, tallies
from torture.shim.layout import EVERY, Action
from torture.shim.program import Harm

pytestmark = [needs_compiler, pytest.mark.timeout(600)]


def test_nothing_is_lost() -> None:
    found = list(tallies(SHORT))
    assert len(found) == 18
    for each in found:
        assert each.tried > 0
        assert not each.lost


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Wrongdoer, Scene]]:
    """A program to do wrong with, and the eve of a run."""
    folder = tmp_path_factory.mktemp("planted")
    with wrongdoer(folder) as program:
        yield program, csv_days(program, folder / "csv", 2)[1]


def full(scene: Scene) -> Harm:
    """A disk on which the store finds no room from its first write on."""
    prefix = str(scene.place / STORE)
    return Harm(point=1, action=Action.FAIL_FROM, kinds=int(EVERY), number=errno.ENOSPC, prefix=prefix)


WRONGS: dict[str, tuple[Wrong, str]] = {
    "other bytes": (sql("PRAGMA user_version = 5"), "the bytes of the store are others"),
    "half a generation": (sql("DELETE FROM class"), "it ended with 1, but: class neither"),
    "an output gone": (lambda folder: (folder / "out" / "roster.zip").unlink(), "the output roster.zip is not whole"),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_a_loss_is_seen(planted: tuple[Wrongdoer, Scene], wrong: str) -> None:
    program, scene = planted
    program.wrong, told = WRONGS[wrong]
    lost = harmed(program, scene, Target("the store", Path(), frozenset({"RS-STORE-003"})), full(scene))
    program.wrong = None
    assert any(told in each for each in lost), lost


def test_another_code_is_seen(planted: tuple[Wrongdoer, Scene]) -> None:
    program, scene = planted
    lost = harmed(program, scene, Target("the store", Path(), frozenset({"RS-OUT-001"})), full(scene))
    assert any("told of ['RS-STORE-003']" in each for each in lost), lost


def test_a_fault_that_is_not_met_is_seen(planted: tuple[Wrongdoer, Scene]) -> None:
    program, scene = planted
    harm = Harm(point=100_000, action=Action.FAIL, kinds=int(EVERY), number=errno.EIO, prefix=str(scene.place))
    lost = harmed(program, scene, Target("the store", Path(), frozenset({"RS-STORE-003"})), harm)
    assert any("it met no fault" in each for each in lost)
