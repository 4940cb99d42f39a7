"""Walking two sorted streams side by side, so that comparing them needs no memory at any size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

L = TypeVar("L")
R = TypeVar("R")


def align(
    left: Iterable[L], right: Iterable[R], left_key: Callable[[L], Any], right_key: Callable[[R], Any]
) -> Iterator[tuple[L | None, R | None]]:
    """Pair the items of two streams by key; both must be strictly ascending by it. One side of a pair may be None."""
    ours, theirs = iter(left), iter(right)
    one, other = next(ours, None), next(theirs, None)
    while one is not None or other is not None:
        if other is None or (one is not None and left_key(one) < right_key(other)):
            yield one, None
            one = next(ours, None)
        elif one is None or left_key(one) > right_key(other):
            yield None, other
            other = next(theirs, None)
        else:
            yield one, other
            one, other = next(ours, None), next(theirs, None)
