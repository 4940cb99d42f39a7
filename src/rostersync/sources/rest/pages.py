"""Paging as a state machine without a socket: what each page means (architecture, "How a run is safe" 2).

`update` takes the facts of one page and answers where to go on: the offset of the next page, or `Done` with what does
not add up. Offsets are always the number of rows received so far. `settled` judges a collection that was fetched again.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

_BUCKETS = 64
_POSITIVE = (1 << 64) - 1


class Flaw(StrEnum):
    """What can be wrong with a collection; the value says it in words."""

    SHORT = "fewer rows came than the total says"
    MOVED = "the total changed while the pages were read"
    REPEATS = "the same ids came on several pages"
    LOOP = "a page came again although the next one was asked for"


class Facts(NamedTuple):
    """What one page says: the keys of its rows, its total and its Link header.

    `link` is None without a Link header, True where it has a `next`, False where it has none.
    """

    ids: Sequence[str]
    total: int | None = None
    link: bool | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The end of the collection, and its flaws."""

    flaws: frozenset[Flaw] = frozenset()


class Ids:
    """The ids of a collection in 8 bytes each: whether they repeat across pages, and whether two fetches agree.

    As long as every page lies above the one before, there is nothing that could repeat.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._buckets = [array("Q") for _ in range(_BUCKETS)]
        self._highest: str | None = None
        self._ascending = True

    def add(self, page: Sequence[str]) -> None:
        """Take the ids of one more page; duplicates within it count once."""
        ids = set(page)
        for identifier in ids:
            number = hash(identifier) & _POSITIVE
            self._buckets[number % _BUCKETS].append(number)
        if ids and self._highest is not None and min(ids) <= self._highest:
            self._ascending = False
        if ids:
            self._highest = max(ids) if self._highest is None else max(self._highest, *ids)

    @property
    def repeat(self) -> bool:
        """Whether an id came on more than one page."""
        return not self._ascending and any(len(set(bucket)) < len(bucket) for bucket in self._buckets)

    def same_as(self, other: Ids) -> bool:
        """Whether both hold the same set of ids."""
        return all(set(mine) == set(theirs) for mine, theirs in zip(self._buckets, other._buckets, strict=True))


class Paging:
    """The pages of one collection, one after the other."""

    def __init__(self) -> None:
        """Start before the first page."""
        self.received = 0
        self.total: int | None = None
        self.ids = Ids()
        self._moved = False
        self._largest = 0
        self._had_next = False
        self._seen: set[int] = set()

    def update(self, page: Facts) -> int | Done:
        """Take the next page: the offset to ask for now, or the end with what does not add up."""
        mark = hash(tuple(page.ids))
        if page.ids and mark in self._seen:
            return Done(frozenset({Flaw.LOOP}))
        self._seen.add(mark)
        self.received += len(page.ids)
        self._note_total(page)
        self.ids.add(page.ids)
        # Where pages overlap, rows are behind the total and the last link: only an empty page is the end.
        ended = not page.ids or (self._is_last(page) and not self.ids.repeat)
        self._largest = max(self._largest, len(page.ids))
        self._had_next = self._had_next or bool(page.link)
        return Done(self._flaws()) if ended else self.received

    def _note_total(self, page: Facts) -> None:
        """Believe a total unless more has come already (0, a negative one, one that counts something else)."""
        if page.total is not None and page.total >= self.received:
            self._moved = self._moved or self.total not in (None, page.total)
            self.total = page.total
        elif self.total is not None and self.total < self.received:
            self.total = None

    def _is_last(self, page: Facts) -> bool:
        missing = self.total is not None and self.received < self.total
        if missing:
            return False
        if self._had_next and page.link is False:
            return True
        return self.total is not None and len(page.ids) < self._largest

    def _flaws(self) -> frozenset[Flaw]:
        found = {
            Flaw.SHORT: self.total is not None and self.received < self.total,
            Flaw.MOVED: self._moved,
            Flaw.REPEATS: self.ids.repeat,
        }
        return frozenset(flaw for flaw, holds in found.items() if holds)


def settled(first: frozenset[Flaw], second: frozenset[Flaw], ids: tuple[Ids, Ids]) -> bool:
    """Whether the second fetch counts: its total stood still and agrees; where ids repeated, both have the same."""
    if second - {Flaw.REPEATS}:
        return False
    return Flaw.REPEATS not in first | second or ids[0].same_as(ids[1])
