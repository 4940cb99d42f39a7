"""Days of a sample district as its server tells them."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime

from rostersync.demo import District, Happened, next_day


def told_day(district: District, seed: int, now: datetime) -> list[Happened]:
    """Let a day pass on which every deletion is marked, so that a delta tells all of it."""
    kinds = ("users", "enrollments")
    before = {kind: deepcopy(dict(district.collection(kind).data)) for kind in kinds}
    happened = next_day(district, seed, now)
    for kind in kinds:
        collection = district.collection(kind)
        for sourced_id in sorted(before[kind].keys() - collection.keys()):
            collection[sourced_id] = before[kind][sourced_id]
            district.mark_deleted(kind, sourced_id, now)
    return happened
