"""Rules 4 and 5, and rule 1 for classes: which classes are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rostersync.engine.calendar import Calendar
from rostersync.engine.notes import Notes
from rostersync.engine.orgs import Orgs
from rostersync.engine.places import Places
from rostersync.engine.verdicts import KEPT, pack, unpack
from rostersync.model.codes import Code
from rostersync.model.decision import Reason
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.policy import Sync
from rostersync.model.snapshot import Class, Entry, Session

Report = Callable[[Diagnostic], None]


@dataclass(slots=True)
class Classes:
    """The live classes of the snapshot by place, in sourcedId order: `why` each is excluded, and its school."""

    ids: Places = field(default_factory=Places)
    why: bytearray = field(default_factory=bytearray)
    school: list[str] = field(default_factory=list)

    def reason(self, sourced_id: str) -> Reason | None:
        """Why a live class is excluded, None where it is kept."""
        return unpack(self.why[self.ids.place(sourced_id)])

    def kept(self) -> int:
        """How many classes are kept."""
        return self.why.count(KEPT)


@dataclass(frozen=True, slots=True)
class ClassRules:
    """What classes are judged by: orgs, sessions, the roster's classes, the options and the date."""

    orgs: Orgs
    sessions: Mapping[str, Session]
    in_roster: frozenset[str]
    sync: Sync
    calendar: Calendar
    notes: Notes
    report: Report

    def judge(self, entries: Iterable[Entry]) -> Classes:
        """Decide about every live class, but for `class_requires`."""
        classes = Classes()
        classes.ids = Places(self._judge(classes, entries))
        return classes

    def _judge(self, classes: Classes, entries: Iterable[Entry]) -> Iterator[str]:
        """Yield the sourcedIds of the live classes while deciding about them."""
        names = {sourced_id: sourced_id for sourced_id in self.orgs.live}
        for entry in entries:
            if isinstance(entry.record, Class):
                classes.why.append(pack(self._reason(entry.sourced_id, entry.record)))
                classes.school.append(names.get(entry.record.school, entry.record.school))
                yield entry.sourced_id

    def _reason(self, sourced_id: str, record: Class) -> Reason | None:
        """Try the rules in their order; the first that excludes names the reason."""
        for rule in (self._school, self._current, self._synced):
            reason = rule(sourced_id, record)
            if reason is not None:
                return reason
        if self.sync.respect_academic_sessions and not self._sessions(record):
            self.report(_no_session(sourced_id, record))
        return None

    def _school(self, sourced_id: str, record: Class) -> Reason | None:
        """Rules 0.6 and 1: the school must be in the snapshot, selected and known."""
        if record.school not in self.orgs.live:
            self.report(_dangling(sourced_id, record))
            self._note(
                sourced_id, "0", Reason.DANGLING_REFERENCE, f"the source does not have its school {record.school}"
            )
            return Reason.DANGLING_REFERENCE
        reason = self.orgs.why(record.school)
        if sourced_id in self.notes.watched[Kind.CLASSES]:
            self._note(sourced_id, "1", reason, f"it is a class of {self.orgs.standing(record.school)}")
        return reason

    def _current(self, sourced_id: str, record: Class) -> Reason | None:
        """Rule 4: one of the sessions that it names must cover the day."""
        if not self.sync.respect_academic_sessions:
            return None
        found = self._sessions(record)
        current = not found or any(self.calendar.in_session(one.start_date, one.end_date) for one in found)
        reason = None if current else Reason.SESSION_NOT_CURRENT
        if sourced_id in self.notes.watched[Kind.CLASSES]:
            self._note(sourced_id, "4", reason, self._because(found, current=current))
        return reason

    def _because(self, found: list[Session], *, current: bool) -> str:
        """Say what the sessions of a class have to do with the day."""
        if not found:
            return "the source has none of its sessions, so it is kept"
        spans = ", ".join(f"{one.title or one.type} ({one.start_date} to {one.end_date})" for one in found)
        grace = f" and sync.session_grace_days {self.sync.session_grace_days}" if self.sync.session_grace_days else ""
        said = "one of its sessions covers" if current else "none of its sessions covers"
        return f"{said} {self.calendar.day}: {spans}{grace}"

    def _synced(self, sourced_id: str, _record: Class) -> Reason | None:
        """Rule 5: classes must be on, and the roster must have it with `missing_classes = "ignore"`."""
        if not self.sync.classes:
            self._note(sourced_id, "5", Reason.CLASSES_NOT_SYNCED, "sync.classes is off")
            return Reason.CLASSES_NOT_SYNCED
        if self.sync.missing_classes == "ignore" and sourced_id not in self.in_roster:
            because = 'sync.missing_classes is "ignore" and the roster does not have it'
            self._note(sourced_id, "5", Reason.CLASS_MISSING, because)
            return Reason.CLASS_MISSING
        self._note(sourced_id, "5", None, "classes are synced")
        return None

    def _sessions(self, record: Class) -> list[Session]:
        return [self.sessions[term] for term in record.sessions if term in self.sessions]

    def _note(self, sourced_id: str, rule: str, reason: Reason | None, because: str) -> None:
        self.notes.say(Kind.CLASSES, sourced_id, rule, reason or "kept", because)


def require_roles(
    classes: Classes, roles: tuple[str, ...], present: Mapping[str, bytearray], notes: Notes, report: Report
) -> None:
    """Exclude kept classes without a kept enrollment of each role in `sync.class_requires` (rule 5)."""
    if not roles:
        return
    for place, sourced_id in enumerate(classes.ids):
        missing = [role for role in roles if not present[role][place]]
        if classes.why[place] == KEPT and missing:
            classes.why[place] = pack(Reason.CLASS_INCOMPLETE)
            because = f"it has no kept enrollment of a {' or a '.join(missing)}"
            notes.say(Kind.CLASSES, sourced_id, "5", Reason.CLASS_INCOMPLETE, because)
            report(_incomplete(sourced_id, classes.school[place], because))


def _dangling(sourced_id: str, record: Class) -> Diagnostic:
    return Diagnostic(
        Code.DATA_DANGLING,
        f"class {record.title} ({sourced_id}) is excluded: the source does not have its school {record.school}",
        "Ask why the SIS sends a class of a school that it does not send.",
        Kind.CLASSES,
        sourced_id,
        record.school,
    )


def _no_session(sourced_id: str, record: Class) -> Diagnostic:
    named = ", ".join(record.sessions) or "none"
    return Diagnostic(
        Code.CLASS_NO_SESSION,
        f"class {record.title} ({sourced_id}) is kept though none of its sessions is known (it names {named})",
        "Give the class a term in the SIS, or switch sync.respect_academic_sessions off.",
        Kind.CLASSES,
        sourced_id,
        record.school,
    )


def _incomplete(sourced_id: str, school: str, because: str) -> Diagnostic:
    return Diagnostic(
        Code.CLASS_INCOMPLETE,
        f"class {sourced_id} is excluded: {because}",
        "Enroll somebody in the SIS, or take the role out of sync.class_requires.",
        Kind.CLASSES,
        sourced_id,
        school,
    )
