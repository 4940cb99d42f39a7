"""A district streams through the store: memory does not grow with the number of rows."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from itertools import islice

from rostersync.model.kind import Kind
from rostersync.model.plan import Action, Change
from rostersync.model.roster import EnrollmentRow
from rostersync.model.snapshot import Enrollment, Entry, Put, Received
from rostersync.store.database import Store
from rostersync.store.roster import Roster
from rostersync.store.snapshot import Snapshot
from rostersync.store.spool import PlanSpool
from rostersync.store.staging import Staging, read_staged

SIZE = 20_000
MEGABYTE = 1_000_000


def received() -> Iterator[Received]:
    """Make enrollments in no order."""
    for key in range(SIZE):
        yield Received(f"e{key * 7_919 % SIZE:06}", Enrollment(f"u{key % 9_973}", f"c{key // 30}", "student"))


def change(entry: Entry) -> Change:
    """Plan a new row."""
    record = entry.record
    assert isinstance(record, Enrollment)
    row = EnrollmentRow(entry.sourced_id, record.class_, record.user, None, record.role, 0, None, None)
    return Change(Kind.ENROLLMENTS, Action.CREATE, row.sourced_id, "", None, None, row._asdict())


def test_a_district_goes_from_staging_to_roster_in_little_memory(store: Store) -> None:
    staging, snapshot, roster = Staging(store), Snapshot(store, "springfield"), Roster(store, "springfield")
    rows = received()
    tracemalloc.start()
    while batch := list(islice(rows, 1_000)):
        staging.add(Kind.ENROLLMENTS, batch)
    with store.transaction(), PlanSpool() as spool:
        puts = (Put(Entry(row.sourced_id, row.record)) for row in read_staged(store, Kind.ENROLLMENTS))
        snapshot.apply(Kind.ENROLLMENTS, puts)
        spool.write(map(change, snapshot.enrollments()))
        roster.apply(spool)
    keys = (row[0] for row in roster.rows(Kind.ENROLLMENTS))
    assert all(key == f"e{place:06}" for place, key in enumerate(keys))
    assert roster.counts()[Kind.ENROLLMENTS] == SIZE
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # A page of rows and a batch of writes: the rows of a district in a list would be many times this.
    assert peak < 6 * MEGABYTE
