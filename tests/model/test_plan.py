"""Counting and hashing a plan (rule 12, contract §3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest

from rostersync.model.decision import Reason
from rostersync.model.kind import Kind
from rostersync.model.plan import Action, Change, KindCounts, PlanDigest

ADD = Change(Kind.USERS, Action.CREATE, "u1", "Ada Moss", None, None, {"sourced_id": "u1", "grades": ("07",)})
EDIT = Change(Kind.USERS, Action.UPDATE, "u2", "Ben Lake", None, {"email": "b@x.test"}, {"email": "ben@x.test"})
DROP = Change(Kind.USERS, Action.REMOVE, "u3", "Cy Hill", Reason.LEFT_SCHOOL, {"enabled": 1}, {"enabled": 0})
LINK = Change(Kind.RELATIONSHIPS, Action.REMOVE, "u1|p1", "Ada", Reason.NOT_IN_SOURCE, {"relationship": "parent"}, None)


def digest(*changes: Change) -> PlanDigest:
    """Give the digest of a plan with these changes."""
    plan = PlanDigest()
    for change in changes:
        plan.add(change)
    return plan


def test_the_empty_plan_counts_nothing_and_has_a_hash() -> None:
    plan = digest()
    assert plan.empty
    assert plan.counts == dict.fromkeys(Kind, KindCounts(0, 0, 0))
    assert re.fullmatch("[0-9a-f]{64}", plan.hash)


def test_changes_are_counted_by_kind_and_action() -> None:
    plan = digest(ADD, ADD, EDIT, DROP, LINK)
    assert not plan.empty
    assert plan.counts[Kind.USERS] == KindCounts(create=2, update=1, remove=1)
    assert plan.counts[Kind.RELATIONSHIPS] == KindCounts(remove=1)
    assert plan.counts[Kind.CLASSES] == KindCounts()


def test_the_hash_is_the_same_for_the_same_changes() -> None:
    first, second = digest(ADD, EDIT, DROP), digest(ADD, EDIT, DROP)
    assert first.hash == second.hash
    assert re.fullmatch("[0-9a-f]{64}", first.hash)


def test_the_hash_is_the_same_in_every_process() -> None:
    assert digest(ADD, EDIT, DROP, LINK).hash == "38fbf84596ad42fc341387da8a8d2899288e0f7bfba5ed455a2bbb1df8f82016"


def test_the_order_in_which_a_row_names_its_fields_does_not_matter() -> None:
    turned = ADD._replace(after={"grades": ("07",), "sourced_id": "u1"})
    assert digest(turned).hash == digest(ADD).hash


def test_a_list_that_came_back_from_the_store_hashes_like_the_tuple_that_went_in() -> None:
    assert digest(ADD._replace(after={"sourced_id": "u1", "grades": ["07"]})).hash == digest(ADD).hash


@pytest.mark.parametrize(
    "other",
    [
        {"kind": Kind.CLASSES},
        {"action": Action.UPDATE},
        {"sourced_id": "u9"},
        {"reason": Reason.RECORD_DELETED},
        {"before": {"enabled": 0}},
        {"after": None},
    ],
    ids=lambda other: next(iter(other)),
)
def test_every_part_of_a_change_is_in_the_hash(other: dict[str, Any]) -> None:
    assert digest(DROP._replace(**other)).hash != digest(DROP).hash


def test_what_only_helps_to_show_a_change_is_not_in_the_hash() -> None:
    assert digest(DROP._replace(label="Somebody")).hash == digest(DROP).hash


@pytest.mark.parametrize("changes", [[], [ADD], [EDIT, ADD], [ADD, EDIT, DROP], [ADD, ADD]], ids=str)
def test_different_plans_have_different_hashes(changes: Iterable[Change]) -> None:
    assert digest(*changes).hash != digest(ADD, EDIT).hash


def test_changes_that_stream_through_come_out_as_they_went_in() -> None:
    plan = PlanDigest()
    assert list(plan.through(iter([ADD, EDIT]))) == [ADD, EDIT]
    assert plan.hash == digest(ADD, EDIT).hash
    assert plan.counts == digest(ADD, EDIT).counts
