"""Which of several reasons names a decision (rules.md, Reasons)."""

from __future__ import annotations

from rostersync.model.decision import PRECEDENCE, Reason

# The table of rules.md: reason and rule, the left column from top to bottom, then the right one.
LEFT = [
    ("record-deleted", 0),
    ("record-rejected", 0),
    ("not-in-source", 11),
    ("dangling-reference", 0),
    ("school-not-selected", 1),
    ("school-unknown", 1),
    ("role-not-synced", 2),
    ("left-school", 3),
    ("session-not-current", 4),
    ("classes-not-synced", 5),
    ("class-missing", 5),
]
RIGHT = [
    ("parents-not-synced", 6),
    ("relationship-not-selected", 6),
    ("parent-without-email", 6),
    ("no-child-in-scope", 6),
    ("duplicate-email", 7),
    ("unmatched", 8),
    ("enrollment-not-current", 3),
    ("class-excluded", 9),
    ("user-excluded", 9),
    ("school-held", 10),
    ("class-incomplete", 5),
]


def test_each_reason_knows_its_rule() -> None:
    assert {reason.value: reason.rule for reason in Reason} == dict(LEFT + RIGHT)


def test_the_lowest_rule_wins_and_within_a_rule_the_order_of_the_table() -> None:
    by_rule = sorted(LEFT + RIGHT, key=lambda row: row[1])
    assert sorted(Reason, key=PRECEDENCE.__getitem__) == [reason for reason, _ in by_rule]


def test_every_reason_has_a_place_of_its_own() -> None:
    assert sorted(PRECEDENCE.values()) == list(range(len(Reason)))
