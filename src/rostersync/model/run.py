"""What a run counts and how it ends (contract §3)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """How a run ended."""

    SUCCESS = "success"
    PARTIAL = "partial"
    FAILED = "failed"
    BLOCKED = "blocked"
    BUSY = "busy"


class Mode(StrEnum):
    """What a run set out to fetch."""

    FULL = "full"
    DELTA = "delta"


class Counts(NamedTuple):
    """The numbers of a run (rules.md, last section): decisions, not rows."""

    unmatched_users: int = 0
    matched_students: int = 0
    matched_teachers: int = 0
    matched_staff: int = 0
    matched_parents: int = 0
    imported_classes: int = 0
    enrollments: int = 0
    relationships: int = 0
    schools: int = 0
    held_schools: int = 0
    excluded_users: int = 0
    rejected_records: int = 0
