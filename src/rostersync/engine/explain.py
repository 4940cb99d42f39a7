"""Why is Ann not in 7B? The engine's run once more, with a notebook that watches the records of one question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from rostersync.engine.changes import Decided
from rostersync.engine.diff import label_of
from rostersync.engine.enrollments import reason_at
from rostersync.engine.notes import Notes
from rostersync.engine.people import fold_email
from rostersync.engine.reconcile import Reconciliation, reconcile
from rostersync.engine.verdicts import unpack
from rostersync.engine.work import Inputs
from rostersync.model.decision import Reason, Step, Subject
from rostersync.model.kind import Kind
from rostersync.model.roster import RelationshipRow, Row, UserRow
from rostersync.model.snapshot import Class, Enrollment, Entry, User


class Asked(NamedTuple):
    """The records that belong to a question: its users, classes and enrollments, and the users related to these users."""

    users: dict[str, Entry]
    classes: dict[str, Entry]
    enrollments: dict[str, Entry]
    relatives: dict[str, Entry]

    def __bool__(self) -> bool:
        """Whether anything was found."""
        return bool(self.users or self.classes or self.enrollments)


def explain(inputs: Inputs, who: str) -> list[Subject]:
    """Everything decided about a person (sourcedId, email or username), a class or an enrollment (sourcedId).

    The subjects come in the order users, classes, enrollments, relationships; empty where the snapshot and the roster know
    nobody of that name.
    """
    asked = _find(inputs, who)
    if not asked:
        return _only_in_roster(inputs, who)
    notes = Notes(
        {Kind.USERS: [*asked.users, *asked.relatives], Kind.CLASSES: asked.classes, Kind.ENROLLMENTS: asked.enrollments}
    )
    done = reconcile(replace(inputs, notes=notes))
    return list(_subjects(done, asked, notes))


def _find(inputs: Inputs, who: str) -> Asked:
    snapshot = inputs.snapshot
    users = {entry.sourced_id: entry for entry in snapshot.entries(Kind.USERS) if _is(entry, who)}
    classes = {entry.sourced_id: entry for entry in snapshot.entries(Kind.CLASSES) if entry.sourced_id == who}
    enrollments = {
        entry.sourced_id: entry for entry in snapshot.entries(Kind.ENROLLMENTS) if _concerns(entry, who, users, classes)
    }
    if users:
        wanted = {entry.record.class_ for entry in enrollments.values() if isinstance(entry.record, Enrollment)}
        classes |= {entry.sourced_id: entry for entry in snapshot.entries(Kind.CLASSES) if entry.sourced_id in wanted}
    return Asked(users, classes, enrollments, _relatives(inputs, users) if users else {})


def _is(entry: Entry, who: str) -> bool:
    """Whether the user is the one asked about, by sourcedId, email or username."""
    if entry.sourced_id == who:
        return True
    record = entry.record
    if not isinstance(record, User):
        return False
    folded = fold_email(who)
    return folded is not None and folded in (fold_email(record.email), fold_email(record.username))


def _concerns(entry: Entry, who: str, users: dict[str, Entry], classes: dict[str, Entry]) -> bool:
    record = entry.record
    if entry.sourced_id == who:
        return True
    return isinstance(record, Enrollment) and (record.user in users or record.class_ in classes)


def _relatives(inputs: Inputs, users: dict[str, Entry]) -> dict[str, Entry]:
    """The users linked to those asked about, from either side."""
    named = {agent for entry in users.values() if isinstance(entry.record, User) for agent in entry.record.agents}
    return {
        entry.sourced_id: entry
        for entry in inputs.snapshot.entries(Kind.USERS)
        if entry.sourced_id not in users
        and isinstance(entry.record, User)
        and (entry.sourced_id in named or not users.keys().isdisjoint(entry.record.agents))
    }


def _subjects(done: Reconciliation, asked: Asked, notes: Notes) -> Iterator[Subject]:
    decided = done.decided
    for kind, entries in ((Kind.USERS, asked.users), (Kind.CLASSES, asked.classes)):
        for entry in entries.values():
            yield _record(kind, entry, _reason(decided, kind, entry), notes, decided)
    places = _enrollment_places(done, asked.enrollments)
    for entry in asked.enrollments.values():
        reason = (
            reason_at(decided.enrollments, places[entry.sourced_id]) if entry.record is not None else _absent(entry)
        )
        yield _record(Kind.ENROLLMENTS, entry, reason, notes, decided)
    yield from _relationships(decided, asked)


def _reason(decided: Decided, kind: Kind, entry: Entry) -> Reason | None:
    if entry.record is None:
        return _absent(entry)
    known = decided.people if kind is Kind.USERS else decided.classes
    return unpack(known.why[known.index[entry.sourced_id]])


def _absent(entry: Entry) -> Reason:
    return Reason.RECORD_DELETED if entry.deleted else Reason.RECORD_REJECTED


def _enrollment_places(done: Reconciliation, asked: dict[str, Entry]) -> dict[str, int]:
    live = (entry for entry in done.inputs.snapshot.entries(Kind.ENROLLMENTS) if entry.record is not None)
    return {entry.sourced_id: place for place, entry in enumerate(live) if entry.sourced_id in asked}


def _record(kind: Kind, entry: Entry, reason: Reason | None, notes: Notes, decided: Decided) -> Subject:
    steps = (_source_step(entry), *notes.of(kind, entry.sourced_id))
    if reason in (Reason.CLASS_EXCLUDED, Reason.USER_EXCLUDED) and isinstance(entry.record, Enrollment):
        steps = (*steps, _excluded_with(decided, entry.record, reason))
    elif reason is None and isinstance(entry.record, Enrollment):
        steps = (*steps, Step("9", "kept", "its class and its user are kept"))
    return Subject(kind, entry.sourced_id, _label(entry), reason is None, reason, steps)


def _source_step(entry: Entry) -> Step:
    """Rule 0: what the source says of the record."""
    if entry.rejection is not None:
        said = f"{entry.rejection.field}: {entry.rejection.message}"
        if entry.record is not None:
            return Step("0", "kept", f"the latest version is rejected ({said}); the earlier one stays in force")
        return Step("0", Reason.RECORD_REJECTED, said)
    if entry.deleted:
        return Step("0", Reason.RECORD_DELETED, "the source marks the record as deleted")
    return Step("0", "kept", "the source has the record, and it is not marked as deleted")


def _excluded_with(decided: Decided, record: Enrollment, reason: Reason) -> Step:
    known, name = (decided.classes, record.class_) if reason is Reason.CLASS_EXCLUDED else (decided.people, record.user)
    why = known.reason(name)
    kind = "class" if reason is Reason.CLASS_EXCLUDED else "user"
    return Step("9", reason, f"its {kind} {name} is excluded: {why}")


def _label(entry: Entry) -> str:
    match entry.record:
        case User() as user:
            return " ".join(filter(None, (user.given_name, user.family_name))) or user.username or entry.sourced_id
        case Class() as class_:
            return class_.title
        case Enrollment() as enrollment:
            return f"{enrollment.role} {enrollment.user} in {enrollment.class_}"
        case _:
            return entry.sourced_id


def _relationships(decided: Decided, asked: Asked) -> Iterator[Subject]:
    """The relationships of the users asked about: kept ones, and links that did not become one."""
    kept = {row[:2]: row for row in decided.relationships}
    for user in asked.users:
        for other, entry in asked.relatives.items():
            row = kept.get((user, other)) or kept.get((other, user))
            yield _kept_relationship(row) if row is not None else _lost_relationship(decided, user, other, entry)


def _kept_relationship(row: RelationshipRow) -> Subject:
    step = Step("6", "kept", f"{row.parent_sourced_id} is kept as {row.relationship} of {row.student_sourced_id}")
    return Subject(Kind.RELATIONSHIPS, f"{row[0]}|{row[1]}", label_of(row), kept=True, reason=None, decisions=(step,))


def _lost_relationship(decided: Decided, user: str, other: str, entry: Entry) -> Subject:
    student, parent = (other, user) if _may_parent(decided, user) else (user, other)
    whys = {name: decided.people.reason(name) for name in (student, parent) if name in decided.people.index}
    excluded = {name: why for name, why in whys.items() if why is not None}
    reason = Reason.USER_EXCLUDED
    because = "; ".join(f"{name} is excluded: {why}" for name, why in excluded.items())
    because = because or "one of the two is not kept as student, or the other not as parent"
    step = Step("6", reason, because)
    label = f"{_label(entry)} and {user}"
    return Subject(Kind.RELATIONSHIPS, f"{student}|{parent}", label, kept=False, reason=reason, decisions=(step,))


def _may_parent(decided: Decided, sourced_id: str) -> bool:
    place = decided.people.index.get(sourced_id)
    return place is not None and bool(decided.people.standing[place].relations)


def _only_in_roster(inputs: Inputs, who: str) -> list[Subject]:
    """What the roster still has of somebody whom the snapshot no longer knows."""
    kinds = (Kind.USERS, Kind.CLASSES, Kind.ENROLLMENTS)
    return [_gone(kind, row) for kind in kinds for row in inputs.roster.rows(kind) if _row_is(row, who)]


def _row_is(row: Row, who: str) -> bool:
    named = (fold_email(row.email), fold_email(row.username)) if isinstance(row, UserRow) else ()
    return row[0] == who or (fold_email(who) or "") in named


def _gone(kind: Kind, row: Row) -> Subject:
    step = Step(
        "11", Reason.NOT_IN_SOURCE, f"the source no longer has it; the roster does ({getattr(row, 'state', 'active')})"
    )
    return Subject(kind, row[0], label_of(row), kept=False, reason=Reason.NOT_IN_SOURCE, decisions=(step,))
