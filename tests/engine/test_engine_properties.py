"""What holds for every district, every roster and every choice of options."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from rostersync.engine import emails, parents, people
from rostersync.engine.explain import explain
from rostersync.engine.guard import guard
from rostersync.engine.inputs import Rows
from rostersync.engine.merge import merge
from rostersync.engine.notes import Notes
from rostersync.engine.work import Inputs
from rostersync.model.decision import Reason
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.directory import Account
from rostersync.model.kind import COLLECTIONS, Coverage, Kind
from rostersync.model.plan import Action, KindCounts
from rostersync.model.policy import Limits, Policy
from rostersync.model.roster import ACTIVE, ClassRow, EnrollmentRow, RelationshipRow, Row, UserRow
from rostersync.model.snapshot import Enrollment, Entry, Put, Received
from tests.engine.build import (
    DAY,
    Item,
    Outcome,
    decisions,
    key,
    newly_rejected,
    outcome,
    settles_later,
    snapshot,
)
from tests.engine.districts import Dice, changed, dice, directory, district, easily_held, options

Directory = list[Account] | None
World = tuple[list[Row], list[Item], Directory, Policy]
Circumstances = Callable[[], AbstractContextManager[None]]


def day(items: Iterable[Item], roster: list[Row], directory: Directory, options: Policy) -> Outcome:
    """One run, applied."""
    return outcome(Inputs(snapshot(items), Rows(roster), directory, options, DAY), roster)


def world(dice: Dice) -> World:
    """A roster that came of another day under other options, and what the source, directory and options are now."""
    before = district(dice)
    first = directory(dice)
    roster = day(before, [], first, options(dice, directory=first is not None)).roster
    accounts = first if dice.odd(0.7) else directory(dice)
    return roster, changed(dice, before), accounts, options(dice, directory=accounts is not None)


worlds = dice.map(world)
plenty = settings(max_examples=2 * settings().max_examples)
rarely_or_easily = st.sampled_from([nullcontext, easily_held])


@plenty
@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(world: World, dice: random.Random) -> None:
    roster, items, accounts, policy = world
    shuffled = [item._replace(entry=_shuffle(item.entry, dice)) for item in dice.sample(items, len(items))]
    others = None if accounts is None else dice.sample(accounts, len(accounts))
    with easily_held():
        one, other = (
            day(items, roster, accounts, policy),
            day(shuffled, dice.sample(roster, len(roster)), others, policy),
        )
    assert one.changes == other.changes
    assert one.hash() == other.hash()
    assert one.done.diagnostics == other.done.diagnostics
    assert one.done.counts == other.done.counts


def _shuffle(entry: Entry, dice: random.Random) -> Entry:
    """The same record with its lists in another order."""
    if entry.record is None:
        return entry
    fields = {name: getattr(entry.record, name) for name in entry.record.__struct_fields__}
    for name in {"roles", "orgs", "agents"} & fields.keys():
        fields[name] = tuple(dice.sample(fields[name], len(fields[name])))
    return entry._replace(record=type(entry.record)(**fields))


@plenty
@given(worlds, rarely_or_easily)
def test_planning_again_after_applying_gives_an_empty_plan(world: World, circumstances: Circumstances) -> None:
    roster, items, accounts, policy = world
    with circumstances():
        after = day(items, roster, accounts, policy)
        again = day(items, after.roster, accounts, policy)
        assert again.changes == [] or settles_later(after)


@given(worlds)
def test_what_is_done_for_a_large_district_alone_comes_to_the_same(world: World) -> None:
    roster, items, accounts, policy = world
    with patch.object(emails, "_FEW", 0):
        small = day(items, roster, accounts, policy)
    with (
        patch.object(emails, "_FEW", 1_000_000),
        patch.object(emails, "_AT_ONCE", 2),
        patch.object(people, "_HASHED", 1),
        patch.object(parents, "_SORTED_AT_ONCE", 2),
    ):
        large = day(items, roster, accounts, policy)
    assert large.changes == small.changes
    assert large.done.diagnostics == small.done.diagnostics


@plenty
@given(worlds, rarely_or_easily)
def test_every_live_record_has_one_decision_and_the_numbers_count_them(
    world: World, circumstances: Circumstances
) -> None:
    roster, items, accounts, policy = world
    with circumstances():
        after = day(items, roster, accounts, policy)
    why = decisions(after.done)
    live = {kind: {item.id for item in items if item.kind is kind and item.entry.record is not None} for kind in Kind}
    assert why[Kind.USERS].keys() == live[Kind.USERS]
    assert why[Kind.ENROLLMENTS].keys() == live[Kind.ENROLLMENTS]
    reads = policy.sync.classes or policy.sync.respect_enrollment_dates
    assert why[Kind.CLASSES].keys() == (live[Kind.CLASSES] if reads else set())
    counts = after.done.counts
    assert counts.excluded_users == sum(reason is not None for reason in why[Kind.USERS].values())
    assert counts.imported_classes == len(after.kept(Kind.CLASSES))
    assert counts.enrollments == len(after.kept(Kind.ENROLLMENTS))
    matched = counts.matched_students + counts.matched_teachers + counts.matched_staff + counts.matched_parents
    unmatched = counts.unmatched_users
    assert len(after.kept(Kind.USERS)) - unmatched <= matched <= len(after.kept(Kind.USERS))


@plenty
@given(worlds, rarely_or_easily)
def test_what_is_kept_refers_to_what_is_kept(world: World, circumstances: Circumstances) -> None:
    roster, items, accounts, policy = world
    with circumstances():
        after = day(items, roster, accounts, policy)
    records = {item.id: item.entry.record for item in items}
    users, classes = after.kept(Kind.USERS), after.kept(Kind.CLASSES)
    for sourced_id in after.kept(Kind.ENROLLMENTS):
        record = records[sourced_id]
        assert isinstance(record, Enrollment)
        assert record.user in users
        assert record.class_ in classes
    for row in after.done.decided.relationships:
        assert {row.student_sourced_id, row.parent_sourced_id} <= users


@plenty
@given(worlds, rarely_or_easily)
def test_nothing_is_removed_without_absence_a_mark_or_an_exclusion_that_names_its_reason(
    world: World, circumstances: Circumstances
) -> None:
    roster, items, accounts, policy = world
    with circumstances():
        after = day(items, roster, accounts, policy)
    entries = {item.id: item.entry for item in items}
    why = decisions(after.done)
    for change in after.changes:
        if change.action is not Action.REMOVE:
            assert change.reason is None
            continue
        entry = entries.get(change.sourced_id)
        if change.kind is Kind.RELATIONSHIPS:
            assert change.reason in (Reason.NOT_IN_SOURCE, Reason.USER_EXCLUDED)
        elif entry is None:
            off = change.kind not in (Kind.ORGS, Kind.USERS) and not policy.sync.classes
            assert change.reason is (Reason.CLASSES_NOT_SYNCED if off else Reason.NOT_IN_SOURCE)
        elif entry.record is None:
            assert (entry.deleted, change.reason) == (True, Reason.RECORD_DELETED)
        elif change.kind in why:
            assert change.reason is why[change.kind].get(change.sourced_id, Reason.CLASSES_NOT_SYNCED)
        else:
            assert change.reason in (
                Reason.SCHOOL_NOT_SELECTED,
                Reason.SCHOOL_UNKNOWN,
                Reason.CLASSES_NOT_SYNCED,
            )


@plenty
@given(worlds, st.randoms(use_true_random=False))
def test_a_newly_rejected_record_changes_nothing(world: World, dice: random.Random) -> None:
    roster, items, accounts, policy = world
    worse = [newly_rejected(item) if item.entry.record is not None and dice.random() < 0.5 else item for item in items]
    # Without the school it names, a rejection is still counted, and nothing but a held school may come of it.
    policy = replace(policy, limits=Limits(rejected_percent=100))
    assert day(worse, roster, accounts, policy).changes == day(items, roster, accounts, policy).changes


@plenty
@given(worlds)
def test_the_rows_of_held_schools_stay_exactly_as_they_are(world: World) -> None:
    roster, items, accounts, policy = world
    with easily_held():
        after = day(items, roster, accounts, policy)
    held = {school.sourced_id for school in after.done.held}
    users = {
        row.sourced_id for row in roster if isinstance(row, UserRow) and row.role != "parent" and held & {*row.orgs}
    }
    students = {row.sourced_id for row in roster if isinstance(row, UserRow) and row.role == "student"} & users
    related = [row for row in roster if isinstance(row, RelationshipRow) and row.student_sourced_id in students]
    parents = {row.parent_sourced_id for row in related}
    assert set(related) <= set(after.roster)
    for row in roster:
        theirs = (
            row.sourced_id in users | parents
            if isinstance(row, UserRow)
            else isinstance(row, ClassRow | EnrollmentRow) and row.school_sourced_id in held
        )
        assert not theirs or row in after.roster
    created = [change.after or {} for change in after.changes if change.action is Action.CREATE]
    assert not any(row.get("school_sourced_id") in held for row in created)


@plenty
@given(worlds)
def test_the_rows_in_force_are_what_is_kept(world: World) -> None:
    roster, items, accounts, policy = world
    policy = replace(policy, sync=replace(policy.sync, removed_users="disable", removed_classes="archive"))
    after = day(items, roster, accounts, policy)
    rejected = {item.id for item in items if item.entry.record is None and item.entry.rejection is not None}
    for kind in (Kind.USERS, Kind.CLASSES, Kind.ENROLLMENTS):
        active = {name for name, row in after.rows(kind).items() if getattr(row, "state", ACTIVE) == ACTIVE}
        assert active - rejected == after.kept(kind)


@plenty
@given(worlds, rarely_or_easily)
def test_explain_never_raises_and_its_verdict_is_the_engines(world: World, circumstances: Circumstances) -> None:
    roster, items, accounts, policy = world
    inputs = Inputs(snapshot(items), Rows(roster), accounts, policy, DAY)
    with circumstances():
        why = decisions(day(items, roster, accounts, policy).done)
        for who in {item.id for item in items} | {key(row) for row in roster} | {"x@a", "nobody", ""}:
            for subject in explain(inputs, who):
                assert subject.decisions
                assert subject.kept is (subject.reason is None)
                if subject.sourced_id in why.get(subject.kind, {}):
                    assert subject.reason is why[subject.kind][subject.sourced_id]
                if subject.reason is not None:
                    assert subject.reason in {step.outcome for step in subject.decisions}


@plenty
@given(worlds)
def test_asking_about_somebody_changes_no_decision(world: World) -> None:
    roster, items, accounts, policy = world
    everybody = {kind: [item.id for item in items if item.kind is kind] for kind in Kind}
    with easily_held():
        plain = day(items, roster, accounts, policy)
        watched = outcome(Inputs(snapshot(items), Rows(roster), accounts, policy, DAY, Notes(everybody)), roster)
    assert watched.changes == plain.changes
    assert watched.done.diagnostics == plain.done.diagnostics
    assert watched.done.counts == plain.done.counts


few = st.integers(0, 40)


@given(few, few, few, few, st.integers(0, 100), st.integers(0, 50))
def test_the_guard_never_blocks_less_for_more_removals_or_stricter_limits(
    removed: int, more: int, rows: int, live: int, percent: int, most: int
) -> None:
    def allowed(removed: int, percent: int, most: int, live: int) -> bool:
        plan = {kind: KindCounts() for kind in Kind} | {Kind.USERS: KindCounts(remove=removed)}
        limits = Limits(removals_percent=percent, removals=most)
        return guard(plan, {Kind.USERS: rows}, {Kind.USERS: live}, limits).allowed

    assert allowed(removed, percent, most, live) >= allowed(removed + more, percent, most, live)
    assert allowed(removed, percent + more, most + more, live) >= allowed(removed, percent, most, live)
    assert allowed(removed, percent, most, live + more) >= allowed(removed, percent, most, live)
    assert rows >= 10 or allowed(removed, percent, most, live)


@plenty
@given(dice)
def test_a_delta_with_marked_deletions_equals_a_full_fetch(dice: Dice) -> None:
    before = district(dice)
    roster, _, accounts, policy = world(dice)
    later = changed(dice, before)
    now = {(item.kind, item.id): item for item in later}
    full: list[Item] = []
    delta: list[Item] = []
    for kind in COLLECTIONS:
        old = [item.entry for item in before if item.kind is kind]
        source = [_received(item.entry) for item in later if item.kind is kind]
        seen = {entry.sourced_id: entry for entry in old}
        news = [row for row in source if row != _of(seen.get(row.sourced_id))]
        gone = [Received(name, deleted_at="2026-03-01") for name in seen if (kind, name) not in now]
        full += [Item(kind, entry) for entry in _merged(kind, old, source, Coverage.FULL)]
        delta += [Item(kind, entry) for entry in _merged(kind, old, [*news, *gone], Coverage.DELTA)]
    with easily_held():
        one, other = day(full, roster, accounts, policy), day(delta, roster, accounts, policy)
    assert sorted(map(repr, one.roster)) == sorted(map(repr, other.roster))
    assert one.done.counts == other.done.counts
    assert one.done.diagnostics == other.done.diagnostics


def _received(entry: Entry) -> Received:
    """What the source sends of a record: its rejected version where it has one."""
    if entry.rejection is not None:
        return Received(entry.sourced_id, rejection=entry.rejection)
    return Received(entry.sourced_id, entry.record, "2026-03-01" if entry.deleted else None)


def _of(entry: Entry | None) -> Received | None:
    """What the source sent last time."""
    return None if entry is None else _received(entry)


def _merged(kind: Kind, old: list[Entry], rows: list[Received], coverage: Coverage) -> list[Entry]:
    """The entries after a fetch."""
    found: list[Diagnostic] = []
    entries = {entry.sourced_id: entry for entry in old}
    ordered = sorted(rows, key=lambda row: row.sourced_id)
    for change in list(merge(kind, sorted(old), ordered, coverage, found.append)):
        if isinstance(change, Put):
            entries[change.entry.sourced_id] = change.entry
        else:
            del entries[change.sourced_id]
    assert found == []
    return list(entries.values())
