"""Rules 3 and 9: enrollments read once as a stream, kept as three numbers each, decided when classes and users are.

One pass learns what users need of their enrollments (rules 1 and 3); what stays of an enrollment is where its user
and class stand, and a byte, so that a district's enrollments fit into a few megabytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from rostersync.engine.calendar import Calendar
from rostersync.engine.classes import Classes
from rostersync.engine.notes import Notes
from rostersync.engine.orgs import Orgs
from rostersync.engine.places import Places
from rostersync.engine.verdicts import KEPT, pack, unpack
from rostersync.model.codes import Code
from rostersync.model.decision import Reason
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.snapshot import Enrollment, Entry

STUDENT, TEACHER = "student", "teacher"
ROLES = (STUDENT, TEACHER)
_DANGLING = pack(Reason.DANGLING_REFERENCE)
_NOT_CURRENT = pack(Reason.ENROLLMENT_NOT_CURRENT)
_CLASSES_OFF = pack(Reason.CLASSES_NOT_SYNCED)
_CLASS_EXCLUDED = pack(Reason.CLASS_EXCLUDED)
_USER_EXCLUDED = pack(Reason.USER_EXCLUDED)

# What rule 3 has seen of a user's student enrollments in selected schools.
_SEEN, _NOT_ENDED = 1, 2


@dataclass(slots=True)
class SchoolTally:
    """How many live enrollments each school has, and how many of them dangle (rule 10)."""

    live: dict[str, int] = field(default_factory=dict)
    dangling: dict[str, int] = field(default_factory=dict)

    def count(self, school: str | None, *, dangling: bool) -> None:
        """Count one enrollment of the school."""
        if school is not None:
            self.live[school] = self.live.get(school, 0) + 1
            if dangling:
                self.dangling[school] = self.dangling.get(school, 0) + 1


@dataclass(slots=True)
class Enrollments:
    """The live enrollments of the snapshot, in sourcedId order: user and class by place, role, and why excluded."""

    user: array[int] = field(default_factory=lambda: array("i"))
    class_: array[int] = field(default_factory=lambda: array("i"))
    role: bytearray = field(default_factory=bytearray)
    why: bytearray = field(default_factory=bytearray)
    schools: SchoolTally = field(default_factory=SchoolTally)
    student_history: bytearray = field(default_factory=bytearray)

    def has_left(self, user: int) -> bool:
        """Whether the user has student enrollments in selected schools and every one of them has ended (rule 3)."""
        return self.student_history[user] == _SEEN

    def kept(self) -> int:
        """How many enrollments are kept."""
        return self.why.count(KEPT)

    def reaching(self, classes: Classes) -> Iterator[tuple[int, int]]:
        """Yield (user, class) of every live, not dangling enrollment of a kept class."""
        for user, class_, why in zip(self.user, self.class_, self.why, strict=True):
            if why == KEPT and classes.why[class_] == KEPT:
                yield user, class_


@dataclass(frozen=True, slots=True)
class EnrollmentRules:
    """What enrollments are judged by."""

    orgs: Orgs
    classes: Classes
    users: Places
    respect_dates: bool
    calendar: Calendar
    notes: Notes
    report: Callable[[Diagnostic], None]

    def read(self, entries: Iterable[Entry]) -> Enrollments:
        """Judge every live enrollment by itself: its references and its dates (rules 0.6 and 3)."""
        found = Enrollments(student_history=bytearray(len(self.users)))
        for entry in entries:
            if isinstance(entry.record, Enrollment):
                self._take(found, entry.sourced_id, entry.record, counted_as_bad=entry.rejection is not None)
        return found

    def school_of(self, record: Enrollment, class_: int) -> str | None:
        """The enrollment's own school, else that of its class, which is given by its place (rule 1)."""
        if record.school is not None:
            return record.school
        return None if class_ < 0 else self.classes.school[class_]

    def _take(self, found: Enrollments, sourced_id: str, record: Enrollment, *, counted_as_bad: bool) -> None:
        user, class_ = self.users.find(record.user), self.classes.ids.find(record.class_)
        school = self.school_of(record, class_)
        dangling = user < 0 or class_ < 0 or (record.school is not None and record.school not in self.orgs.live)
        found.schools.count(school, dangling=dangling and not counted_as_bad)
        if user >= 0 and record.role == STUDENT and school in self.orgs.selected:
            ended = self.calendar.ended(record.end_date)
            found.student_history[user] |= _SEEN if ended else _SEEN | _NOT_ENDED
        found.user.append(user)
        found.class_.append(class_)
        found.role.append(1 + ROLES.index(record.role) if record.role in ROLES else 0)
        found.why.append(self._why(sourced_id, record, school, dangling=dangling))

    def _why(self, sourced_id: str, record: Enrollment, school: str | None, *, dangling: bool) -> int:
        if dangling:
            missing = self._missing(record)
            self.report(_dangling(sourced_id, school, missing))
            because = f"the source does not have its {missing}"
            self.notes.say(Kind.ENROLLMENTS, sourced_id, "0", Reason.DANGLING_REFERENCE, because)
            return _DANGLING
        live = not self.respect_dates or self.calendar.covers(record.begin_date, record.end_date)
        if sourced_id in self.notes.watched[Kind.ENROLLMENTS]:
            because = "its dates do not matter while sync.respect_enrollment_dates is off"
            if self.respect_dates:
                because = f"it {self.calendar.told(record.begin_date, record.end_date)}"
            outcome = "kept" if live else Reason.ENROLLMENT_NOT_CURRENT
            self.notes.say(Kind.ENROLLMENTS, sourced_id, "3", outcome, because)
        return KEPT if live else _NOT_CURRENT

    def _missing(self, record: Enrollment) -> str:
        if record.user not in self.users:
            return f"user {record.user}"
        if record.class_ not in self.classes.ids:
            return f"class {record.class_}"
        return f"school {record.school}"


def settle(found: Enrollments, classes: Classes, users_why: bytearray, *, classes_on: bool) -> None:
    """Decide what rule 9 decides: an enrollment needs its class and its user kept. Idempotent."""
    why = found.why
    for place, (user, class_) in enumerate(zip(found.user, found.class_, strict=True)):
        if why[place] != KEPT:
            continue
        if not classes_on:
            why[place] = _CLASSES_OFF
        elif classes.why[class_] != KEPT:
            why[place] = _CLASS_EXCLUDED
        elif users_why[user] != KEPT:
            why[place] = _USER_EXCLUDED


def present_roles(found: Enrollments, classes: Classes) -> dict[str, bytearray]:
    """For each role that `class_requires` can name: one byte a class, set where it has a kept enrollment of it."""
    present = {role: bytearray(len(classes.ids)) for role in ROLES}
    flags = [None, *(present[role] for role in ROLES)]
    for class_, role, why in zip(found.class_, found.role, found.why, strict=True):
        flag = flags[role]
        if why == KEPT and flag is not None:
            flag[class_] = 1
    return present


def reason_at(found: Enrollments, place: int) -> Reason | None:
    """Why the enrollment at this place is excluded, None where it is kept."""
    return unpack(found.why[place])


def _dangling(sourced_id: str, school: str | None, missing: str) -> Diagnostic:
    return Diagnostic(
        Code.DATA_DANGLING,
        f"enrollment {sourced_id} is excluded: the source does not have its {missing}",
        "Ask why the SIS sends an enrollment without what it refers to; a filter there often leaves one side out.",
        Kind.ENROLLMENTS,
        sourced_id,
        school,
    )
