"""The snapshot: what goes in comes out, sorted, streaming, also while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given

from rostersync.model.kind import COLLECTIONS, Kind
from rostersync.model.snapshot import Drop, Entry, Op, Org, Put, Rejection
from rostersync.store.base import SnapshotStore
from rostersync.store.connect import open_store
from rostersync.store.database import Store
from rostersync.store.pages import PAGE
from rostersync.store.snapshot import Snapshot
from tests.store.samples import RECORDS, collections


@given(collections)
def test_entries_come_back_as_they_were_sorted_by_codepoint(collection: tuple[Kind, list[Entry]]) -> None:
    kind, entries = collection
    with open_store(Path("absent.db"), create=False) as store:
        snapshot: SnapshotStore = Snapshot(store, "springfield")
        snapshot.apply(kind, [Put(entry) for entry in entries])
        assert list(snapshot.entries(kind)) == sorted(entries, key=lambda entry: entry.sourced_id)
        assert [snapshot.get(kind, entry.sourced_id) for entry in entries] == entries


@pytest.mark.parametrize("kind", COLLECTIONS)
def test_each_reader_reads_its_collection_again_and_again(throwaway: Store, kind: Kind) -> None:
    snapshot = Snapshot(throwaway, "springfield")
    entry = Entry("x", RECORDS[kind])
    snapshot.apply(kind, [Put(entry)])
    read = {
        Kind.ORGS: snapshot.orgs,
        Kind.SESSIONS: snapshot.sessions,
        Kind.COURSES: snapshot.courses,
        Kind.CLASSES: snapshot.classes,
        Kind.USERS: snapshot.users,
        Kind.ENROLLMENTS: snapshot.enrollments,
    }
    assert {each: list(reader()) for each, reader in read.items()} == {
        each: [entry] if each is kind else [] for each in COLLECTIONS
    }
    assert list(read[kind]()) == [entry]


def test_integrations_do_not_see_each_other(throwaway: Store) -> None:
    one, two = Snapshot(throwaway, "one"), Snapshot(throwaway, "two")
    one.apply(Kind.ORGS, [Put(Entry("x", Org("One", "school")))])
    two.apply(Kind.ORGS, [Put(Entry("x", Org("Two", "school")))])
    two.apply(Kind.ORGS, [Drop("x")])
    assert [entry.record for entry in one.orgs()] == [Org("One", "school")]
    assert list(two.orgs()) == []


def test_a_put_replaces_all_that_was_known(throwaway: Store) -> None:
    snapshot = Snapshot(throwaway, "springfield")
    rejection = Rejection("RS-DATA-001", "name", "it has no name", ("s1",))
    for entry in (Entry("x", Org("A", "school"), rejection=rejection), Entry("x", deleted=True), Entry("x", None)):
        snapshot.apply(Kind.ORGS, [Put(entry)])
        assert list(snapshot.orgs()) == [entry]
    assert snapshot.get(Kind.ORGS, "y") is None


def test_a_merge_reads_and_writes_at_once(throwaway: Store) -> None:
    snapshot = Snapshot(throwaway, "springfield")
    size = PAGE * 2 + 10
    snapshot.apply(Kind.ORGS, (Put(Entry(f"{key:06}", Org("old", "school"))) for key in range(0, size * 2, 2)))
    seen: list[str] = []

    def merge() -> Iterator[Op]:
        """Drop every third entry, change the others, and put a new one behind each."""
        for place, entry in enumerate(snapshot.orgs()):
            seen.append(entry.sourced_id)
            before = f"{int(entry.sourced_id) - 1:06}"
            if place:
                yield Put(Entry(before, Org("new", "school")))
            yield (Drop(entry.sourced_id) if place % 3 == 0 else Put(Entry(entry.sourced_id, Org("changed", "school"))))

    snapshot.apply(Kind.ORGS, merge())
    assert seen == [f"{key:06}" for key in range(0, size * 2, 2)]
    after = {entry.sourced_id: entry.record.name for entry in snapshot.orgs() if isinstance(entry.record, Org)}
    assert after == {f"{key:06}": "new" for key in range(1, size * 2 - 1, 2)} | {
        f"{key * 2:06}": "changed" for key in range(size) if key % 3
    }


def test_a_failing_producer_leaves_everything_as_it_was(throwaway: Store) -> None:
    snapshot = Snapshot(throwaway, "springfield")
    snapshot.apply(Kind.ORGS, [Put(Entry("a", Org("A", "school")))])

    def failing() -> Iterator[Op]:
        """Give more than one batch and then fail."""
        for key in range(3_000):
            yield Put(Entry(f"b{key:04}", Org("B", "school")))
        raise ValueError("the source has gone")

    with pytest.raises(ValueError, match="the source has gone"):
        snapshot.apply(Kind.ORGS, failing())
    assert [entry.sourced_id for entry in snapshot.orgs()] == ["a"]


def test_a_huge_sourced_id_is_as_good_as_any(throwaway: Store) -> None:
    snapshot = Snapshot(throwaway, "springfield")
    huge = [Entry(letter * 1_000_000, Org(letter * 1_000_000, "school")) for letter in "ab"]
    snapshot.apply(Kind.ORGS, map(Put, huge))
    assert list(snapshot.orgs()) == huge
