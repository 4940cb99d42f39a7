"""Reasons packed into one byte a record: 0 is kept, and a smaller number wins over a greater one."""

from __future__ import annotations

from rostersync.model.decision import PRECEDENCE, Reason

KEPT = 0
_REASONS = tuple(Reason)


def pack(reason: Reason | None) -> int:
    """The byte for a reason, KEPT for none."""
    return KEPT if reason is None else PRECEDENCE[reason] + 1


def unpack(why: int) -> Reason | None:
    """The reason behind a byte, None for KEPT."""
    return None if why == KEPT else _REASONS[why - 1]
