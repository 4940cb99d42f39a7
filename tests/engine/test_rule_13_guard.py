"""Rule 13: the guard blocks a plan that removes too much, and a source that is suddenly empty."""

from __future__ import annotations

import pytest

from rostersync.engine.guard import guard
from rostersync.model.codes import Code
from rostersync.model.kind import Kind
from rostersync.model.plan import KindCounts, PlanDigest
from rostersync.model.policy import Limits
from tests.engine.build import class_, decide, many, org, student

EMPTY = {kind: KindCounts() for kind in Kind}
LIVE = {Kind.USERS: 1, Kind.CLASSES: 1}
GUARDED = [Kind.USERS, Kind.CLASSES, Kind.ENROLLMENTS]


def removing(kind: Kind, count: int) -> dict[Kind, KindCounts]:
    """A plan that removes rows of one kind."""
    return EMPTY | {kind: KindCounts(remove=count)}


@pytest.mark.parametrize("kind", GUARDED)
@pytest.mark.parametrize(
    ("removed", "rows", "blocked"),
    [
        (1, 10, False),
        (2, 10, True),
        (9, 9, False),
        (10, 100, False),
        (11, 100, True),
        (500, 100_000, False),
        (501, 100_000, True),
        (0, 100, False),
    ],
)
def test_rule_13_more_removals_than_the_limits_block(kind: Kind, removed: int, rows: int, *, blocked: bool) -> None:
    verdict = guard(removing(kind, removed), {kind: rows}, LIVE, Limits())
    assert verdict.allowed is not blocked
    assert verdict.reasons == ((Code.LIMIT_REMOVALS,) if blocked else ())
    assert [one.kind for one in verdict.diagnostics] == ([kind] if blocked else [])


@pytest.mark.parametrize("kind", sorted(set(Kind) - set(GUARDED)))
def test_rule_13_other_kinds_are_not_guarded(kind: Kind) -> None:
    assert guard(removing(kind, 100), {kind: 100}, LIVE, Limits()).allowed


def test_rule_13_the_limits_are_options() -> None:
    plan, rows = removing(Kind.USERS, 20), {Kind.USERS: 100}
    assert guard(plan, rows, LIVE, Limits(removals_percent=20)).allowed
    assert not guard(plan, rows, LIVE, Limits(removals_percent=19.5)).allowed
    assert not guard(plan, rows, LIVE, Limits(removals_percent=100, removals=19)).allowed
    assert guard(plan, rows, LIVE, Limits(removals_percent=100, removals=20)).allowed


def test_rule_13_the_message_names_the_numbers_and_each_kind_is_reported() -> None:
    plan = removing(Kind.USERS, 20) | {Kind.CLASSES: KindCounts(remove=30)}
    verdict = guard(plan, {Kind.USERS: 100, Kind.CLASSES: 100}, LIVE, Limits())
    assert verdict.reasons == (Code.LIMIT_REMOVALS,)
    assert "20 of 100 users would be removed (20.0 %)" in verdict.diagnostics[0].message
    assert [one.kind for one in verdict.diagnostics] == [Kind.USERS, Kind.CLASSES]


@pytest.mark.parametrize("kind", [Kind.USERS, Kind.CLASSES])
def test_rule_13_suddenly_empty_blocks(kind: Kind) -> None:
    assert guard(EMPTY, {kind: 10}, {kind: 0}, Limits()).reasons == (Code.LIMIT_EMPTY,)
    assert guard(EMPTY, {kind: 10}, {kind: 1}, Limits()).allowed
    assert guard(EMPTY, {kind: 9}, {kind: 0}, Limits()).allowed
    assert guard(EMPTY, {}, {kind: 0}, Limits()).allowed


def test_rule_13_an_empty_source_blocks_also_where_every_school_is_held() -> None:
    after = decide(org("A"), roster=decide(org("A"), many(10, student, "s"), many(10, class_, "c")).roster)
    assert after.held() == ["A"]
    digest = PlanDigest()
    assert list(digest.through(after.changes)) == []
    verdict = guard(digest.counts, {Kind.USERS: 10, Kind.CLASSES: 10}, after.done.live(), Limits())
    assert [one.kind for one in verdict.diagnostics] == [Kind.USERS, Kind.CLASSES]


def test_rule_13_classes_may_be_none_while_they_are_not_synced() -> None:
    assert decide(org("A"), class_("x"), sync={"classes": False}).done.live() == {Kind.USERS: 0}
    assert decide(org("A"), class_("x")).done.live() == {Kind.USERS: 0, Kind.CLASSES: 1}
