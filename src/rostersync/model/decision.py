"""What the engine decided about a record, and why (rules.md, the table of reasons)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Self

from rostersync.model.kind import Kind


class Reason(StrEnum):
    """Why a record is excluded; listed in the order in which one wins over the next.

    The lowest rule number names the reason; within one rule the table of rules.md is read left column first.
    """

    rule: int

    def __new__(cls, value: str, rule: int = 0) -> Self:
        """Make the member a string that also knows its rule; the default lets `Reason("unmatched")` look one up."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.rule = rule
        return member

    RECORD_DELETED = "record-deleted", 0
    RECORD_REJECTED = "record-rejected", 0
    DANGLING_REFERENCE = "dangling-reference", 0
    SCHOOL_NOT_SELECTED = "school-not-selected", 1
    SCHOOL_UNKNOWN = "school-unknown", 1
    ROLE_NOT_SYNCED = "role-not-synced", 2
    LEFT_SCHOOL = "left-school", 3
    ENROLLMENT_NOT_CURRENT = "enrollment-not-current", 3
    SESSION_NOT_CURRENT = "session-not-current", 4
    CLASSES_NOT_SYNCED = "classes-not-synced", 5
    CLASS_MISSING = "class-missing", 5
    CLASS_INCOMPLETE = "class-incomplete", 5
    PARENTS_NOT_SYNCED = "parents-not-synced", 6
    RELATIONSHIP_NOT_SELECTED = "relationship-not-selected", 6
    PARENT_WITHOUT_EMAIL = "parent-without-email", 6
    NO_CHILD_IN_SCOPE = "no-child-in-scope", 6
    DUPLICATE_EMAIL = "duplicate-email", 7
    UNMATCHED = "unmatched", 8
    CLASS_EXCLUDED = "class-excluded", 9
    USER_EXCLUDED = "user-excluded", 9
    SCHOOL_HELD = "school-held", 10
    NOT_IN_SOURCE = "not-in-source", 11


PRECEDENCE: dict[Reason, int] = {reason: place for place, reason in enumerate(Reason)}
"""Where several reasons apply, the one with the smallest place names the decision."""


class Step(NamedTuple):
    """One link in the chain of decisions: the rule, what it did, and why in a sentence."""

    rule: str
    outcome: str
    because: str


class Subject(NamedTuple):
    """Everything decided about one record or relationship, as `explain` shows it."""

    kind: Kind
    sourced_id: str
    label: str
    kept: bool
    reason: Reason | None
    decisions: tuple[Step, ...]
