"""Rows taken over inside SQLite: the same as the engine's merge over every one of them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from rostersync.engine.merge import merge
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.snapshot import Entry, Org, Put, Received, Rejection
from rostersync.store.connect import open_store
from rostersync.store.database import Store
from rostersync.store.snapshot import Snapshot
from rostersync.store.staging import Staging
from rostersync.store.takeover import Takeover

ORGS = [Org("North", "school"), Org("North", "school", modified="2026-11-01T00:00:00.000000Z"), Org("South", "school")]
ids = st.sampled_from(["a", "b", "c", "d", "\0nameless", "é"])
refusals = st.sampled_from(
    [Rejection("RS-DATA-001", "name", "is missing"), Rejection("RS-DATA-004", "status", "is odd")]
)
received_rows = st.one_of(
    st.tuples(ids, st.sampled_from(ORGS), st.none(), st.none()),
    st.tuples(ids, st.none(), st.sampled_from(["", "2026-11-01T00:00:00.000000Z"]), st.none()),
    st.tuples(ids, st.none(), st.none(), refusals),
).map(Received._make)
remembered = st.one_of(
    st.tuples(ids, st.sampled_from(ORGS), st.just(False), st.none() | refusals),  # noqa: FBT003 - a value
    st.tuples(ids, st.none(), st.just(True), st.none()),  # noqa: FBT003 - a value
    st.tuples(ids, st.none(), st.just(False), refusals),  # noqa: FBT003 - a value
).map(Entry._make)
snapshots = st.lists(remembered, max_size=6, unique_by=lambda entry: entry.sourced_id)


@given(snapshots, st.lists(received_rows, max_size=10), st.sampled_from([Coverage.FULL, Coverage.DELTA]))
@example([Entry("a", ORGS[0])], [Received("a", ORGS[1]), Received("a", ORGS[2])], Coverage.FULL)
@example([Entry("a", ORGS[0])], [], Coverage.FULL)
def test_taking_over_equals_merging(before: list[Entry], rows: list[Received], coverage: Coverage) -> None:
    plain, plain_found = merged(before, rows, coverage)
    with open_store(Path("absent.db"), create=False) as store:
        snapshot, others = Snapshot(store, "north"), Snapshot(store, "south")
        for each in (snapshot, others):
            each.apply(Kind.ORGS, map(Put, before))
        found: list[Diagnostic] = []
        changed = take_over(store, rows, coverage, found)
        assert list(snapshot.entries(Kind.ORGS)) == plain
        assert found == plain_found
        assert bool(changed) == (plain != sorted(before))
        assert list(others.entries(Kind.ORGS)) == sorted(before)


def merged(before: list[Entry], rows: list[Received], coverage: Coverage) -> tuple[list[Entry], list[Diagnostic]]:
    """The snapshot and the findings by the engine alone."""
    found: list[Diagnostic] = []
    entries = {entry.sourced_id: entry for entry in before}
    ordered = sorted(rows, key=lambda row: row.sourced_id)
    for op in list(merge(Kind.ORGS, sorted(before), ordered, coverage, found.append)):
        if isinstance(op, Put):
            entries[op.entry.sourced_id] = op.entry
        else:
            del entries[op.sourced_id]
    return [entries[key] for key in sorted(entries)], found


def take_over(store: Store, rows: list[Received], coverage: Coverage, found: list[Diagnostic]) -> int:
    """Stage the rows and put them in force as a run does; gives how many changed."""
    staging = Staging(store)
    staging.add(Kind.ORGS, rows)
    with store.transaction():
        takeover = Takeover(store, "north", Kind.ORGS)
        changed = takeover.plain(coverage)
        left = merge(Kind.ORGS, takeover.entries(), takeover.received(), Coverage.DELTA, found.append)
        return changed + Snapshot(store, "north").apply(Kind.ORGS, left)
