"""Days of a school: a source that changes, fetches in full, as a delta or not at all, runs that fail or are blocked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rostersync.engine.explain import explain
from rostersync.engine.guard import guard
from rostersync.engine.inputs import Entries, Rows
from rostersync.engine.merge import merge
from rostersync.engine.work import Inputs
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.directory import Account
from rostersync.model.kind import COLLECTIONS, Coverage, Kind
from rostersync.model.plan import PlanDigest
from rostersync.model.policy import Limits, Policy
from rostersync.model.roster import ACTIVE, ClassRow, EnrollmentRow, RelationshipRow, Row, UserRow
from rostersync.model.snapshot import Entry, Put, Received
from tests.engine.build import DAY, Outcome, key, outcome, settles_later
from tests.engine.districts import NAMES, Dice, dice, directory, easily_held, entry, options

Key = tuple[Kind, str]


class Days(RuleBasedStateMachine):
    """One integration: what the source has, what came of it, and what must be true of that every evening."""

    def __init__(self) -> None:
        """Begin before the first run."""
        super().__init__()
        self.source: dict[Key, Received] = {}
        self.sent: dict[Key, Received] = {}
        self.snapshot: dict[Key, Entry] = {}
        self.roster: list[Row] = []
        self.accounts: list[Account] | None = None
        self.policy = Policy()
        self.day = DAY
        self.last: Outcome | None = None
        self.before: list[Row] = []

    @initialize(dice=dice)
    def the_source_is_set_up(self, dice: Dice) -> None:
        for kind, names in NAMES.items():
            for name in names:
                self._send(kind, name, entry(dice, kind, name))
        self._run(self._fetch(Coverage.FULL))

    @rule(dice=dice)
    def records_are_edited(self, dice: Dice) -> None:
        for kind, name in [*self.source]:
            if dice.odd(0.08):
                self._send(kind, name, entry(dice, kind, name))

    @rule(dice=dice, marked=st.booleans())
    def records_are_deleted(self, dice: Dice, *, marked: bool) -> None:
        for at in [*self.source]:
            if dice.odd(0.05):
                self.source[at] = Received(at[1], deleted_at="2026-03-01")
                if not marked:
                    del self.source[at]

    @rule(dice=dice)
    def the_options_change(self, dice: Dice) -> None:
        self.accounts = directory(dice)
        self.policy = options(dice, directory=self.accounts is not None)

    @rule(days=st.integers(1, 3))
    def days_go_by(self, days: int) -> None:
        self.day += timedelta(days=days)

    @rule()
    def a_full_fetch_is_applied(self) -> None:
        self._run(self._fetch(Coverage.FULL))

    @rule()
    def a_delta_is_applied(self) -> None:
        self._run(self._fetch(Coverage.DELTA))

    @rule()
    def sessions_and_courses_cannot_be_had(self) -> None:
        but = frozenset({Kind.SESSIONS, Kind.COURSES})
        self._run(self._fetch(Coverage.FULL, but), but)

    @rule()
    def a_fetch_fails_or_a_plan_is_blocked(self) -> None:
        """Nothing of such a run is applied: neither roster nor snapshot; only the plan is looked at."""
        snapshot = self._fetch(Coverage.FULL)
        after = self._reconcile(snapshot)
        digest = PlanDigest()
        assert list(digest.through(after.changes)) == after.changes
        in_force = {kind: sum(_in_force(row) for row in after.roster) for kind in Kind}
        assert guard(digest.counts, in_force, after.done.live(), Limits(100, 10**6)).allowed or not all(
            after.done.live().values()
        )

    @rule()
    def a_delta_and_a_full_fetch_come_to_the_same(self) -> None:
        """As far as the source marks its deletions, which here it does for the fetch."""
        source = dict(self.source)
        for at in self.snapshot.keys() - source.keys():
            self.source[at] = Received(at[1], deleted_at="2026-03-01")
        delta = self._reconcile(self._fetch(Coverage.DELTA))
        self.source = source
        full = self._reconcile(self._fetch(Coverage.FULL))
        assert sorted(map(repr, delta.roster)) == sorted(map(repr, full.roster))
        assert delta.done.counts == full.done.counts
        assert delta.done.diagnostics == full.done.diagnostics

    @rule(dice=dice)
    def somebody_asks_why(self, dice: Dice) -> None:
        kind = dice.choice((Kind.USERS, Kind.CLASSES, Kind.ENROLLMENTS))
        with easily_held():
            found = explain(self._inputs(self.snapshot), dice.choice(NAMES[kind]))
        assert all(subject.decisions for subject in found)

    @invariant()
    def planning_again_plans_nothing(self) -> None:
        if self.last is not None and not settles_later(self.last):
            inputs = replace(self.last.done.inputs, roster=Rows(self.roster))
            with easily_held():
                assert outcome(inputs, self.roster).changes == []

    @invariant()
    def what_is_in_force_refers_to_what_is_in_force(self) -> None:
        if self.last is None or self.last.done.held:
            return
        sync = self.last.done.inputs.policy.sync
        rows = {key(row): row for row in self.roster}
        rejected = {at[1] for at, one in self.snapshot.items() if one.record is None and one.rejection is not None}
        for row in self.roster:
            if isinstance(row, EnrollmentRow) and row.sourced_id not in rejected:
                assert _in_force(rows[row.class_sourced_id])
                assert _in_force(rows[row.user_sourced_id])
            if isinstance(row, RelationshipRow):
                assert _in_force(rows[row.student_sourced_id])
                assert _in_force(rows[row.parent_sourced_id])
            if isinstance(row, ClassRow) and row.state == ACTIVE and sync.removed_classes != "keep":
                assert sync.classes or row.sourced_id in rejected

    @invariant()
    def the_rows_of_held_schools_stand_still(self) -> None:
        held = {school.sourced_id for school in self.last.done.held} if self.last is not None else set()
        for row in self.before:
            theirs = isinstance(row, ClassRow | EnrollmentRow) and row.school_sourced_id in held
            assert row in self.roster or not (
                theirs or (isinstance(row, UserRow) and row.role != "parent" and held & {*row.orgs})
            )

    def _send(self, kind: Kind, name: str, found: Entry | None) -> None:
        """Let the source have this record from now on; a flaw of the record is one of its newest version."""
        if found is None:
            self.source.pop((kind, name), None)
        elif found.rejection is not None:
            self.source[kind, name] = Received(name, rejection=found.rejection)
        else:
            self.source[kind, name] = Received(name, found.record, "2026-03-01" if found.deleted else None)

    def _fetch(self, coverage: Coverage, but: frozenset[Kind] = frozenset()) -> dict[Key, Entry]:
        """The snapshot after a fetch that covers this of every collection `but` some."""
        now = dict(self.snapshot)
        found: list[Diagnostic] = []
        for kind in COLLECTIONS:
            rows = [row for at, row in self.source.items() if at[0] is kind]
            if coverage is Coverage.DELTA:
                rows = [row for row in rows if row != self.sent.get((kind, row.sourced_id))]
            old = sorted(one for at, one in self.snapshot.items() if at[0] is kind)
            covered = Coverage.NONE if kind in but else coverage
            for change in merge(kind, old, sorted(rows, key=lambda row: row.sourced_id), covered, found.append):
                if isinstance(change, Put):
                    now[kind, change.entry.sourced_id] = change.entry
                else:
                    del now[kind, change.sourced_id]
        assert found == []
        return now

    def _inputs(self, snapshot: dict[Key, Entry]) -> Inputs:
        kinds = {kind: [one for at, one in snapshot.items() if at[0] is kind] for kind in COLLECTIONS}
        return Inputs(Entries(kinds), Rows(self.roster), self.accounts, self.policy, self.day)

    def _reconcile(self, snapshot: dict[Key, Entry]) -> Outcome:
        with easily_held():
            return outcome(self._inputs(snapshot), self.roster)

    def _run(self, snapshot: dict[Key, Entry], but: frozenset[Kind] = frozenset()) -> None:
        """Apply a run; what could not be had of `but` is still to come."""
        self.last = self._reconcile(snapshot)
        self.before, self.roster = self.roster, self.last.roster
        self.snapshot = snapshot
        self.sent = {at: row for at, row in self.sent.items() if at[0] in but} | {
            at: row for at, row in self.source.items() if at[0] not in but
        }


def _in_force(row: Row) -> bool:
    return getattr(row, "state", ACTIVE) == ACTIVE


TestDays = Days.TestCase
TestDays.settings = settings(max_examples=settings().max_examples // 2, stateful_step_count=20)
