"""The staging area: everything comes back in order, and the store stays free for others meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostersync.errors import StoreError
from rostersync.model.kind import COLLECTIONS, Kind
from rostersync.model.snapshot import Org, Received, Rejection
from rostersync.store.base import StagingArea
from rostersync.store.connect import open_store
from rostersync.store.database import Store
from rostersync.store.staging import Staging, read_staged
from tests.store.samples import RECORDS, keys, rejections

received_rows = st.lists(
    st.one_of(
        st.tuples(keys, st.just(RECORDS[Kind.USERS]), st.none(), st.none()),
        st.tuples(keys, st.none(), st.just("2026-11-01T00:00:00.000000Z"), st.none()),
        st.tuples(keys, st.none(), st.none(), rejections),
    ).map(Received._make),
    max_size=15,
)


@given(received_rows, received_rows)
def test_rows_come_back_sorted_by_sourced_id_and_then_arrival(first: list[Received], second: list[Received]) -> None:
    with open_store(Path("absent.db"), create=False) as store:
        staging: StagingArea = Staging(store)
        staging.add(Kind.USERS, first)
        staging.add(Kind.USERS, second)
        in_order = sorted(first + second, key=lambda row: row.sourced_id)
        assert list(read_staged(store, Kind.USERS)) == in_order
        assert list(read_staged(store, Kind.USERS)) == in_order


def test_clear_forgets_one_collection_or_all(throwaway: Store) -> None:
    staging = Staging(throwaway)
    for kind in COLLECTIONS:
        staging.add(kind, [Received("x", RECORDS[kind])])
    staging.clear(Kind.USERS)
    assert {kind: len(list(read_staged(throwaway, kind))) for kind in COLLECTIONS} == {
        kind: int(kind is not Kind.USERS) for kind in COLLECTIONS
    }
    staging.clear()
    assert not any(list(read_staged(throwaway, kind)) for kind in COLLECTIONS)


def test_a_second_staging_area_begins_empty(throwaway: Store) -> None:
    Staging(throwaway).add(Kind.ORGS, [Received("x", Org("A", "school"))])
    Staging(throwaway)
    assert list(read_staged(throwaway, Kind.ORGS)) == []


def test_staged_rows_survive_the_rollback_of_a_run(store: Store) -> None:
    staging = Staging(store)
    staging.add(Kind.ORGS, [Received("x", Org("A", "school"))])
    with store.transaction() as transaction:
        assert len(list(read_staged(store, Kind.ORGS))) == 1
        transaction.discard()
    assert len(list(read_staged(store, Kind.ORGS))) == 1


def test_what_is_staged_inside_a_transaction_is_part_of_it(store: Store) -> None:
    staging = Staging(store)
    with store.transaction() as transaction:
        staging.add(Kind.ORGS, [Received("x", Org("A", "school"))])
        assert len(list(read_staged(store, Kind.ORGS))) == 1
        transaction.discard()
    assert list(read_staged(store, Kind.ORGS)) == []


def test_a_failing_batch_leaves_nothing_of_itself(throwaway: Store) -> None:
    staging = Staging(throwaway)
    rows = [Received("x", Org("A", "school")), Received(None, Org("B", "school"))]  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        staging.add(Kind.ORGS, rows)
    assert list(read_staged(throwaway, Kind.ORGS)) == []


def test_others_can_write_while_a_fetch_is_staged_and_read(path: Path) -> None:
    with open_store(path, wait=0.1) as fetching, open_store(path, wait=0.1) as other:
        staging = Staging(fetching)
        staging.add(Kind.ORGS, [Received(f"{key}", Org("A", "school")) for key in range(5_000)])
        reading = read_staged(fetching, Kind.ORGS)
        assert next(reading).sourced_id == "0"
        with other.transaction():
            other.write("INSERT INTO integration (name, full_next) VALUES ('other', '[]')")
        assert len(list(reading)) == 4_999
        assert fetching.fetch("SELECT name FROM integration") == [("other",)]


def test_staging_leaves_the_bytes_of_the_store_alone(store: Store, path: Path) -> None:
    before = path.read_bytes()
    staging = Staging(store)
    staging.add(Kind.ORGS, [Received("x", rejection=Rejection("RS-DATA-001", "name", "it has no name"))])
    staging.drop()
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]  # noqa: PTH208 - names are all that matters
