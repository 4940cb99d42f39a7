"""Locks: a sample of what `make torture` tries, and that whatever would be let in is seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rostersync.store.lock import Holder, integration_lock
from tests.torture.torture_planting import Wrongdoer, needs_compiler, wrongdoer
from torture.budget import SHORT
from torture.crashes.scenes import FIRST_DAY, RUN, stamp
from torture.crashes.states import STORE
from torture.locks import met, outlived, slow_site, tallies
from torture.shim.program import Crowd, Member

pytestmark = [needs_compiler, pytest.mark.timeout(600)]
BUSY = '{"runs":[{"status":"busy","id":null,"error":{"code":"RS-STORE-001"}}]}'


def test_nobody_is_let_in() -> None:
    found = list(tallies(SHORT))
    assert [each.tried for each in found] == [50, 3, 1]
    for each in found:
        assert not each.lost


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Wrongdoer]:
    """A program of which the crowd can be told."""
    with wrongdoer(tmp_path) as started:
        yield started


def member(status: int, waited: float = 0.1) -> Member:
    """One of a crowd that says that it is busy."""
    return Member(1, status, BUSY, "", waited, waited)


@pytest.mark.parametrize(
    ("one", "told"),
    [(member(0), "it ended as (0, 'busy'"), (member(5, 2.5), "it took 2.5 s to say that it is busy")],
)
def test_one_that_is_let_in_or_late_is_seen(
    tmp_path: Path, program: Wrongdoer, monkeypatch: pytest.MonkeyPatch, one: Member, told: str
) -> None:
    with slow_site(tmp_path / "site") as (site, server):
        ended = [one, *[member(5)] * 48, member(0)]
        monkeypatch.setattr(program, "crowd", lambda *_: Crowd((), iter(ended)))
        lost = [each for tried in met(program, site, server) for each in tried]
    assert any(told in each for each in lost)
    assert "0 runs are in the log" in lost


def test_a_lock_that_is_not_freed_is_seen(tmp_path: Path, program: Wrongdoer) -> None:
    with slow_site(tmp_path / "site") as (site, server):
        assert program.call(RUN, stamp(FIRST_DAY), site).status == 0
        with integration_lock(site / STORE, "main", Holder(1, "elsewhere", stamp(FIRST_DAY))):
            lost = outlived(program, site, server)
    assert any("the next run ended with 5" in each for each in lost)
