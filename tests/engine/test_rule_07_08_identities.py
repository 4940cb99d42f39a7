"""Rules 7 and 8: one email belongs to one person of a group, and one account of the directory to a user."""

# ruff: noqa: ANN401 - options of every kind are passed on
from __future__ import annotations

from typing import Any

import pytest

from rostersync.model.codes import Code
from rostersync.model.decision import Reason
from rostersync.model.directory import Account
from rostersync.model.kind import Kind
from tests.engine.build import Item, Outcome, decide, deleted, org, parent, student, teacher, user


def rivals(*items: Item, **options: Any) -> Outcome:
    """What becomes of people of one school."""
    return decide(org("A"), *items, **options)


def test_rule_07_an_email_belongs_to_one_of_a_group_trimmed_and_case_folded() -> None:
    after = rivals(student("a", email="X@a "), student("b", email=" x@A"), student("c", email="STRASSE@a"))
    assert after.kept(Kind.USERS) == {"a", "c"}
    assert after.why("b") is Reason.DUPLICATE_EMAIL
    (found,) = after.found(Code.USER_EMAIL_TAKEN)
    assert found.sourced_id == "b"
    assert "a has the same email" in found.message
    assert rivals(student("a", email="strasse@a"), student("b", email="straße@A")).why("b") is Reason.DUPLICATE_EMAIL


def test_rule_07_a_teacher_and_a_parent_may_share_and_two_of_no_email_do_not_compare() -> None:
    after = rivals(
        student("ann"),
        student("ben"),
        teacher("t", email="x@a"),
        parent("mum", "ann", email="x@a"),
        sync={"parents": 1},
    )
    assert after.kept(Kind.USERS) == {"ann", "ben", "mum", "t"}
    two = rivals(student("ann"), parent("dad", "ann", email="x"), parent("mum", "ann", email="x"), sync={"parents": 1})
    assert two.why("mum") is Reason.DUPLICATE_EMAIL
    assert set(two.rows(Kind.RELATIONSHIPS)) == {"ann|dad"}


def test_rule_07_the_one_whom_an_active_row_holds_with_it_wins() -> None:
    holder = (student("z", email="x@a", enabled=False),)
    applied = rivals(*holder).roster
    newer = student("a", email="X@A", modified="2026-02-02T00:00:00.000000Z")
    assert rivals(newer, *holder, roster=applied).why("a") is Reason.DUPLICATE_EMAIL
    disabled = rivals(deleted(Kind.USERS, "z"), roster=applied).roster
    assert rivals(newer, *holder, roster=disabled).why("z") is Reason.DUPLICATE_EMAIL
    other = rivals(student("z", email="other@a")).roster
    assert rivals(newer, *holder, roster=other).why("z") is Reason.DUPLICATE_EMAIL


def test_rule_07_then_enabled_then_later_then_smaller() -> None:
    off, old, new = {"enabled": False}, {"modified": "2026-01-01"}, {"modified": "2026-01-02"}
    assert rivals(student("a", email="x", **off, **new), student("b", email="x", **old)).kept(Kind.USERS) == {"b"}
    assert rivals(student("a", email="x", **old), student("b", email="x", **new)).kept(Kind.USERS) == {"b"}
    assert rivals(student("b", email="x"), student("a", email="x")).kept(Kind.USERS) == {"a"}
    assert rivals(student("a", email="x"), student("b", email="x", **old)).kept(Kind.USERS) == {"b"}


def test_rule_07_only_kept_users_compare() -> None:
    items = (org("B"), student("a", email="x@a", orgs=["B"]), student("b", email="x@a"))
    assert rivals(*items, schools={"exclude": ["B"]}).kept(Kind.USERS) == {"b"}


def test_rule_07_who_lost_in_one_group_is_out_of_the_next() -> None:
    both = user("b", "student", "teacher", email="x@a")
    after = rivals(student("a", email="x@a"), both, teacher("c", email="x@a"))
    assert after.why("b") is Reason.DUPLICATE_EMAIL
    assert after.why("c") is None
    assert rivals(both, teacher("c", email="x@a")).why("c") is Reason.DUPLICATE_EMAIL
    staff = rivals(teacher("a", email="x"), user("b", "teacher", "aide", email="x"), user("c", "aide", email="x"))
    assert staff.kept(Kind.USERS) == {"a", "c"}


