"""How much one answer may bring: what keeps the memory of a fetch within bounds, whatever a server sends.

A page is held as bytes and then as objects, of which each takes far more than the few bytes that it may be written in.
The bounds let through about 40,000 full records a page; whoever sends more can be asked for less (`source.page_size`).
"""

from __future__ import annotations

import msgspec

from rostersync.sources.rest import failures

PAGE = 32 * 1024 * 1024
"""The largest page that is accepted, in bytes after inflation."""

AHEAD = 4 * 1024 * 1024
"""The largest page that is accepted before it is needed: several of them are under way at once."""

TOKEN = 1024 * 1024
"""The largest reply of a token endpoint."""

ROWS = 100_000
"""The most rows of one page."""

IN_ALL = 20_000_000
"""The most rows of one collection: the largest districts have a third of it. The end of pages that never end."""

LONGEST = 100_000
"""The most characters of one text, where a page is larger than usual."""

ENTRIES = 10_000
"""The most entries of one list, such as a user's roles, where a page is larger than usual."""

_USUAL = 1024 * 1024 + 512 * 1024
_OPENINGS = 400_000
_COMMAS = 1_200_000


def is_large(body: bytes) -> bool:
    """Whether a page is so large that one record in it could be beyond reason."""
    return len(body) > _USUAL


def is_beyond_reason(value: object) -> bool:
    """Whether a field holds a text or a list that no person has, however deep; it would be copied again and again."""
    if isinstance(value, str):
        return len(value) > LONGEST
    if isinstance(value, list):
        return len(value) > ENTRIES or any(map(is_beyond_reason, value))
    if isinstance(value, dict):
        return len(value) > ENTRIES or any(map(is_beyond_reason, value.values()))
    return isinstance(value, msgspec.Struct) and any(
        is_beyond_reason(getattr(value, name)) for name in value.__struct_fields__
    )


def check_density(path: str, body: bytes) -> None:
    """Refuse a page that would become too many objects; a page of the usual size cannot.

    Raises:
        Fatal: RS-SRC-001.
    """
    if not is_large(body):
        return
    if body.count(b"{") + body.count(b"[") > _OPENINGS or body.count(b",") > _COMMAS:
        raise failures.too_much(f"one page of /{path} holds more values than any roster has in one page")


def check_rows(path: str, rows: int) -> None:
    """Refuse a page of too many rows.

    Raises:
        Fatal: RS-SRC-001.
    """
    if rows > ROWS:
        raise failures.too_much(f"one page of /{path} has {rows:,} rows")


def check_all(path: str, rows: int) -> None:
    """Refuse a collection without end.

    Raises:
        Fatal: RS-SRC-002.
    """
    if rows > IN_ALL:
        raise failures.incomplete(f"/{path} does not end: {rows:,} rows came, and there was always another page")
