"""Transactions: all or nothing, also where SQLAlchemy would end them halfway."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rostersync.model.kind import COLLECTIONS, Kind
from rostersync.model.plan import Action, Change
from rostersync.model.run import Mode, Status
from rostersync.model.snapshot import Entry, Put
from rostersync.store.base import IntegrationState, RunRecord
from rostersync.store.connect import open_store
from rostersync.store.database import Store
from rostersync.store.roster import Roster
from rostersync.store.run_log import Runs
from rostersync.store.snapshot import Snapshot
from rostersync.store.state import States
from tests.store.samples import ENVIRONMENT, RECORDS, ROWS


def everything(store: Store, name: str) -> None:
    """Write to every table."""
    for kind in COLLECTIONS:
        Snapshot(store, name).apply(kind, [Put(Entry("x", RECORDS[kind]))])
    Roster(store, name).apply(
        Change(kind, Action.CREATE, row[0], "", None, None, row._asdict()) for kind, row in ROWS.items()
    )
    States(store).write(IntegrationState(name, cursor="2026-11-21T18:00:00.000Z", full_next=frozenset({Kind.USERS})))
    run = RunRecord(name, Status.SUCCESS, Mode.FULL, "2026-11-21", "2026-11-21T18:00:00Z", "2026-11-21T18:01:00Z")
    Runs(store).record(run, [])


class Failure(Exception):  # noqa: N818 - it is one
    """What a test raises."""


def fail_after_everything(store: Store) -> None:
    """Write to every table and fail."""
    with store.transaction():
        everything(store, "after")
        assert States(store).names() == ["after", "before"]
        raise Failure


def test_an_exception_leaves_the_bytes_as_they_were(path: Path) -> None:
    with open_store(path) as store:
        everything(store, "before")
        before = path.read_bytes()
        with pytest.raises(Failure):
            fail_after_everything(store)
        assert path.read_bytes() == before
        assert States(store).names() == ["before"]


def test_a_discarded_transaction_leaves_the_bytes_as_they_were(path: Path) -> None:
    with open_store(path) as store:
        everything(store, "before")
        before = path.read_bytes()
        with store.transaction() as transaction:
            everything(store, "after")
            transaction.discard()
        assert path.read_bytes() == before


def test_a_transaction_is_kept_whole(path: Path) -> None:
    with open_store(path) as store, open_store(path) as other:
        with store.transaction():
            everything(store, "springfield")
            assert States(other).names() == []
        assert States(other).names() == ["springfield"]
        assert Roster(other, "springfield").counts() == dict.fromkeys(Kind, 1)


def test_an_inner_transaction_is_part_of_the_outer_one(store: Store) -> None:
    with store.transaction() as outer:
        with store.transaction() as inner:
            everything(store, "springfield")
        assert inner is outer
        assert States(store).names() == ["springfield"]
        outer.discard()
    assert States(store).names() == []


KILLED = """
import os, signal, sys
from pathlib import Path
from rostersync.model.kind import Kind
from rostersync.model.snapshot import Entry, Org, Put
from rostersync.store.connect import open_store
from rostersync.store.snapshot import Snapshot

store = open_store(Path(sys.argv[1]))
with store.transaction():
    orgs = (Put(Entry(f"{key:06}", Org("x" * 900, "school"))) for key in range(40_000))
    Snapshot(store, "springfield").apply(Kind.ORGS, orgs)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_that_is_killed_leaves_the_store_as_it_was(path: Path) -> None:
    with open_store(path) as store:
        everything(store, "springfield")
    before = path.read_bytes()
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, env=ENVIRONMENT)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_bytes() != before
    with open_store(path) as store:
        assert [entry.sourced_id for entry in Snapshot(store, "springfield").orgs()] == ["x"]
        assert store.fetch("PRAGMA integrity_check") == [("ok",)]
    assert path.read_bytes() == before
