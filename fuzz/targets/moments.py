"""Dates, times and durations wherever they come from: records, directories' answers, cron lines and configuration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from rostersync.config.cron import cron_fault
from rostersync.sources.records.fields import Refused, day, stamp

_LENGTH: Final = len("2026-11-21T18:00:00.000000Z")


def seeds() -> Iterator[bytes]:
    """Moments in the forms that servers use, and near misses."""
    told = (
        *("2026-11-21", "2026-11-21T18:00:00.000Z", "2026-11-21T18:00:00+02:00", "20261121", "2026-W47-6"),
        *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59", "2026-02-29", "2026-11-21 18:00", "24:00"),
        *("2026-11-21t18:00:00z", "2026-11-21T18:00:60Z", "0 18 * * 2,5", "@daily", "*/5 * * * *", "0 0 31 2 *", "7d"),
    )
    yield from (text.encode() for text in told)


def one(data: bytes) -> None:
    """Read a moment in every way that there is."""
    text = data.decode("utf-8", "surrogateescape")
    with suppress(Refused):
        read = day(text, "endDate")
        if read is not None:
            datetime.strptime(read, "%Y-%m-%d").replace(tzinfo=UTC)
    modified = stamp(text)
    if modified and (len(modified) != _LENGTH or modified[-1] != "Z"):
        raise AssertionError(modified)
    fault = cron_fault(text)
    if fault is not None and not fault:
        raise AssertionError(text)
