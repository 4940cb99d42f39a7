"""What a question of `explain` is about: the records that it names, those that belong to them, and their names."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple, cast

from rostersync.engine.diff import label_of
from rostersync.engine.inputs import Roster, Snapshot
from rostersync.engine.people import fold_email
from rostersync.model.kind import Kind
from rostersync.model.roster import EnrollmentRow, Row, UserRow
from rostersync.model.snapshot import Class, Enrollment, Entry, User


class Join(NamedTuple):
    """Who is enrolled as what in which class."""

    role: str
    user: str
    class_: str


@dataclass(slots=True)
class Known:
    """What the snapshot and the roster have of some records of one kind, by sourcedId."""

    entries: dict[str, Entry] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)

    def ids(self) -> list[str]:
        """Every sourcedId, sorted."""
        return sorted(self.entries.keys() | self.rows.keys())


@dataclass(frozen=True, slots=True)
class Question:
    """The records asked about, the users linked to them, and what each of these is called."""

    known: Mapping[Kind, Known]
    relatives: Mapping[str, Entry]
    names: Mapping[tuple[Kind, str], str]

    def label(self, kind: Kind, sourced_id: str) -> str:
        """What a person calls the record."""
        return self.names.get((kind, sourced_id), sourced_id)

    def full(self, kind: Kind, sourced_id: str) -> str:
        """What a person calls the record, with its sourcedId where that is something else."""
        label = self.label(kind, sourced_id)
        return label if label == sourced_id else f"{label} ({sourced_id})"


def ask(snapshot: Snapshot, roster: Roster, who: str) -> Question:
    """Find what a sourcedId, an email or a username stands for, in the snapshot and in the roster.

    A person comes with enrollments and classes, a class with its enrollments, an enrollment with its user and class.
    """
    search = _Search(snapshot, roster)
    users = search.users(who)
    joins = search.joins(who, users)
    classes = {join.class_ for join in joins.values()} if users or who in joins else set()
    if who in joins and not users:
        users = {joins[who].user}
    wanted = {Kind.USERS: users, Kind.CLASSES: classes | {who}, Kind.ENROLLMENTS: joins.keys() | {who}}
    known = {kind: search.known(kind, ids) for kind, ids in wanted.items()}
    relatives = search.relatives(known[Kind.USERS].entries)
    return Question(known, relatives, search.all_names(joins, users | relatives.keys(), who))


class _Search:
    """Looks through the snapshot and the roster; what the snapshot says goes before what the roster says."""

    def __init__(self, snapshot: Snapshot, roster: Roster) -> None:
        self._snapshot = snapshot
        self._roster = roster

    def users(self, who: str) -> set[str]:
        """The sourcedIds of the users who are or were called this."""
        entries = {entry.sourced_id for entry in self._snapshot.entries(Kind.USERS) if _answers(entry, who)}
        rows = cast("Iterator[UserRow]", self._roster.rows(Kind.USERS))
        return entries | {row.sourced_id for row in rows if _is(who, row.sourced_id, row.email, row.username)}

    def joins(self, who: str, users: Container[str]) -> dict[str, Join]:
        """The enrollments of these users and of the class `who`, and the enrollment `who`."""
        found: dict[str, Join] = {}
        for sourced_id, join in chain(self._joins_of_roster(), self._joins_of_snapshot()):
            if sourced_id == who or sourced_id in found or join.user in users or join.class_ == who:
                found[sourced_id] = join
        return found

    def _joins_of_roster(self) -> Iterator[tuple[str, Join]]:
        for row in cast("Iterator[EnrollmentRow]", self._roster.rows(Kind.ENROLLMENTS)):
            yield row.sourced_id, Join(row.role, row.user_sourced_id, row.class_sourced_id)

    def _joins_of_snapshot(self) -> Iterator[tuple[str, Join]]:
        for entry in self._snapshot.entries(Kind.ENROLLMENTS):
            if isinstance(entry.record, Enrollment):
                yield entry.sourced_id, Join(entry.record.role, entry.record.user, entry.record.class_)

    def known(self, kind: Kind, ids: Container[str]) -> Known:
        """What there is of these records."""
        return Known(
            {entry.sourced_id: entry for entry in self._snapshot.entries(kind) if entry.sourced_id in ids},
            {row[0]: row for row in self._roster.rows(kind) if row[0] in ids},
        )

    def relatives(self, users: Mapping[str, Entry]) -> dict[str, Entry]:
        """The live users who are linked to these users from either side."""
        named = {agent for entry in users.values() if isinstance(entry.record, User) for agent in entry.record.agents}
        return {
            entry.sourced_id: entry
            for entry in (self._snapshot.entries(Kind.USERS) if users else ())
            if entry.sourced_id not in users
            and isinstance(entry.record, User)
            and (entry.sourced_id in named or not users.keys().isdisjoint(entry.record.agents))
        }

    def all_names(self, joins: Mapping[str, Join], users: set[str], who: str) -> dict[tuple[Kind, str], str]:
        """What everything is called that an answer mentions."""
        found = self.names(Kind.USERS, users.union(join.user for join in joins.values()))
        found |= self.names(Kind.CLASSES, {who, *(join.class_ for join in joins.values())})
        for sourced_id, join in joins.items():
            user = found.get((Kind.USERS, join.user), join.user)
            class_ = found.get((Kind.CLASSES, join.class_), join.class_)
            found[Kind.ENROLLMENTS, sourced_id] = f"{user} in {class_} as {join.role}"
        return found

    def names(self, kind: Kind, ids: Container[str]) -> dict[tuple[Kind, str], str]:
        """What these users or classes are called."""
        known = self.known(kind, ids)
        rows = {(kind, sourced_id): label_of(row) for sourced_id, row in known.rows.items()}
        return rows | {
            (kind, sourced_id): label
            for sourced_id, entry in known.entries.items()
            if (label := _label(entry)) is not None
        }


def _answers(entry: Entry, who: str) -> bool:
    """Whether the user is called this by the source."""
    record = entry.record
    called = (record.email, record.username) if isinstance(record, User) else ()
    return _is(who, entry.sourced_id, *called)


def _is(who: str, sourced_id: str, *called: str | None) -> bool:
    """Whether this is the sourcedId, or an email or username whatever its case."""
    return who == sourced_id or fold_email(who) in {fold_email(name) for name in called if name}


def _label(entry: Entry) -> str | None:
    """What a person calls a live user or class."""
    match entry.record:
        case User() as user:
            return " ".join(filter(None, (user.given_name, user.family_name))) or user.username
        case Class() as class_:
            return class_.title
        case _:
            return None
