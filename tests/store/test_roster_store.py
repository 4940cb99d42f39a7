"""The roster: changes do what they say or fail, and rows come back as they were."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostersync.errors import StoreError
from rostersync.model.kind import Kind
from rostersync.model.plan import Action, Change
from rostersync.model.roster import OrgRow, RelationshipRow, Row, UserRow
from rostersync.store.base import RosterStore
from rostersync.store.connect import open_store
from rostersync.store.database import Store
from rostersync.store.names import KEYS
from rostersync.store.pages import PAGE
from rostersync.store.roster import Roster
from tests.store.samples import HARD_TEXTS, ROWS, lists, optional, texts

users = st.builds(
    UserRow,
    texts,
    texts,
    lists,
    lists,
    optional,
    optional,
    optional,
    optional,
    optional,
    optional,
    lists,
    st.just(1),
    optional,
)


def create(kind: Kind, row: Row) -> Change:
    """Plan a new row."""
    return Change(kind, Action.CREATE, "|".join(key_of(kind, row)), "", None, None, row._asdict())


def remove(kind: Kind, row: Row) -> Change:
    """Plan that a row goes."""
    return Change(kind, Action.REMOVE, "|".join(key_of(kind, row)), "", None, row._asdict(), None)


def key_of(kind: Kind, row: Row) -> tuple[str, ...]:
    """Find the key of a row."""
    return tuple(getattr(row, name) for name in KEYS[kind])


def user(sourced_id: str, **changed: Any) -> UserRow:  # noqa: ANN401 - any field
    """Make a user."""
    sample = ROWS[Kind.USERS]
    assert isinstance(sample, UserRow)
    return sample._replace(sourced_id=sourced_id, **changed)


@pytest.mark.parametrize("kind", Kind)
def test_a_row_of_every_kind_is_created_read_and_removed(throwaway: Store, kind: Kind) -> None:
    roster: RosterStore = Roster(throwaway, "springfield")
    row = ROWS[kind]
    roster.apply([create(kind, row)])
    assert list(roster.rows(kind)) == [row]
    assert type(next(roster.rows(kind))) is type(row)
    assert roster.get(kind, *key_of(kind, row)) == row
    roster.apply([remove(kind, row)])
    assert list(roster.rows(kind)) == []
    assert roster.get(kind, *key_of(kind, row)) is None


@given(st.lists(users, max_size=10, unique_by=lambda row: row.sourced_id))
def test_rows_come_back_as_they_were_sorted_by_codepoint(rows: list[UserRow]) -> None:
    with open_store(Path("absent.db"), create=False) as store:
        roster = Roster(store, "springfield")
        roster.apply(create(Kind.USERS, row) for row in rows)
        assert list(roster.rows(Kind.USERS)) == sorted(rows)


def test_relationships_are_told_apart_by_the_pair_whatever_the_ids_hold(throwaway: Store) -> None:
    roster = Roster(throwaway, "springfield")
    rows = sorted(RelationshipRow(student, parent, "parent") for student in HARD_TEXTS for parent in HARD_TEXTS)
    roster.apply(create(Kind.RELATIONSHIPS, row) for row in rows)
    assert list(roster.rows(Kind.RELATIONSHIPS)) == rows
    pair = {"student_sourced_id": "a|b", "parent_sourced_id": '"'}
    before, after = pair | {"relationship": "parent"}, {"relationship": "guardian"}
    roster.apply([Change(Kind.RELATIONSHIPS, Action.UPDATE, 'a|b|"', "", None, before, after)])
    assert [row for row in roster.rows(Kind.RELATIONSHIPS) if row not in rows] == [
        RelationshipRow("a|b", '"', "guardian")
    ]


def test_many_relationships_of_one_student_are_read_across_pages(throwaway: Store) -> None:
    roster = Roster(throwaway, "springfield")
    rows = [RelationshipRow(f"s{key // 1_000}", f"p{key % 1_000:04}", "parent") for key in range(PAGE + 1_500)]
    roster.apply(create(Kind.RELATIONSHIPS, row) for row in rows)
    assert list(roster.rows(Kind.RELATIONSHIPS)) == rows


def test_updates_set_just_the_fields_that_changed(throwaway: Store) -> None:
    roster = Roster(throwaway, "springfield")
    roster.apply(create(Kind.USERS, user(f"u{key}")) for key in range(4))
    roster.apply(
        [
            Change(Kind.USERS, Action.UPDATE, "u0", "", None, {"grades": ()}, {"grades": ("07", "08")}),
            Change(Kind.USERS, Action.UPDATE, "u1", "", None, {"grades": ()}, {"grades": ("09",)}),
            Change(Kind.USERS, Action.UPDATE, "u2", "", None, {"email": "a@example.org"}, {"email": None}),
            Change(
                Kind.USERS,
                Action.REMOVE,
                "u3",
                "",
                None,
                {"enabled": 1, "state": "active"},
                {"enabled": 0, "state": "disabled"},
            ),
        ]
    )
    assert list(roster.rows(Kind.USERS)) == [
        user("u0", grades=("07", "08")),
        user("u1", grades=("09",)),
        user("u2", email=None),
        user("u3", enabled=0, state="disabled"),
    ]


def test_counts_are_of_the_rows_in_force(throwaway: Store) -> None:
    roster = Roster(throwaway, "springfield")
    roster.apply(create(kind, row) for kind, row in ROWS.items())
    roster.apply([create(Kind.USERS, user("u2", state="disabled", enabled=0))])
    Roster(throwaway, "other").apply([create(Kind.USERS, user("u1"))])
    assert roster.counts() == dict.fromkeys(Kind, 1)


@pytest.mark.parametrize(
    "change",
    [
        Change(Kind.USERS, Action.UPDATE, "gone", "", None, {"email": None}, {"email": "b@example.org"}),
        Change(Kind.USERS, Action.REMOVE, "gone", "", None, {"state": "active"}, {"state": "disabled"}),
        remove(Kind.USERS, user("gone")),
        create(Kind.USERS, user("u1")),
    ],
    ids=["update", "disable", "delete", "create"],
)
def test_a_change_that_does_not_fit_is_an_error_and_undoes_the_others(throwaway: Store, change: Change) -> None:
    roster = Roster(throwaway, "springfield")
    roster.apply([create(Kind.USERS, user("u1"))])
    with pytest.raises(StoreError) as caught:
        roster.apply([create(Kind.ORGS, OrgRow("o1", "A", "school", None, None, None)), change])
    assert caught.value.code == "RS-STORE-004"
    assert list(roster.rows(Kind.ORGS)) == []
    assert list(roster.rows(Kind.USERS)) == [user("u1")]


@pytest.mark.parametrize("after", [{"e_mail": "x"}, {}, {"sourced_id": "u1"}], ids=["unknown", "none", "only the key"])
def test_a_change_of_no_field_of_the_row_is_refused(throwaway: Store, after: dict[str, object]) -> None:
    change = Change(Kind.USERS, Action.UPDATE, "u1", "", None, {}, after)
    with pytest.raises(ValueError, match="a change of users"):
        Roster(throwaway, "springfield").apply([change])


def test_a_new_row_without_all_its_fields_is_refused(throwaway: Store) -> None:
    change = Change(Kind.ORGS, Action.CREATE, "o1", "", None, None, {"sourced_id": "o1", "name": "A"})
    with pytest.raises(KeyError):
        Roster(throwaway, "springfield").apply([change])


def test_rows_can_be_changed_while_they_are_read(throwaway: Store) -> None:
    roster = Roster(throwaway, "springfield")
    size = PAGE + 2_000
    roster.apply(create(Kind.USERS, user(f"u{key:06}")) for key in range(size))

    def plan() -> Iterator[Change]:
        """Delete or rename each row that is read."""
        for place, row in enumerate(roster.rows(Kind.USERS)):
            assert isinstance(row, UserRow)
            if place % 2:
                yield remove(Kind.USERS, row)
            else:
                yield Change(Kind.USERS, Action.UPDATE, row.sourced_id, "", None, {}, {"username": f"n{place}"})

    roster.apply(plan())
    assert list(roster.rows(Kind.USERS)) == [user(f"u{key:06}", username=f"n{key}") for key in range(0, size, 2)]
