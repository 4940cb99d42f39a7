"""Rule 8: accounts that are settled by hand (`match.overrides`), and what a fall in accounts means (rule 13)."""

# ruff: noqa: ANN401 - options of every kind are passed on
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from rostersync.engine.explain import explain
from rostersync.engine.guard import guard_accounts
from rostersync.engine.inputs import Rows
from rostersync.engine.work import Inputs
from rostersync.model.codes import Code, Severity
from rostersync.model.decision import Reason
from rostersync.model.directory import Account
from rostersync.model.roster import Row
from tests.engine.build import DAY, Item, Outcome, org, outcome, policy, snapshot, student

ANN, BEN = student("ann", email="ann@a"), student("ben", email="ben@a")
MINE, OTHER, GONE = Account("1", ("ann@a",)), Account("2"), Account("3", ("x@a",), disabled=True)


def inputs(
    items: Iterable[Item],
    accounts: tuple[Account, ...],
    settled: Mapping[str, str],
    roster: Iterable[Row],
    **options: Any,
) -> Inputs:
    """What the engine looks at in a school of these people."""
    known = snapshot([org("A"), *items])
    return Inputs(known, Rows(roster), accounts, policy(**options), DAY, overrides=settled)


def settled(overrides: Mapping[str, str], *accounts: Account, roster: Iterable[Row] = (), **options: Any) -> Outcome:
    """What becomes of ann and ben."""
    return outcome(inputs((ANN, BEN), accounts, overrides, roster, **options), roster)


def because(overrides: Mapping[str, str], *accounts: Account, **options: Any) -> str:
    """What `explain` says of rule 8 about ann."""
    subject = explain(inputs((ANN,), accounts, overrides, (), **options), "ann")[0]
    (step,) = [step for step in subject.decisions if step.rule == "8"]
    return step.because


def test_rule_08_what_is_settled_by_hand_goes_before_every_key() -> None:
    after = settled({"ann": "2"}, MINE, OTHER)
    assert after.row("ann").account_id == "2"
    assert because({"ann": "2"}, MINE, OTHER) == "match.overrides names account 2"


def test_rule_08_what_is_settled_by_hand_goes_before_the_account_that_the_roster_ties() -> None:
    tied = settled({}, MINE, OTHER).roster
    after = settled({"ann": "2"}, MINE, OTHER, roster=tied)
    assert after.row("ann").account_id == "2"
    assert after.updated() == {"ann"}
    kept = settled({}, MINE, OTHER, roster=after.roster)
    assert kept.row("ann").account_id == "2", "what was settled once stays tied"


def test_rule_08_an_account_that_is_not_there_leaves_the_user_unmatched_whatever_the_keys_say() -> None:
    after = settled({"ann": "9"}, MINE, OTHER)
    assert after.why("ann") is Reason.UNMATCHED
    (found,) = [found for found in after.found(Code.USER_UNMATCHED) if found.sourced_id == "ann"]
    assert "match.overrides names account 9, which the directory does not have" in found.message


def test_rule_08_a_disabled_account_is_left_out_also_by_hand() -> None:
    assert settled({"ann": "3"}, MINE, GONE).why("ann") is Reason.UNMATCHED
    assert because({"ann": "3"}, MINE, GONE) == "match.overrides names account 3, which is disabled"
    after = settled({"ann": "3"}, MINE, GONE, match={"match_disabled": True})
    assert after.row("ann").account_id == "3"


def test_rule_08_two_users_may_be_given_one_account_and_strangers_do_no_harm() -> None:
    after = settled({"ann": "2", "ben": "2", "nobody": "1"}, MINE, OTHER)
    assert [after.row(each).account_id for each in ("ann", "ben")] == ["2", "2"]
    assert after.created() == {"A", "ann", "ben"}


@pytest.mark.parametrize(
    ("before", "now", "blocked"),
    [
        (0, 0, True),
        (0, 1, False),
        (1, 1, False),
        (2, 1, False),
        (3, 1, True),
        (100, 50, False),
        (100, 49, True),
        (100, 0, True),
        (99, 50, False),
        (99, 49, True),
        (10, 1000, False),
    ],
)
def test_rule_13_under_half_of_the_accounts_or_none_blocks(before: int, now: int, *, blocked: bool) -> None:
    found = guard_accounts(before, now)
    assert [each.code for each in found] == [Code.LIMIT_EMPTY] * blocked
    assert all(each.severity is Severity.ERROR and each.hint for each in found)


def test_rule_13_the_message_has_both_numbers() -> None:
    assert guard_accounts(12403, 87)[0].message == "the directory has 87 accounts today, and had 12403"
    assert guard_accounts(0, 0)[0].message == "the directory has no accounts at all"
