"""Rule 10, the other half: what the roster does not have is not created through a held school alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from rostersync.engine.align import KEY, align
from rostersync.engine.classes import Classes
from rostersync.engine.enrollments import EnrollmentRules, Enrollments
from rostersync.engine.hold import Hold
from rostersync.engine.inputs import Roster
from rostersync.engine.notes import Notes
from rostersync.engine.parents import Links
from rostersync.engine.people import PARENT, STUDENT, People
from rostersync.engine.verdicts import KEPT, pack
from rostersync.model.decision import Reason
from rostersync.model.kind import Kind
from rostersync.model.roster import EnrollmentRow
from rostersync.model.snapshot import Enrollment, Entry

_HELD = pack(Reason.SCHOOL_HELD)


class Newcomers:
    """Excludes what would come into the roster through a held school alone."""

    def __init__(self, hold: Hold, roster: Roster, notes: Notes) -> None:
        """Judge by what is held, and by what the roster has."""
        self._hold = hold
        self._roster = roster
        self._notes = notes

    def exclude_classes(self, classes: Classes) -> None:
        """Exclude new classes of held schools."""
        known = self._known(Kind.CLASSES)
        for place, sourced_id in enumerate(classes.ids):
            if classes.why[place] == KEPT and classes.school[place] in self._hold.schools and sourced_id not in known:
                classes.why[place] = _HELD
                self._note(Kind.CLASSES, sourced_id)

    def exclude_users(self, people: People, links: Links) -> None:
        """Exclude new users whom no other school brings in, and new parents with no child outside the held schools."""
        known = self._known(Kind.USERS)
        outside = {parent for student, parent in links.sorted_pairs() if self.outside(people, student)}
        for place, sourced_id in enumerate(people.ids):
            groups = people.groups[place]
            if not groups or sourced_id in known:
                continue
            if not ((groups != PARENT and self._elsewhere(people, place)) or (groups & PARENT and place in outside)):
                people.exclude(place, Reason.SCHOOL_HELD)
                self._note(Kind.USERS, sourced_id)

    def outside(self, people: People, student: int) -> bool:
        """Whether a kept student has another school than the held ones."""
        return bool(people.groups[student] & STUDENT) and self._elsewhere(people, student)

    def exclude_enrollments(self, entries: Iterable[Entry], rules: EnrollmentRules, found: Enrollments) -> None:
        """Exclude new enrollments of held schools; the entries are those that were read."""
        rows = cast("Iterable[EnrollmentRow]", self._roster.rows(Kind.ENROLLMENTS))
        place = -1
        for entry, row in align(entries, rows, KEY, KEY):
            if entry is None or not isinstance(entry.record, Enrollment):
                continue
            place += 1
            school = rules.school_of(entry.record, found.class_[place])
            if row is None and found.why[place] == KEPT and school in self._hold.schools:
                found.why[place] = _HELD
                self._note(Kind.ENROLLMENTS, entry.sourced_id)

    def relationships(self, people: People, pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """The relationships but for new ones of students whom only held schools have."""
        known = {(row[0], row[1]) for row in self._roster.rows(Kind.RELATIONSHIPS)}
        return (
            (student, parent)
            for student, parent in pairs
            if (people.ids[student], people.ids[parent]) in known or self.outside(people, student)
        )

    def _elsewhere(self, people: People, place: int) -> bool:
        schools = (*people.standing[place].open, *people.via.get(place, ()))
        return any(school not in self._hold.schools for school in schools)

    def _known(self, kind: Kind) -> frozenset[str]:
        return frozenset(str(row[0]) for row in self._roster.rows(kind))

    def _note(self, kind: Kind, sourced_id: str) -> None:
        because = "its school is held today, and the roster does not have it yet"
        self._notes.say(kind, sourced_id, "10", Reason.SCHOOL_HELD, because)
