"""The state of an integration: kept, reset, and forgotten without a trace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
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
from rostersync.store.spool import PlanSpool
from rostersync.store.state import States
from tests.store.samples import RECORDS, ROWS

STATE = IntegrationState(
    name="springfield",
    tenant="spr-01",
    cursor="2026-11-21T17:00:00.000Z",
    last_sync_at="2026-11-21T18:00:00.000Z",
    last_full_at="2026-11-20T18:00:00.000Z",
    source_identity="rest 1.1 https://sis.example.org/ims/oneroster/v1p1",
    settings_digest="abc",
    full_next=frozenset({Kind.USERS, Kind.ORGS}),
)


def test_a_state_comes_back_as_it_was(throwaway: Store) -> None:
    states = States(throwaway)
    assert states.read("springfield") == IntegrationState("springfield")
    states.write(STATE)
    states.write(IntegrationState("other"))
    assert states.read("springfield") == STATE
    assert states.names() == ["other", "springfield"]
    changed = replace(STATE, tenant=None, cursor=None, full_next=frozenset())
    states.write(changed)
    assert states.read("springfield") == changed


def test_reset_clears_the_last_sync_date_and_nothing_else(throwaway: Store) -> None:
    states = States(throwaway)
    states.write(STATE)
    states.write(replace(STATE, name="other"))
    Snapshot(throwaway, "springfield").apply(Kind.ORGS, [Put(Entry("o1", RECORDS[Kind.ORGS]))])
    states.reset("springfield")
    assert states.read("springfield") == replace(STATE, cursor=None, last_sync_at=None, last_full_at=None)
    assert states.read("other") == replace(STATE, name="other")
    assert len(list(Snapshot(throwaway, "springfield").orgs())) == 1


def test_reset_of_what_has_never_run_does_nothing(throwaway: Store) -> None:
    States(throwaway).reset("springfield")
    assert States(throwaway).names() == []


def fill(store: Store, name: str, mark: str) -> None:
    """Give an integration something in every table, with a mark in each."""
    for kind in COLLECTIONS:
        entries = (Put(Entry(f"{mark}{key:04}", RECORDS[kind])) for key in range(200))
        Snapshot(store, name).apply(kind, entries)
    changes = []
    for kind, row in ROWS.items():
        after = row._asdict() | {row._fields[0]: mark}
        changes.append(Change(kind, Action.CREATE, mark, mark, None, None, after))
    Roster(store, name).apply(changes)
    States(store).write(replace(STATE, name=name, tenant=mark))
    with PlanSpool() as spool:
        spool.write(changes)
        run = RunRecord(name, Status.SUCCESS, Mode.FULL, "2026-11-21", "2026-11-21T18:00:00Z", "2026-11-21T18:01:00Z")
        Runs(store).record(run, [Diagnostic(Code("RS-DATA-001"), mark)], spool)


def test_purge_leaves_no_trace_and_touches_no_other_integration(store: Store, path: Path) -> None:
    fill(store, "springfield", "MARK-OF-SPRINGFIELD")
    fill(store, "other", "MARK-OF-OTHER")
    copy = path.with_name("roster.db.before-0001")
    copy.write_bytes(path.read_bytes())
    assert b"MARK-OF-SPRINGFIELD" in path.read_bytes()
    States(store).purge("springfield")
    left = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    assert copy.name not in left
    assert not any(b"MARK-OF-SPRINGFIELD" in content or b"springfield" in content for content in left.values())
    assert b"MARK-OF-OTHER" in left[path.name]
    with open_store(path) as again:
        assert States(again).names() == ["other"]
        assert Roster(again, "springfield").counts() == dict.fromkeys(Kind, 0)
        assert Roster(again, "other").counts() == dict.fromkeys(Kind, 1)
        assert [len(list(Snapshot(again, "other").entries(kind))) for kind in COLLECTIONS] == [200] * 6
        assert [run.integration for run in Runs(again).runs()] == ["other"]
        tables = ("diagnostic", "plan_chunk")
        assert [again.fetch(f"SELECT count(*) FROM {table}") for table in tables] == [[(1,)], [(1,)]]  # noqa: S608


def test_purge_of_a_throw_away_store_works_as_well(throwaway: Store) -> None:
    fill(throwaway, "springfield", "mark")
    States(throwaway).purge("springfield")
    assert States(throwaway).names() == []
