"""Many runs at once of one integration, holders that die, and integrations side by side in one store."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from rostersync.demo import Server, faults, make_district, serve
from rostersync.store.lock import find_holder
from torture.budget import Budget
from torture.crashes.scenes import FIRST_DAY, RUN, configure, put_package, stamp, succeeded
from torture.crashes.states import STORE, digest, litter, read_state
from torture.shim.program import Member, Program, compiled
from torture.tally import Tally, tally

_CROWD: Final = 50
_BUSY: Final = 5
_ANSWER: Final = 2.0
_PATIENCE: Final = 60.0
_NAMES: Final = ("north", "south", "east", "west")
_NOW: Final = stamp(FIRST_DAY)
_VIEWS: Final = ("orgs", "classes", "users", "enrollments")


def tallies(budget: Budget) -> Iterator[Tally]:
    """Let runs meet, die and pass each other; as many rounds as the budget has fifties of kills."""
    rounds = max(1, budget.kills // _CROWD)
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        folder = Path(name)
        with Program(folder / "program", compiled(folder)) as program, slow_site(folder / "site") as (site, server):
            tries = (each for _ in range(rounds) for each in met(program, site, server))
            yield tally("locks", f"{_CROWD} runs at once", "one works, the others exit 5 within 2 seconds", tries)
            tries = (outlived(program, site, server) for _ in range(rounds * 3))
            yield tally("locks", "holder killed", "its lock is free at once", tries)
            tries = (beside(program, folder / "beside") for _ in range(rounds))
            yield tally("locks", f"{len(_NAMES)} integrations at once", "all work, in one store", tries)


@contextmanager
def slow_site(site: Path) -> Iterator[tuple[Path, Server]]:
    """Serve a district to a site that has not run yet."""
    with serve(make_district(students=28), auth=("none",), clock=FIRST_DAY.timestamp) as server:
        source = {"type": "rest", "version": "1.2", "url": server.base("1.2"), "auth": {"type": "none"}}
        configure(site, source)
        yield site, server


def met(program: Program, site: Path, server: Server) -> Iterator[Sequence[str]]:
    """Let many runs start at one moment: the server keeps the one that works until all others have ended."""
    before = len(read_state(site).runs)
    server.faults.set(faults.Slow(_ANSWER))
    crowd = program.crowd([(*RUN, "--full")] * _CROWD, _NOW, site)
    others = [next(crowd.ends) for _ in range(_CROWD - 1)]
    server.faults.clear()
    worked = next(crowd.ends)
    yield from (_not_busy(each) for each in others)
    after = read_state(site)
    lost = [f"the run that works ended with {worked.status}: {worked.out}{worked.err}"] if worked.status else []
    if len(after.runs) != before + 1:
        lost.append(f"{len(after.runs) - before} runs are in the log")
    yield [*lost, *after.faults, *(f"{name} is left" for name in litter(site))]


def outlived(program: Program, site: Path, server: Server) -> Sequence[str]:
    """Kill a run that holds the lock, and see that the next one does not find it held."""
    server.faults.set(faults.Slow(_ANSWER))
    crowd = program.crowd([(*RUN, "--full")], _NOW, site)
    held = _comes_to_hold(site)
    os.kill(crowd.pids[0], signal.SIGKILL)
    next(crowd.ends)
    server.faults.clear()
    ended = program.call((*RUN, "--full"), _NOW, site)
    lost = [] if held else ["the first never held the lock"]
    if ended.status:
        lost.append(f"the next run ended with {ended.status}: {ended.out}{ended.err}")
    return [*lost, *(f"{name} is left" for name in litter(site))]


def beside(program: Program, site: Path) -> Sequence[str]:
    """Run several integrations of one store at once, and see that each has the same roster."""
    configure(site, {"type": "csv", "path": "drop/*.zip"}, _NAMES)
    put_package(site, make_district(students=28), 0)
    succeeded(program.call(("status", "--json"), _NOW, site))
    ends = list(program.crowd([("run", name, "--json") for name in _NAMES], _NOW, site).ends)
    lost = [f"{_NAMES[each.number]} ended with {each.status}: {each.out}{each.err}" for each in ends if each.status]
    if len(set(_rosters(site))) != 1:
        lost.append("the rosters differ")
    if len(read_state(site).runs) != len(_NAMES):
        lost.append("the log does not have each of the runs")
    shutil.rmtree(site)
    return lost


def _not_busy(each: Member) -> Sequence[str]:
    """Tell what one that comes too late has done otherwise than to say so at once."""
    error = (each.run.get("error") or {}).get("code")
    told = (each.status, each.run.get("status"), each.run.get("id"), error)
    lost = [] if told == (_BUSY, "busy", None, "RS-STORE-001") else [f"it ended as {told}: {each.out}{each.err}"]
    if each.waited > _ANSWER:
        lost.append(f"it took {each.waited:.1f} s to say that it is busy")
    return lost


def _comes_to_hold(site: Path) -> bool:
    """Wait until somebody holds the lock."""
    end = time.monotonic() + _PATIENCE
    while find_holder(site / STORE, "main") is None:
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True


def _rosters(site: Path) -> Iterator[str]:
    """A digest of the roster of each integration, without its name."""
    with closing(sqlite3.connect(site / STORE)) as store:
        for name in _NAMES:
            rows = [
                row[1:]
                for view in _VIEWS
                for row in store.execute(f"SELECT * FROM roster_{view} WHERE integration = ?", (name,))  # noqa: S608 - constants
            ]
            yield digest(sorted(map(repr, rows))) if rows else f"{name} is empty"
