"""What the last plan decided, as the store keeps it."""

from __future__ import annotations

import pytest

from rostersync.errors import StoreError
from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.run import Counts
from rostersync.model.settled import Settled
from rostersync.store.database import Store
from rostersync.store.settled import forget_settled, keep_settled, read_settled

FOUND = Diagnostic(Code.DATA_REJECTED, "u1 is rejected", "Correct the record.")
SETTLED = Settled("basis", "2026-03-01", None, Counts(enrollments=3), (FOUND,))


def test_a_verdict_is_kept_for_one_integration_until_it_is_forgotten(throwaway: Store) -> None:
    keep_settled(throwaway, "north", SETTLED)
    assert read_settled(throwaway, "north", "basis") == SETTLED
    assert read_settled(throwaway, "nort", "basis") is None
    forget_settled(throwaway, "north")
    assert read_settled(throwaway, "north", "basis") is None


def test_a_verdict_of_another_program_is_none_and_need_not_be_readable(throwaway: Store) -> None:
    keep_settled(throwaway, "north", SETTLED)
    throwaway.write("UPDATE settled SET body = x'00'")
    assert read_settled(throwaway, "north", "basis of a program whose counts were others") is None
    with pytest.raises(StoreError, match="keeps of the last plan"):
        read_settled(throwaway, "north", "basis")
