"""The spool and the log give a plan back just as it was made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostersync.errors import StoreError
from rostersync.model.decision import Reason
from rostersync.model.kind import Kind
from rostersync.model.plan import Action, Change, PlanDigest
from rostersync.store.spool import PlanSpool, unpack
from tests.store.samples import ROWS, lists, optional, texts

plain = st.none() | st.dictionaries(st.sampled_from(["email", "enabled", "username"]), optional | st.integers(0, 1))
listed = plain.flatmap(lambda fields: lists.map(lambda grades: {**(fields or {}), "grades": grades}))


def changes_of(kind: Kind) -> st.SearchStrategy[Change]:
    """Make changes of one kind, with lists where its rows have one."""
    fields = st.none() | (listed if "grades" in ROWS[kind]._fields else plain)
    reasons = st.none() | st.sampled_from(Reason)
    return st.builds(Change, st.just(kind), st.sampled_from(Action), texts, texts, reasons, fields, fields, lists)


changes = st.sampled_from(Kind).flatmap(changes_of)


def hash_of(plan: list[Change]) -> str:
    """Hash a plan."""
    digest = PlanDigest()
    for change in plan:
        digest.add(change)
    return digest.hash


@given(st.lists(changes, max_size=8), st.lists(changes, max_size=8))
def test_a_plan_comes_back_as_it_was_again_and_again(first: list[Change], second: list[Change]) -> None:
    with PlanSpool() as spool:
        spool.write(first)
        spool.write(iter(second))
        assert list(spool) == first + second
        back = list(spool)
    assert back == first + second
    assert hash_of(back) == hash_of(first + second)
    for change in back:
        assert type(change.kind) is Kind
        assert type(change.action) is Action
        assert change.reason is None or type(change.reason) is Reason


def test_a_large_plan_comes_in_frames_that_can_be_read_apart() -> None:
    plan = [
        Change(Kind.USERS, Action.CREATE, f"u{key}", "", None, None, ROWS[Kind.USERS]._asdict()) for key in range(2_500)
    ]
    with PlanSpool() as spool:
        spool.write(plan)
        frames = list(spool.frames())
    assert [len(unpack(frame)) for frame in frames] == [1_000, 1_000, 500]
    assert [change for frame in frames for change in unpack(frame)] == plan


def test_two_readers_do_not_disturb_each_other_nor_the_writer() -> None:
    plan = [Change(Kind.ORGS, Action.REMOVE, f"o{key}", "", Reason.NOT_IN_SOURCE, {}, None) for key in range(3_000)]
    with PlanSpool() as spool:
        spool.write(plan)
        pairs = []
        for left, right in zip(spool, spool, strict=False):
            pairs.append((left, right))
            if len(pairs) == 1_500:
                spool.write(plan[:10])
        assert pairs[:3_000] == list(zip(plan, plan, strict=True))
        assert list(spool) == plan + plan[:10]


@pytest.mark.parametrize("frame", [b"", b"nothing", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_bytes_that_are_no_plan_are_called_damaged(frame: bytes) -> None:
    with pytest.raises(StoreError) as caught:
        unpack(frame)
    assert caught.value.code == "RS-STORE-004"
