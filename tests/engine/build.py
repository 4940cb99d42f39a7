"""Literals in, decisions out: small records for a snapshot, and what the engine makes of them."""

# ruff: noqa: ANN401 - literals of every kind are what builders take
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from rostersync.engine.inputs import Entries, Rows
from rostersync.engine.reconcile import Reconciliation, reconcile
from rostersync.engine.verdicts import unpack
from rostersync.engine.work import Inputs
from rostersync.model.codes import Code
from rostersync.model.decision import Reason
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.directory import Account
from rostersync.model.kind import Kind
from rostersync.model.plan import Action, Change, PlanDigest
from rostersync.model.policy import Limits, Match, Policy, Schools, Sync
from rostersync.model.roster import ROWS, Row
from rostersync.model.snapshot import (
    Class,
    Course,
    Enrollment,
    Entry,
    Org,
    Record,
    Rejection,
    Role,
    Session,
    User,
)

DAY = date(2026, 3, 2)
BEFORE, TODAY, AFTER = "2026-03-01", "2026-03-02", "2026-03-03"


class Item(NamedTuple):
    """One entry of a snapshot and its kind."""

    kind: Kind
    entry: Entry

    @property
    def id(self) -> str:
        """The sourcedId."""
        return self.entry.sourced_id


def _item(kind: Kind, sourced_id: str, record: Record) -> Item:
    return Item(kind, Entry(sourced_id, record))


def org(sourced_id: str, type_: str = "school", parent: str | None = None) -> Item:
    """An org that is called like its sourcedId."""
    return _item(Kind.ORGS, sourced_id, Org(f"Org {sourced_id}", type_, parent=parent))


def session(sourced_id: str, start: str, end: str, parent: str | None = None) -> Item:
    """A term."""
    return _item(Kind.SESSIONS, sourced_id, Session("term", start, end, f"Term {sourced_id}", parent))


def course(sourced_id: str, of: str | None = None) -> Item:
    """A course."""
    return _item(Kind.COURSES, sourced_id, Course(f"Course {sourced_id}", org=of))


def class_(sourced_id: str, school: str = "A", sessions: Sequence[str] = (), course: str | None = None) -> Item:
    """A class, of school A unless told otherwise."""
    return _item(
        Kind.CLASSES, sourced_id, Class(f"Class {sourced_id}", school, course=course, sessions=tuple(sessions))
    )


def user(sourced_id: str, *roles: str | Role, orgs: Sequence[str] = ("A",), **fields: Any) -> Item:
    """A user, of school A unless told otherwise; roles are names or whole roles."""
    held = tuple(role if isinstance(role, Role) else Role(role) for role in roles)
    return _item(Kind.USERS, sourced_id, User(held, tuple(orgs), **fields))


def student(sourced_id: str, **fields: Any) -> Item:
    """A student."""
    return user(sourced_id, "student", **fields)


def teacher(sourced_id: str, **fields: Any) -> Item:
    """A teacher."""
    return user(sourced_id, "teacher", **fields)


def parent(sourced_id: str, *agents: str, role: str = "parent", **fields: Any) -> Item:
    """A parent of no school, with an email, who names these children."""
    return user(sourced_id, role, **{"orgs": (), "email": f"{sourced_id}@home.example", "agents": agents, **fields})


def enrollment(sourced_id: str, who: str, where: str, role: str = "student", **fields: Any) -> Item:
    """An enrollment."""
    return _item(Kind.ENROLLMENTS, sourced_id, Enrollment(who, where, role, **fields))


def deleted(kind: Kind, sourced_id: str) -> Item:
    """A record that is marked deleted."""
    return Item(kind, Entry(sourced_id, deleted=True))


def rejected(kind: Kind, sourced_id: str, schools: Sequence[str] = (), class_: str | None = None) -> Item:
    """A record that was rejected and has no earlier version."""
    return Item(kind, Entry(sourced_id, rejection=rejection(schools, class_)))


def rejection(schools: Sequence[str] = (), class_: str | None = None) -> Rejection:
    """The rejection of a record without its required field."""
    return Rejection(Code.DATA_REJECTED, "title", "is required", tuple(schools), class_)


def newly_rejected(item: Item) -> Item:
    """The same record, in force, with a newer version of it rejected."""
    return item._replace(entry=item.entry._replace(rejection=rejection()))


def many(count: int, item: Any, prefix: str, *args: Any, **fields: Any) -> list[Item]:
    """As many records as asked for, called prefix0, prefix1 and so on."""
    return [item(f"{prefix}{number:03}", *args, **fields) for number in range(count)]


def snapshot(items: Iterable[Item]) -> Entries:
    """The snapshot of these records."""
    kinds: dict[Kind, list[Entry]] = {kind: [] for kind in Kind}
    for item in items:
        kinds[item.kind].append(item.entry)
    return Entries(kinds)


def policy(
    sync: dict[str, Any] | None = None,
    schools: dict[str, Any] | None = None,
    match: dict[str, Any] | None = None,
    limits: dict[str, Any] | None = None,
) -> Policy:
    """The defaults but for what is named."""
    listed: dict[str, Any] = {
        name: frozenset(value) if name in ("include", "exclude") else value for name, value in (schools or {}).items()
    }
    return Policy(Schools(**listed), Sync(**(sync or {})), Match(**(match or {})), Limits(**(limits or {})))


