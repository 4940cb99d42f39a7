"""When a plan need not be made again: what settles comes to the same, until the day that is named."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from rostersync.engine.calendar import Calendar
from rostersync.engine.inputs import Rows
from rostersync.engine.settled import settles
from rostersync.engine.work import Inputs
from rostersync.model.run import Counts
from rostersync.model.settled import Settled
from tests.engine.build import AFTER, DAY, Outcome, enrollment, org, outcome, policy, session, snapshot, student
from tests.engine.build import class_ as a_class
from tests.engine.districts import Dice, changed, dice, directory, district, easily_held, options

plenty = settings(max_examples=3 * settings().max_examples)
days = st.integers(-3, 3).map(lambda number: date(2026, 3, 1) + timedelta(days=number))
texts = days.map(date.isoformat)
ranges = st.lists(st.tuples(st.none() | texts, st.none() | texts), max_size=4)


@plenty
@given(dice, st.sampled_from([nullcontext, easily_held]), st.integers(0, 400))
def test_a_settled_plan_made_again_before_its_day_is_empty_and_says_the_same(
    dice: Dice, circumstances: type[nullcontext[None]], later: int
) -> None:
    before, accounts = district(dice), directory(dice)
    rules = options(dice, directory=accounts is not None)
    old = outcome(Inputs(snapshot(before), Rows([]), accounts, rules, DAY), []).roster if dice.odd(0.5) else []
    items = changed(dice, before)
    with circumstances():
        first = outcome(Inputs(snapshot(items), Rows(old), accounts, rules, DAY), old)
        if not settles(first.done, empty=not first.changes):
            return
        day = DAY + timedelta(days=later)
        if first.done.until is not None:
            day = min(day, date.fromisoformat(first.done.until) - timedelta(days=1))
        again = outcome(Inputs(snapshot(items), Rows(first.roster), accounts, rules, day), first.roster)
    assert again.changes == []
    assert again.done.counts == first.done.counts
    assert again.done.diagnostics == first.done.diagnostics
    assert again.done.until == first.done.until


@given(days, st.booleans(), st.integers(0, 3), ranges, ranges)
def test_no_answer_changes_before_the_day_that_the_calendar_names_and_one_does_on_it(
    day: date,
    inclusive: bool,  # noqa: FBT001 - drawn
    grace: int,
    asked: list[tuple[str | None, str | None]],
    sessions: list[tuple[str | None, str | None]],
) -> None:
    def answers(on: date) -> tuple[list[bool], str | None]:
        calendar = Calendar(on, inclusive=inclusive, grace_days=grace)
        said = [calendar.covers(begin, end) for begin, end in asked] + [calendar.ended(end) for _, end in asked]
        said += [calendar.in_session(start or "2026-01-01", end or "9999-12-31") for start, end in sessions]
        return said, calendar.until()

    said, until = answers(day)
    last = day + timedelta(days=30) if until is None else date.fromisoformat(until) - timedelta(days=1)
    assert answers(last)[0] == said
    assert until is None or until > day.isoformat()


def test_on_the_first_days_of_the_calendar_nothing_has_ended() -> None:
    calendar = Calendar(date.min, inclusive=True, grace_days=366)
    assert calendar.covers(None, "0001-01-01")
    assert calendar.in_session("0001-01-01", "0001-01-02")
    assert calendar.until() == "0001-01-02"


def test_a_term_that_ends_is_the_day_on_which_a_plan_has_to_be_made_again() -> None:
    after = _school(AFTER)
    assert settles(after.done, empty=False)
    assert after.done.until == AFTER


def test_a_school_without_dates_stays_as_it_is() -> None:
    assert _school("9999-12-31").done.until in {None, "9999-12-31"}


def test_a_held_school_is_looked_at_every_day() -> None:
    before = [org("A"), *(student(f"s{number}") for number in range(60))]
    rules = policy()
    roster = outcome(Inputs(snapshot(before), Rows([]), None, rules, DAY), []).roster
    after = outcome(Inputs(snapshot([org("A")]), Rows(roster), None, rules, DAY), roster)
    assert after.done.held
    assert not settles(after.done, empty=not after.changes)


def test_a_class_deleted_for_being_incomplete_is_missing_the_next_day_so_that_nothing_is_settled() -> None:
    items = [org("A"), a_class("c"), student("s"), enrollment("e", "s", "c")]
    roster = outcome(Inputs(snapshot(items), Rows([]), None, policy(), DAY), []).roster
    rules = policy({"missing_classes": "ignore", "removed_classes": "delete", "class_requires": ("teacher",)})
    first = outcome(Inputs(snapshot(items), Rows(roster), None, rules, DAY), roster)
    again = outcome(Inputs(snapshot(items), Rows(first.roster), None, rules, DAY), first.roster)
    assert again.done.diagnostics != first.done.diagnostics
    assert not settles(first.done, empty=not first.changes)
    assert settles(again.done, empty=not again.changes)


def test_a_verdict_stands_on_its_basis_from_its_day_up_to_the_next() -> None:
    settled = Settled("basis", "2026-03-01", "2026-03-04", Counts(), ())
    assert [settled.stands("basis", f"2026-03-0{day}") for day in (1, 3, 4)] == [True, True, False]
    assert not settled.stands("other", "2026-03-01")
    assert not settled.stands("basis", "2026-02-28")
    assert settled._replace(until=None).stands("basis", "2999-01-01")


def _school(end: str) -> Outcome:
    """A school with one class in one term that ends on this day."""
    items = [
        org("A"),
        session("t", "2026-01-01", end),
        a_class("c", sessions=("t",)),
        student("s"),
        enrollment("e", "s", "c"),
    ]
    rules = policy({"respect_academic_sessions": True})
    return outcome(Inputs(snapshot(items), Rows([]), None, rules, DAY), [])
