"""Headers of an answer, a line each: Link, X-Total-Count, Retry-After, Date and Location."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import httpx

from rostersync.errors import RostersyncError
from rostersync.sources.rest import pace
from rostersync.sources.rest.reply import Reply

_URL: Final = "https://sis.example.org/ims/oneroster/v1p1/users?offset=0"
_NOW: Final = datetime(2026, 11, 21, tzinfo=UTC)
_NAMES: Final = ("link", "x-total-count", "retry-after", "date")


def seeds() -> Iterator[bytes]:
    """Headers as servers send them."""
    yield b'</users?offset=1>; rel="next", </users>; rel=first\n100\n120\nSat, 21 Nov 2026 18:00:00 GMT'
    yield b'<https://other.example.org/u>; rel="prev next"\n-1\nSat, 21 Nov 2026 18:00:00 +2359\nFriday'
    yield b"<//[::1>; rel=next\n0\n99999999999999\nMon, 01 Jan 0001 00:00:00 -0000"
    yield b'<javascript:x>;rel="NEXT"\n1e3\nFri, 31 Dec 9999 23:59:59 -2359\nSat, 21-Nov-26 18:00:00 EST'


def one(data: bytes) -> None:
    """Read every header as a fetch does."""
    lines = data.decode("latin-1").split("\n")
    headers = httpx.Headers(
        [(name.encode(), line.encode("latin-1")) for name, line in zip(_NAMES, lines, strict=False)]
    )
    with suppress(RostersyncError):
        reply = Reply(200, headers, b"", _URL)
        link = reply.next_link
        if link:
            reply.leads_away(link)
        total = reply.total
        pause = pace.retry_after(headers.get("retry-after", ""), lambda: _NOW)
        moment = pace.http_date(headers.get("date", ""))
        _check(total, pause, moment)


def _check(total: int | None, pause: float | None, moment: datetime | None) -> None:
    """Hold what was read to what is promised of it."""
    if pause is not None and not 0 <= pause < float("inf"):
        raise AssertionError(pause)
    if moment is not None and moment.tzinfo is not UTC:
        raise AssertionError(moment)
    if total is not None and abs(total) >= 10**12:
        raise AssertionError(total)
