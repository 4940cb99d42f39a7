"""Reads large tables page by page along their key, so that no read stays open between two pages.

An open read would keep other processes from committing, and could see the writes made meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from rostersync.store.database import Store

T = TypeVar("T")

PAGE = 5_000
"""Rows held in memory at a time."""


def paged(store: Store, table: str, columns: str, key: tuple[str, ...], integration: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of one integration sorted by key; `columns` is the SELECT list and begins with the key columns."""
    start, after = _statements(table, columns, key)
    page = store.fetch(start, (integration, PAGE))
    while page:
        yield from page
        if len(page) < PAGE:
            return
        page = store.fetch(after, (integration, *page[-1][: len(key)], PAGE))


def chunked(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the items in lists of `size`, the last one shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _statements(table: str, columns: str, key: tuple[str, ...]) -> tuple[str, str]:
    """Write the statements for the first page and for those after a key."""
    names, marks = ", ".join(key), ", ".join("?" * len(key))
    select = f"SELECT {columns} FROM {table} WHERE integration = ?"  # noqa: S608 - constants
    order = f"ORDER BY {names} LIMIT ?"
    return f"{select} {order}", f"{select} AND ({names}) > ({marks}) {order}"
