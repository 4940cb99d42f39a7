"""When a schedule is due, right over both changes of the clock (contract §1 `schedule`, §2 `run --due`).

A cron expression is a set of local times. Each is mapped to the moment at which a clock on the wall shows it: a time
that happens twice counts once, the first time; one that does not happen counts at the moment of the change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from croniter import croniter

from rostersync.config.schema import ScheduleConfig

# Local times repeat: a look back by more than any clock is set costs little and leaves nothing out.
_BEFORE = timedelta(hours=3)
_SECOND = timedelta(seconds=1)


def next_due(schedule: ScheduleConfig | None, after: datetime) -> datetime | None:
    """Give the first due moment later than `after`, in UTC; None where the sync is manual.

    `after` is a time that knows its zone.
    """
    return next(_moments(schedule, after), None)


def upcoming(schedule: ScheduleConfig | None, after: datetime, count: int) -> list[datetime]:
    """Give the next `count` due moments later than `after`, in UTC, each later than the one before."""
    return list(islice(_moments(schedule, after), count))


def is_due(schedule: ScheduleConfig | None, last_started: datetime | None, now: datetime) -> bool:
    """Tell whether a due moment has come since the last run started: however many were missed, that is one run.

    What never ran is due, unless it is manual.
    """
    if schedule is None or schedule.cron is None:
        return False
    if last_started is None:
        return True
    due = next_due(schedule, last_started)
    return due is not None and due <= now


def _moments(schedule: ScheduleConfig | None, after: datetime) -> Iterator[datetime]:
    """Yield the due moments later than `after`, strictly increasing."""
    if schedule is None or schedule.cron is None:
        return
    zone = ZoneInfo(schedule.timezone)
    latest = after.astimezone(UTC)
    local = latest.astimezone(zone).replace(tzinfo=None, fold=0)
    for wall in croniter(schedule.cron, local - _BEFORE).all_next(datetime):
        moment = moment_of(wall, zone)
        if moment > latest:
            yield moment
            latest = moment


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """Map a local time to UTC: the first of two, and the moment of the change where it does not happen."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return first
    return _change(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first, zone)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Find the second at which the clock is set between two moments on its two sides."""
    old = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
