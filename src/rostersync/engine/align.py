"""Walking two sorted streams side by side, so that comparing them needs no memory at any size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar

L = TypeVar("L")
R = TypeVar("R")

KEY = itemgetter(0)
"""The sourcedId of an entry of the snapshot and of a row of the roster alike."""


def align(
    left: Iterable[L], right: Iterable[R], left_key: Callable[[L], Any], right_key: Callable[[R], Any]
) -> Iterator[tuple[L | None, R | None]]:
    """Pair the items of two streams by key; both must be strictly ascending by it. One side of a pair may be None."""
    ours, theirs = iter(left), iter(right)
    one, other = next(ours, None), next(theirs, None)
    while one is not None and other is not None:
        ahead, behind = left_key(one), right_key(other)
        if ahead == behind:
            yield one, other
            one, other = next(ours, None), next(theirs, None)
        elif ahead < behind:
            yield one, None
            one = next(ours, None)
        else:
            yield None, other
            other = next(theirs, None)
    if one is not None:
        yield from ((item, None) for item in chain((one,), ours))
    if other is not None:
        yield from ((None, item) for item in chain((other,), theirs))
