"""What a cron expression may say: five fields as cron itself knows them, or one of five names (contract §1)."""

from __future__ import annotations

import re
from datetime import datetime

from croniter import CroniterBadDateError, CroniterError, croniter

NICKNAMES = ("@hourly", "@daily", "@weekly", "@monthly", "@yearly")
ALLOWED = f'five fields ("minute hour day month weekday", such as "0 18 * * 2,5") or one of {", ".join(NICKNAMES)}'

_FIELDS = ("minute", "hour", "day of the month", "month", "day of the week")
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_NAMES = (
    "",
    "",
    "",
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec",
    "sun|mon|tue|wed|thu|fri|sat",
)
_LEAP_YEAR = datetime(2000, 1, 1)  # noqa: DTZ001 - cron speaks of local times


def cron_fault(expression: str) -> str | None:
    """Say what is wrong with a cron expression in half a sentence, or None where nothing is.

    Refused are what cron itself does not know (six fields, `L`, `#`, `@reboot`) and days that never come.
    """
    text = expression.strip()
    if text.startswith("@"):
        return None if text in NICKNAMES else f'"{text}" is no schedule'
    fields = text.split()
    if len(fields) != len(_FIELDS):
        return f"a cron expression has five fields, this one has {len(fields)}"
    return _field_fault(fields) or _never(text)


def _field_fault(fields: list[str]) -> str | None:
    """Say which field is not written as cron writes it."""
    for field, label, names, (lowest, highest) in zip(fields, _FIELDS, _NAMES, _BOUNDS, strict=True):
        value = rf"(?:\d+|{names})" if names else r"\d+"
        item = rf"(?:\*|{value}(?:-{value})?)(?:/[1-9]\d*)?"
        if not re.fullmatch(rf"{item}(?:,{item})*", field, re.IGNORECASE | re.ASCII):
            return f'"{field}" is no {label}'
        if not all(lowest <= int(value) <= highest for value in re.findall(r"(?<![/\d])\d+", field)):
            return f'"{field}" is no {label}, which goes from {lowest} to {highest}'
        if any(int(low) > int(high) for low, high in re.findall(r"(\d+)-(\d+)", field)):
            return f'"{field}" runs backwards ({label})'
    return None


def _never(text: str) -> str | None:
    """Say that the day never comes, or what else croniter has against the expression."""
    try:
        croniter(text, _LEAP_YEAR).get_next(datetime)
    except CroniterBadDateError:
        return "the day that it names never comes"
    except CroniterError as error:
        return str(error)
    return None
