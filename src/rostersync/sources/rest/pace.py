"""When the next request may go out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = 300.0
"""Retry-After is honoured up to five minutes; a longer one counts as a failure (contract §1)."""


class RateLimit:
    """Spaces the requests of all threads evenly."""

    def __init__(self, per_second: float) -> None:
        """Take the requests a second; 0 is no limit."""
        self._gap = 1 / per_second if per_second > 0 else 0.0
        self._lock = threading.Lock()
        self._next = 0.0

    def pause(self, now: float) -> float:
        """Reserve the next place: how many seconds after `now` (monotonic) it lies."""
        if not self._gap:
            return 0.0
        with self._lock:
            place = max(self._next, now)
            self._next = place + self._gap
        return place - now

    def wait(self) -> None:
        """Sleep until the next place."""
        pause = self.pause(time.monotonic())
        if pause > 0:
            time.sleep(pause)


def retry_after(header: str, clock: Callable[[], datetime]) -> float | None:
    """The pause in seconds that a Retry-After asks for, given as seconds or as a date; None where it asks for none."""
    text = header.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    moment = http_date(text)
    return None if moment is None else max((moment - clock()).total_seconds(), 0.0)


def http_date(header: str) -> datetime | None:
    """An HTTP date in UTC, None where it is none."""
    try:
        moment = parsedate_to_datetime(header)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