def test_rule_07_a_teacher_who_loses_as_a_parent_loses_the_relationship_alone() -> None:
    both = user("t", "teacher", "parent", email="x@a", agents=("ann",))
    after = rivals(student("ann"), parent("mum", "ann", email="x@a"), both, sync={"parents": True})
    assert (after.why("t"), after.row("t").role) == (None, "teacher")
    assert set(after.rows(Kind.RELATIONSHIPS)) == {"ann|mum"}
    assert after.about(Code.USER_EMAIL_TAKEN) == ["t"]


def test_rule_07_a_teacher_who_lost_as_a_parent_does_not_win_by_the_row_of_a_teacher_the_next_day() -> None:
    mum = parent("mum", "ann", email="x@a")
    both = user("a", "teacher", "parent", email="x@a", agents=("ann",), modified="2026-02-02")
    first = rivals(student("ann"), mum, sync={"parents": True})
    second = rivals(student("ann"), mum, both, roster=first.roster, sync={"parents": True})
    assert set(second.rows(Kind.RELATIONSHIPS)) == {"ann|mum"}
    assert rivals(student("ann"), mum, both, roster=second.roster, sync={"parents": True}).changes == []


def test_rule_07_a_teacher_whose_row_holds_the_email_wins_over_a_new_parent_and_stays_the_winner() -> None:
    mum = parent("a-mum", "ann", email="x@a", modified="2026-02-02")
    both = user("tim", "teacher", "parent", email="x@a", agents=("ann",))
    first = rivals(student("ann"), both)
    second = rivals(student("ann"), mum, both, roster=first.roster, sync={"parents": True})
    assert set(second.rows(Kind.RELATIONSHIPS)) == {"ann|tim"}
    assert rivals(student("ann"), mum, both, roster=second.roster, sync={"parents": True}).changes == []


def test_rule_07_who_was_revived_as_a_parent_and_loses_is_out_by_the_lowest_rule() -> None:
    both = user("t", "teacher", "parent", email="x@a", agents=("ann",), orgs=["B"])
    items = (org("B"), student("ann"), parent("mum", "ann", email="x@a"), both)
    after = rivals(*items, sync={"parents": True}, schools={"exclude": ["B"]})
    assert after.why("t") is Reason.SCHOOL_NOT_SELECTED


ANN = student("ann", email="Ann@A.example", username="ANN", identifier="17", master_identifier="m-1")


def matched(*accounts: Account, who: Item = ANN, **options: Any) -> str | None:
    """The account of ann, None where she is excluded as unmatched."""
    after = rivals(who, accounts=accounts, **options)
    assert after.why("ann") in (None, Reason.UNMATCHED)
    account: str | None = after.row("ann").account_id if after.why("ann") is None else None
    return account


def test_rule_08_the_default_key_is_the_email_trimmed_and_case_folded() -> None:
    assert matched(Account("1", (" aNN@a.EXAMPLE ",)), Account("2", ("bob@a",))) == "1"
    assert matched(Account("1", ("first@a", "ann@a.example"))) == "1"
    assert matched(Account("1", (), username="ann")) is None


@pytest.mark.parametrize(
    ("key", "account"),
    [
        ("username", Account("1", username="Ann ")),
        ("identifier", Account("1", identifier="17")),
        ("userMasterIdentifier", Account("1", master_identifier="M-1")),
        ("sourcedId", Account("1", sourced_id="ANN")),
        ("email", Account("1", ("ann@a.example",))),
    ],
)
def test_rule_08_every_key_can_be_matched_by(key: str, account: Account) -> None:
    assert matched(account, match={"by": (key,)}) == "1"
    others = {"email", "username", "identifier", "userMasterIdentifier", "sourcedId"} - {key}
    assert matched(account, match={"by": tuple(sorted(others))}) is None


def test_rule_08_the_keys_are_gone_through_in_order() -> None:
    accounts = (Account("1", ("ann@a.example",)), Account("2", username="ann"))
    assert matched(*accounts, match={"by": ("email", "username")}) == "1"
    assert matched(*accounts, match={"by": ("username", "email")}) == "2"
    assert matched(accounts[1], match={"by": ("email", "username")}) == "2"
    assert matched(accounts[1], who=student("ann", username="ann"), match={"by": ("email", "username")}) == "2"


