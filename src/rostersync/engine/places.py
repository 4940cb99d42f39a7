"""What is known of millions of records by their places, in little memory."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Generic, TypeVar

T = TypeVar("T")

_TOGETHER = 32
# No UTF-8 text has this byte, so no sourcedId can be found across the end of another.
_END = b"\xff"


class Places:
    """Ascending sourcedIds and their places, from 0 on; a dictionary and a list of them take three times as much.

    They are kept some at a time as one text. Of each text the first is known, by which the right one is found.
    """

    def __init__(self, sourced_ids: Iterable[str] = ()) -> None:
        """Take sourcedIds in strictly ascending order (by code point)."""
        self._firsts: list[str] = []
        self._texts: list[bytes] = []
        self._length = 0
        remaining = iter(sourced_ids)
        while together := tuple(islice(remaining, _TOGETHER)):
            self._firsts.append(together[0])
            self._texts.append(_END.join((b"", *map(_encoded, together), b"")))
            self._length += len(together)

    def __len__(self) -> int:
        """How many there are."""
        return self._length

    def __iter__(self) -> Iterator[str]:
        """Yield them in the order of their places."""
        return (_decoded(each) for text in self._texts for each in text.split(_END)[1:-1])

    def __getitem__(self, place: int) -> str:
        """The sourcedId at a place; raises IndexError where there is none."""
        number, among = divmod(place, _TOGETHER)
        return _decoded(self._texts[number].split(_END, among + 2)[among + 1 : -1][0])

    def __contains__(self, sourced_id: object) -> bool:
        """Whether it has a place."""
        return isinstance(sourced_id, str) and self.find(sourced_id) >= 0

    def find(self, sourced_id: str) -> int:
        """The place of a sourcedId, -1 where it has none."""
        number = bisect_right(self._firsts, sourced_id) - 1
        if number < 0:
            return -1
        text = self._texts[number]
        at = text.find(_END + _encoded(sourced_id) + _END)
        return -1 if at < 0 else number * _TOGETHER + text.count(_END, 0, at)

    def place(self, sourced_id: str) -> int:
        """The place of a sourcedId that has one; raises KeyError."""
        found = self.find(sourced_id)
        if found < 0:
            raise KeyError(sourced_id)
        return found


class Shared(Generic[T]):
    """A value at every place, four bytes each, where many places share one and the same object."""

    def __init__(self) -> None:
        """Start with no places."""
        self._values: list[T] = []
        self._numbers: array[int] = array("I")
        self._known: dict[int, int] = {}

    def append(self, value: T) -> None:
        """Put a value at the next place."""
        number = self._known.setdefault(id(value), len(self._values))
        if number == len(self._values):
            self._values.append(value)
        self._numbers.append(number)

    def __getitem__(self, place: int) -> T:
        """The value at a place; raises IndexError where there is none."""
        return self._values[self._numbers[place]]

    def __iter__(self) -> Iterator[T]:
        """Yield the values in the order of their places."""
        return map(self._values.__getitem__, self._numbers)


def _encoded(sourced_id: str) -> bytes:
    return sourced_id.encode("utf-8", "surrogatepass")


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogatepass")
