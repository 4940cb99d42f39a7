"""Crashes: a sample of what `make torture` tries, and that whatever would be lost is seen."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.torture.torture_planting import Wrong, Wrongdoer, needs_compiler, sql, wrongdoer
from torture.budget import SHORT
from torture.crashes import tallies
from torture.crashes.boundaries import die
from torture.crashes.scenes import Scene, csv_days
from torture.crashes.signals import interrupted
from torture.crashes.states import STORE, read_state
from torture.crashes.verdict import lost_by_death
from torture.shim.layout import Action
from torture.shim.program import Harm, Program, compiled

pytestmark = [needs_compiler, pytest.mark.timeout(600)]


def test_nothing_is_lost() -> None:
    found = list(tallies(SHORT))
    assert len(found) == 23
    for each in found:
        assert each.tried > 0
        assert not each.lost


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Wrongdoer, Scene]]:
    """A program to do wrong with, and the eve of a run."""
    folder = tmp_path_factory.mktemp("planted")
    with wrongdoer(folder) as program:
        yield program, csv_days(program, folder / "csv", 2)[1]


def truncate_output(folder: Path) -> None:
    lines = folder / "out" / "lines" / "users.jsonl"
    lines.write_bytes(lines.read_bytes()[:-10])


def leave_file(folder: Path) -> None:
    (folder / ".roster.db.forgotten").touch()


def damage(folder: Path) -> None:
    store = folder / "roster.db"
    whole = store.read_bytes()
    store.write_bytes(whole[: len(whole) // 2] + b"\xff" * 2_000 + whole[len(whole) // 2 + 2_000 :])


WRONGS: dict[str, tuple[Wrong, str]] = {
    "half a generation": (sql("DELETE FROM user WHERE sourced_id LIKE 'stu%'"), "user neither"),
    "a cursor ahead": (sql("UPDATE integration SET package = 'other'"), "integration neither"),
    "a run forgotten": (sql("DELETE FROM run"), "the log has lost a run"),
    "half an output": (truncate_output, "the output lines is neither"),
    "a file forgotten": (leave_file, ".roster.db.forgotten stays"),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_a_loss_is_seen(planted: tuple[Wrongdoer, Scene], wrong: str) -> None:
    program, scene = planted
    program.wrong, told = WRONGS[wrong]
    lost = die(program, scene, Harm(statement=scene.dry.statements // 3))
    program.wrong = None
    assert any(told in each for each in lost), lost


def test_the_other_journal_is_another(tmp_path: Path) -> None:
    found = []
    for other in (False, True):
        folder = tmp_path / str(other)
        with Program(folder / "program", compiled(tmp_path), other_journal=other) as program:
            day = csv_days(program, folder / "csv", 2)[1]
        found.append((day.template / STORE).read_bytes()[18:20])  # the file format says which journal is kept
    assert sorted(found) == [b"\x01\x01", b"\x02\x02"]


def test_damage_is_seen(planted: tuple[Wrongdoer, Scene]) -> None:
    _, scene = planted
    with scene.set() as place:
        damage(place)
        found = read_state(place)
    assert any("damaged" in each for each in lost_by_death(scene, [], found))


def test_an_acknowledged_run_that_is_lost_is_seen(planted: tuple[Wrongdoer, Scene]) -> None:
    _, scene = planted
    assert "an acknowledged run is lost" in list(lost_by_death(scene, [scene.dry], scene.old))


def test_an_output_ahead_of_the_store_is_seen(planted: tuple[Wrongdoer, Scene]) -> None:
    _, scene = planted
    ahead = replace(scene.old, outputs=scene.new.outputs)
    assert any("ahead of the store" in each for each in lost_by_death(scene, [], ahead))


def test_a_try_that_harms_nothing_is_seen(planted: tuple[Wrongdoer, Scene]) -> None:
    program, scene = planted
    harm = Harm(point=scene.dry.calls + 1_000, action=Action.KILL, prefix=str(scene.place))
    assert any("not harmed at all" in each for each in die(program, scene, harm))


def test_a_signal_before_anything_has_begun_is_no_disorder(planted: tuple[Wrongdoer, Scene]) -> None:
    program, scene = planted
    assert not interrupted(program, scene, Harm(signal=signal.SIGTERM, after=0.0))


def test_disorder_is_seen(planted: tuple[Wrongdoer, Scene]) -> None:
    program, scene = planted
    lost = interrupted(program, scene, Harm(signal=signal.SIGKILL, after=scene.dry.began))
    assert any(f"it ended with -{signal.SIGKILL:d}" in each for each in lost), lost