def test_rule_08_several_accounts_end_the_search() -> None:
    accounts = [Account(name, ("ann@a.example",)) for name in "123"] + [Account("4", username="ann")]
    after = rivals(ANN, accounts=accounts, match={"by": ("email", "username")})
    assert after.why("ann") is Reason.UNMATCHED
    assert (after.about(Code.USER_AMBIGUOUS), after.about(Code.USER_UNMATCHED)) == (["ann"], [])
    assert after.done.counts.unmatched_users == 1


def test_rule_08_one_account_that_is_listed_twice_is_one() -> None:
    twice = (Account("1", ("ann@a.example", "ANN@A.example")), Account("1", ("ann@a.example",)))
    assert matched(*twice) == "1"


def test_rule_08_none_by_any_key_is_unmatched() -> None:
    after = rivals(ANN, accounts=[])
    assert after.why("ann") is Reason.UNMATCHED
    assert after.about(Code.USER_UNMATCHED) == ["ann"]
    assert after.done.counts.excluded_users == 1


def test_rule_08_an_account_that_the_roster_ties_to_the_user_wins_over_a_key_that_has_moved() -> None:
    applied = rivals(ANN, accounts=[Account("1", ("ann@a.example",))]).roster
    moved = (Account("1", ("old@a",)), Account("2", ("ann@a.example",)))
    assert matched(*moved, roster=applied) == "1"
    assert matched(moved[1], roster=applied) == "2"
    assert matched(Account("1", ("old@a",), disabled=True), moved[1], roster=applied) == "2"
    disabled = rivals(deleted(Kind.USERS, "ann"), accounts=moved, roster=applied).roster
    assert matched(*moved, roster=disabled) == "2"


def test_rule_08_two_users_may_match_one_account() -> None:
    after = rivals(ANN, teacher("tim", email="ann@a.example"), accounts=[Account("1", ("ann@a.example",))])
    assert [after.row(each).account_id for each in ("ann", "tim")] == ["1", "1"]


def test_rule_08_disabled_accounts_are_left_out_unless_asked_for() -> None:
    account = Account("1", ("ann@a.example",), disabled=True)
    assert matched(account) is None
    assert matched(account, match={"match_disabled": True}) == "1"


def test_rule_08_missing_users_create_keeps_the_unmatched_without_an_account() -> None:
    after = rivals(ANN, teacher("tim"), accounts=[], sync={"missing_users": "create"})
    assert [after.row(each).account_id for each in ("ann", "tim")] == [None, None]
    assert after.about(Code.USER_UNMATCHED) == ["ann", "tim"]
    counts = after.done.counts
    assert (counts.unmatched_users, counts.matched_students, counts.matched_teachers) == (2, 0, 0)
    assert counts.excluded_users == 0


def test_rule_08_without_a_directory_every_kept_user_counts_as_matched() -> None:
    after = rivals(ANN, user("p", "principal"))
    counts = after.done.counts
    assert (counts.matched_students, counts.matched_staff, counts.unmatched_users) == (1, 1, 0)
    assert after.found(Code.USER_UNMATCHED) == []


def test_rule_08_parents_are_looked_up_as_well_and_nobody_twice() -> None:
    both = user("tim", "teacher", "parent", email="t@a", agents=("ann",))
    items = (ANN, parent("mum", "ann"), parent("dad", "ann"), both)
    accounts = [Account("1", ("ann@a.example",)), Account("2", ("mum@home.example",)), Account("3", ("t@a",))]
    after = rivals(*items, accounts=accounts, sync={"parents": True})
    assert after.row("mum").account_id == "2"
    assert after.why("dad") is Reason.UNMATCHED
    assert set(after.rows(Kind.RELATIONSHIPS)) == {"ann|mum", "ann|tim"}
    assert after.done.counts.matched_parents == 1
    creating = {"parents": True, "missing_users": "create"}
    again = rivals(*items, accounts=accounts[:2], sync=creating)
    assert again.about(Code.USER_UNMATCHED) == ["dad", "tim"]


def test_rule_08_who_is_excluded_is_not_looked_up() -> None:
    after = rivals(org("B"), student("ann", orgs=["B"]), accounts=[], schools={"exclude": ["B"]})
    assert after.why("ann") is Reason.SCHOOL_NOT_SELECTED
    assert after.done.counts.unmatched_users == 0