@dataclass(frozen=True)
class Outcome:
    """What the engine decided, in a form that a test can compare with literals."""

    done: Reconciliation
    changes: list[Change]
    roster: list[Row]

    def why(self, sourced_id: str) -> Reason | None:
        """Why a user, a class or an enrollment is excluded, None where it is kept."""
        found = [reasons[sourced_id] for reasons in decisions(self.done).values() if sourced_id in reasons]
        assert len(found) == 1, f"{sourced_id}: {found}"
        return found[0]

    def kept(self, kind: Kind) -> set[str]:
        """The sourcedIds of what is kept."""
        return {sourced_id for sourced_id, reason in decisions(self.done)[kind].items() if reason is None}

    def rows(self, kind: Kind) -> dict[str, Any]:
        """The rows of the roster after the plan, by key."""
        return {key(row): row for row in self.roster if isinstance(row, ROWS[kind])}

    def row(self, sourced_id: str) -> Any:
        """The one row with this key."""
        (row,) = [row for row in self.roster if key(row) == sourced_id]
        return row

    def removed(self) -> dict[str, Reason | None]:
        """What the plan removes, and why."""
        return {change.sourced_id: change.reason for change in self.changes if change.action is Action.REMOVE}

    def created(self) -> set[str]:
        """What the plan creates."""
        return {change.sourced_id for change in self.changes if change.action is Action.CREATE}

    def updated(self) -> set[str]:
        """What the plan updates."""
        return {change.sourced_id for change in self.changes if change.action is Action.UPDATE}

    def found(self, code: Code) -> list[Diagnostic]:
        """The diagnostics with this code."""
        return [diagnostic for diagnostic in self.done.diagnostics if diagnostic.code is code]

    def about(self, code: Code) -> list[str | None]:
        """The sourcedIds of the diagnostics with this code."""
        return [diagnostic.sourced_id for diagnostic in self.found(code)]

    def held(self) -> list[str]:
        """The held schools."""
        return [school.sourced_id for school in self.done.held]

    def hash(self) -> str:
        """The plan's hash."""
        digest = PlanDigest()
        assert list(digest.through(self.changes)) == self.changes
        return digest.hash


def decide(
    *items: Item | Iterable[Item],
    roster: Iterable[Row] = (),
    accounts: Iterable[Account] | None = None,
    day: date = DAY,
    **options: dict[str, Any],
) -> Outcome:
    """Reconcile these records with this roster; `options` are those of `policy`."""
    flat = [one for item in items for one in ([item] if isinstance(item, Item) else item)]
    return outcome(Inputs(snapshot(flat), Rows(roster), accounts, policy(**options), day), roster)


def outcome(inputs: Inputs, roster: Iterable[Row]) -> Outcome:
    """Reconcile, plan and apply."""
    done = reconcile(inputs)
    changes = list(done.changes())
    return Outcome(done, changes, apply(roster, changes))


def decisions(done: Reconciliation) -> dict[Kind, dict[str, Reason | None]]:
    """Every decision about a live user, class and enrollment."""
    decided = done.decided
    live = [entry.sourced_id for entry in done.inputs.snapshot.entries(Kind.ENROLLMENTS) if entry.record is not None]
    why = decided.enrollments.why or bytes([UNREAD]) * len(live)
    return {
        Kind.USERS: dict(zip(decided.people.ids, map(unpack, decided.people.why), strict=True)),
        Kind.CLASSES: dict(zip(decided.classes.ids, map(unpack, decided.classes.why), strict=True)),
        Kind.ENROLLMENTS: dict(zip(live, map(unpack, why), strict=True)),
    }


def settles_later(after: Outcome) -> bool:
    """Whether somebody lost an email to a user whom a later rule excluded.

    No step looks back, so the loser comes in with the next run, when the winner's row no longer holds the email.
    """
    why = decisions(after.done)[Kind.USERS].values()
    return bool(after.found(Code.USER_EMAIL_TAKEN)) and not {Reason.UNMATCHED, Reason.SCHOOL_HELD}.isdisjoint(why)


UNREAD = next(place for place in range(50) if unpack(place) is Reason.CLASSES_NOT_SYNCED)


def key(row: Row) -> str:
    """The key of a row as a plan spells it."""
    return f"{row[0]}|{row[1]}" if isinstance(row, ROWS[Kind.RELATIONSHIPS]) else row[0]


def apply(roster: Iterable[Row], changes: Iterable[Change]) -> list[Row]:
    """Carry a plan out in memory, and complain where it does not fit."""
    rows = {(ROWS_KIND[type(row)], key(row)): row for row in roster}
    for change in changes:
        at = (change.kind, change.sourced_id)
        before = rows.get(at)
        if change.action is Action.CREATE:
            assert before is None, f"{at} is there already"
            assert change.after is not None
            rows[at] = ROWS[change.kind](**change.after)
            continue
        assert before is not None, f"{at} is not there"
        assert change.before is not None
        assert {name: getattr(before, name) for name in change.before} == change.before
        if change.after is None:
            del rows[at]
        else:
            rows[at] = before._replace(**change.after)
    return list(rows.values())


ROWS_KIND = {row_type: kind for kind, row_type in ROWS.items()}
