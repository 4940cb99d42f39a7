"""What a cron expression may say: five fields as cron itself knows them, or one of five names (contract §1)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from croniter import CroniterError, croniter

NICKNAMES = ("@hourly", "@daily", "@weekly", "@monthly", "@yearly")
ALLOWED = f'five fields ("minute hour day month weekday", such as "0 18 * * 2,5") or one of {", ".join(NICKNAMES)}'


class _Field(NamedTuple):
    """A field of the expression: what it is called, its range, and the names of its numbers from the lowest on."""

    label: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
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
    faults = (_item_fault(item, field) for word, field in zip(fields, _FIELDS, strict=True) for item in word.split(","))
    return next(filter(None, faults), None) or _never(text)


def _item_fault(item: str, field: _Field) -> str | None:
    """Say what is wrong with one item of a field: a star, a value or a range, and perhaps a step."""
    span, slash, step = item.lower().partition("/")
    words = span.split("-")
    values = [_value(word, field) for word in words]
    if span == "*":
        values = [field.lowest]
    elif None in values or len(words) > 2:  # noqa: PLR2004 - a range has two ends
        return f'"{item}" is no {field.label}, which goes from {field.lowest} to {field.highest}'
    if slash and not re.fullmatch(r"[1-9]\d{0,3}", step, re.ASCII):
        return f'"{item}" is no {field.label}: the step is no number from 1'
    backwards = values[0] is not None and values[-1] is not None and values[0] > values[-1]
    return f'"{item}" runs backwards ({field.label})' if backwards else None


def _value(word: str, field: _Field) -> int | None:
    """Read a number or a name; None where it is neither or out of range."""
    if word in field.names:
        return field.lowest + field.names.index(word)
    number = int(word) if re.fullmatch(r"\d{1,4}", word, re.ASCII) else -1
    return number if field.lowest <= number <= field.highest else None


def _never(text: str) -> str | None:
    """Say that the day never comes: nothing else is left to be wrong."""
    try:
        croniter(text, _LEAP_YEAR).get_next(datetime)
    except CroniterError:
        return "the day that it names never comes"
    return None
