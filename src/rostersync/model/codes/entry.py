"""What the catalogue says about one code."""

from __future__ import annotations

from typing import NamedTuple

from rostersync.model.codes.names import Severity


class Text(NamedTuple):
    """The words for one code: a title, what it means, its usual cause, and what to do."""

    title: str
    meaning: str
    cause: str
    remedy: str


class Entry(NamedTuple):
    """One code in the catalogue: its words and how grave it is."""

    title: str
    severity: Severity
    meaning: str
    cause: str
    remedy: str
