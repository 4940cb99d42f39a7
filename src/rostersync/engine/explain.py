"""Why is Ann not in 7B? The engine's run once more, with a notebook that watches the records of one question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rostersync.engine.changes import Decided
from rostersync.engine.enrollments import reason_at
from rostersync.engine.notes import Notes
from rostersync.engine.people import PARENT, STUDENT
from rostersync.engine.question import Known, Question, ask
from rostersync.engine.reconcile import Reconciliation, reconcile
from rostersync.engine.verdicts import unpack
from rostersync.engine.work import Inputs
from rostersync.model.decision import Reason, Step, Subject
from rostersync.model.kind import Kind
from rostersync.model.roster import RelationshipRow, Row
from rostersync.model.snapshot import Enrollment, Entry

STAYS = "row stays"
"""The outcome of the step which says that a row is left alone whatever was decided about its record (rule 10)."""


def explain(inputs: Inputs, who: str) -> list[Subject]:
    """Everything decided about a person (sourcedId, email or username), a class or an enrollment (sourcedId).

    What was asked about comes first; then the subjects come in the order users, classes, enrollments, relationships.
    Empty where the snapshot and the roster know nobody of that name.
    """
    question = ask(inputs.snapshot, inputs.roster, who)
    if not any(known.ids() for known in question.known.values()):
        return []
    watched = {kind: known.entries for kind, known in question.known.items()}
    notes = Notes({**watched, Kind.USERS: [*watched[Kind.USERS], *question.relatives]})
    subjects = list(_Answer(reconcile(replace(inputs, notes=notes)), question, notes).subjects())
    return sorted(subjects, key=lambda subject: subject.sourced_id != who)


@dataclass(frozen=True, slots=True)
class _Answer:
    """Turns what was decided, and what was written down on the way, into subjects."""

    done: Reconciliation
    question: Question
    notes: Notes

    @property
    def decided(self) -> Decided:
        """What the rules decided."""
        return self.done.decided

    def subjects(self) -> Iterator[Subject]:
        """Every subject of the question."""
        places = self._enrollment_places()
        for kind, known in self.question.known.items():
            for sourced_id in known.ids():
                reason = self._reason(kind, sourced_id, known.entries.get(sourced_id), places)
                yield self._record(kind, sourced_id, known, reason)
        yield from self._relationships()

    def _reason(self, kind: Kind, sourced_id: str, entry: Entry | None, places: dict[str, int]) -> Reason | None:
        """The verdict on one record, as the plan has it."""
        if entry is not None and entry.record is None:
            return Reason.RECORD_DELETED if entry.deleted else Reason.RECORD_REJECTED
        if entry is None:
            off = kind is not Kind.USERS and not self.done.inputs.policy.sync.classes
            return Reason.CLASSES_NOT_SYNCED if off else Reason.NOT_IN_SOURCE
        if kind is Kind.USERS:
            return self.decided.people.reason(sourced_id)
        if kind is Kind.CLASSES:
            place = self.decided.classes.ids.find(sourced_id)
            return Reason.CLASSES_NOT_SYNCED if place < 0 else unpack(self.decided.classes.why[place])
        found = self.decided.enrollments
        return reason_at(found, places[sourced_id]) if found.why else Reason.CLASSES_NOT_SYNCED

    def _enrollment_places(self) -> dict[str, int]:
        """Where the enrollments asked about stand among the live ones."""
        asked = self.question.known[Kind.ENROLLMENTS].entries
        entries = self.done.inputs.snapshot.entries(Kind.ENROLLMENTS) if asked else ()
        live = (entry.sourced_id for entry in entries if entry.record is not None)
        return {sourced_id: place for place, sourced_id in enumerate(live) if sourced_id in asked}

    def _record(self, kind: Kind, sourced_id: str, known: Known, reason: Reason | None) -> Subject:
        entry, row = known.entries.get(sourced_id), known.rows.get(sourced_id)
        steps = [_source_step(entry), *self.notes.of(kind, sourced_id)]
        if entry is not None and isinstance(entry.record, Enrollment):
            steps += self._enrollment_step(entry.record, reason)
        if reason is Reason.CLASSES_NOT_SYNCED and steps[-1].outcome != reason:
            steps.append(Step("5", reason, "sync.classes is off"))
        if row is not None:
            steps += self._held_step(kind, row)
        label = self.question.label(kind, sourced_id)
        return Subject(kind, sourced_id, label, reason is None, reason, tuple(steps))

    def _enrollment_step(self, record: Enrollment, reason: Reason | None) -> list[Step]:
        """Rule 9, where no rule before it excludes the enrollment."""
        class_ = self.question.full(Kind.CLASSES, record.class_)
        user = self.question.full(Kind.USERS, record.user)
        if reason is Reason.CLASS_EXCLUDED:
            return [Step("9", reason, f"its class {class_} is excluded: {self.decided.classes.reason(record.class_)}")]
        if reason is Reason.USER_EXCLUDED:
            return [Step("9", reason, f"its user {user} is excluded: {self.decided.people.reason(record.user)}")]
        return [] if reason is not None else [Step("9", "kept", f"its class {class_} and its user {user} are kept")]

    def _held_step(self, kind: Kind, row: Row) -> list[Step]:
        """Rule 10: whatever was decided, the rows of a held school stay as they are."""
        if not self.decided.hold.keeps(kind, row):
            return []
        held = ", ".join(f"{school.name} ({school.sourced_id})" for school in self.done.held)
        return [
            Step("10", STAYS, f"its row in the roster stays exactly as it is, because a school is held today: {held}")
        ]

    def _relationships(self) -> Iterator[Subject]:
        """The relationships of the users asked about: kept ones, and links that did not become one."""
        kept = {row[:2]: row for row in self.decided.relationships}
        live = [user for user in self.question.known[Kind.USERS].entries if user in self.decided.people.ids]
        for user in live:
            for other in self.question.relatives:
                student, parent = (other, user) if self._may_parent(user) else (user, other)
                row = kept.get((student, parent)) or kept.get((parent, student))
                yield self._kept_relationship(row) if row is not None else self._lost_relationship(student, parent)

    def _kept_relationship(self, row: RelationshipRow) -> Subject:
        student, parent, relation = row
        because = f"{self._name(parent)} is kept as {relation} of {self._name(student)}"
        label = f"{relation} {self._label(parent)} of {self._label(student)}"
        steps = (Step("6", "kept", because), *self._held_step(Kind.RELATIONSHIPS, row))
        return Subject(Kind.RELATIONSHIPS, f"{student}|{parent}", label, kept=True, reason=None, decisions=steps)

    def _lost_relationship(self, student: str, parent: str) -> Subject:
        people = self.decided.people
        excluded = {name: why for name in (student, parent) if (why := people.reason(name)) is not None}
        reason, because = (
            Reason.USER_EXCLUDED,
            "; ".join(f"{self._name(name)} is excluded: {why}" for name, why in excluded.items()),
        )
        if not excluded:
            reason, because = self._not_related(student, parent)
        steps = (Step(str(reason.rule), reason, because), *self._held_relationship(student, parent))
        label = f"{self._label(parent)} of {self._label(student)}"
        return Subject(Kind.RELATIONSHIPS, f"{student}|{parent}", label, kept=False, reason=reason, decisions=steps)

    def _not_related(self, student: str, parent: str) -> tuple[Reason, str]:
        """Say why two users who are both kept are not a student and a parent of theirs."""
        people = self.decided.people
        if not self._may_parent(parent):
            return Reason.USER_EXCLUDED, f"{self._name(parent)} holds no role of a parent"
        if not people.groups[people.ids.place(student)] & STUDENT:
            return Reason.USER_EXCLUDED, f"{self._name(student)} is kept, but not as a student"
        if people.groups[people.ids.place(parent)] & PARENT:
            because = (
                f"{self._name(student)} has no school but held ones, and the roster does not have the two as related"
            )
            return Reason.SCHOOL_HELD, because
        said = [step.because for step in self.notes.of(Kind.USERS, parent) if step.rule in ("6", "7")]
        return Reason.USER_EXCLUDED, f"{self._name(parent)} is kept, but not as a parent: {said[-1]}"

    def _held_relationship(self, student: str, parent: str) -> list[Step]:
        """Rule 10 for a relationship that the rules do not ask for and the roster may have."""
        if student not in self.decided.hold.students:
            return []
        rows = (row for row in self.done.inputs.roster.rows(Kind.RELATIONSHIPS) if row[:2] == (student, parent))
        return [step for row in rows for step in self._held_step(Kind.RELATIONSHIPS, row)]

    def _may_parent(self, sourced_id: str) -> bool:
        """Whether a live user holds a role of a parent."""
        people = self.decided.people
        return bool(people.standing[people.ids.place(sourced_id)].relations)

    def _name(self, user: str) -> str:
        return self.question.full(Kind.USERS, user)

    def _label(self, user: str) -> str:
        return self.question.label(Kind.USERS, user)


def _source_step(entry: Entry | None) -> Step:
    """Rules 0 and 11: what the source says of the record."""
    if entry is None:
        return Step("11", Reason.NOT_IN_SOURCE, "the source no longer has it; the roster does")
    if entry.rejection is not None:
        said = f"{entry.rejection.field} {entry.rejection.message}"
        if entry.record is not None:
            return Step("0", "kept", f"the latest version is rejected ({said}); the earlier one stays in force")
        return Step("0", Reason.RECORD_REJECTED, f"{said}; nothing is removed for it")
    if entry.deleted:
        return Step("0", Reason.RECORD_DELETED, "the source marks the record as deleted")
    return Step("0", "kept", "the source has the record, and it is not marked as deleted")
