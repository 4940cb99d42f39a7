"""The defaults of contract §1 and the numbers of rules.md, as the engine sees them."""

from __future__ import annotations

from rostersync.model.directory import Account
from rostersync.model.policy import Limits, Match, Policy, Schools, Sync
from rostersync.model.run import Counts, Mode, Status


def test_a_policy_without_options_has_the_defaults_of_the_contract() -> None:
    assert Policy() == Policy(
        schools=Schools(include=frozenset(), exclude=frozenset(), mode="auto", map={}, unmapped="keep"),
        sync=Sync(
            classes=True,
            respect_enrollment_dates=False,
            respect_academic_sessions=False,
            session_grace_days=0,
            end_dates="exclusive",
            roles=("student", "teacher", "staff"),
            parents=False,
            relationship=("parent", "guardian", "relative"),
            missing_users=None,
            missing_classes="create",
            removed_users="disable",
            removed_classes="archive",
            class_requires=(),
        ),
        match=Match(by=("email",), match_disabled=False),
        limits=Limits(removals_percent=10, removals=500, rejected_percent=5),
    )


def test_a_run_has_the_numbers_of_the_rules() -> None:
    assert Counts._fields == (
        "unmatched_users",
        "matched_students",
        "matched_teachers",
        "matched_staff",
        "matched_parents",
        "imported_classes",
        "enrollments",
        "relationships",
        "schools",
        "held_schools",
        "excluded_users",
        "rejected_records",
    )
    assert Counts() == (0,) * 12


def test_a_run_ends_and_works_in_the_words_of_the_contract() -> None:
    assert list(Status) == ["success", "partial", "failed", "blocked", "busy"]
    assert list(Mode) == ["full", "delta"]


def test_an_account_needs_an_id_alone() -> None:
    assert Account("a1") == Account("a1", (), None, None, None, None, disabled=False)
