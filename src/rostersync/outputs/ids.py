"""The rules that formats have for ids, and ids made where a format needs one that the roster has not."""

from __future__ import annotations

import re
from uuid import UUID, uuid5

_LONGEST = 255
_ONEROSTER_1_2 = re.compile(r"[A-Za-z0-9._/@-]+")
_APPLE = re.compile(r"[A-Za-z0-9-]+")
# Made up once; the same parts give the same id in every run, on every machine.
_SPACE = UUID("6f1f7c0e-5d0b-4a52-9a6e-0c6b1c2d7f34")


def plain_fault(sourced_id: str) -> str | None:
    """Why an id does not fit OneRoster 1.1 and School Data Sync: too long, unprintable, or parted in a list."""
    if len(sourced_id) > _LONGEST:
        return f"its sourcedId is longer than {_LONGEST} characters"
    if "," in sourced_id or not sourced_id.isprintable() or sourced_id != sourced_id.strip():
        return "its sourcedId has a comma, a line break or a blank at its end"
    return None


def strict_fault(sourced_id: str) -> str | None:
    """Why an id does not fit OneRoster 1.2 (reference §4): it has letters, digits and `. - _ / @` alone."""
    if _ONEROSTER_1_2.fullmatch(sourced_id):
        return plain_fault(sourced_id)
    return "its sourcedId has more than letters, digits and . - _ / @"


def any_id(_sourced_id: str) -> None:
    """Every id fits."""


def apple_id(sourced_id: str) -> str:
    """The id for Apple School Manager, which takes letters, digits and hyphens: any other is replaced by a made one."""
    fits = len(sourced_id) <= _LONGEST and _APPLE.fullmatch(sourced_id)
    return sourced_id if fits else made_id("apple", sourced_id)


def made_id(*parts: str) -> str:
    """An id that depends on these parts alone, and fits every format."""
    return str(uuid5(_SPACE, "\0".join(parts)))
