"""Reporting what the snapshot remembers as rejected (rules 0.2 to 0.4), and counting it by school for rule 10."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.snapshot import NAMELESS, Class, Enrollment, Entry, Rejection


@dataclass(slots=True)
class Rejections:
    """The rejected records: reported, counted, and counted against the schools that rule 10 asks about."""

    report: Callable[[Diagnostic], None]
    count: int = 0
    by_school: Counter[str] = field(default_factory=Counter)
    new_by_school: Counter[str] = field(default_factory=Counter)

    def watch(
        self, kind: Kind, entries: Iterable[Entry], schools_of: Callable[[Entry], Iterable[str | None]] | None = None
    ) -> Iterator[Entry]:
        """Pass the entries through, reporting every rejection among them; `schools_of` names whose it is."""
        for entry in entries:
            if entry.rejection is not None:
                self.count += 1
                self.report(_rejected(kind, entry, entry.rejection))
                if schools_of is not None:
                    self._blame(
                        {school for school in schools_of(entry) if school is not None}, new=entry.record is None
                    )
            yield entry

    def _blame(self, schools: Iterable[str], *, new: bool) -> None:
        """Count a rejection against its schools; without an earlier version it is no live record of theirs."""
        for school in schools:
            self.by_school[school] += 1
            self.new_by_school[school] += new


def named_schools(entry: Entry) -> tuple[str, ...]:
    """The schools that a rejected record names itself."""
    return entry.rejection.schools if entry.rejection is not None else ()


def schools_of_class(entry: Entry) -> tuple[str, ...]:
    """The school of a rejected class: its earlier version's, else the one it names."""
    return (entry.record.school,) if isinstance(entry.record, Class) else named_schools(entry)


def schools_of_enrollment(entry: Entry, school_of_class: Callable[[str], str | None]) -> tuple[str | None, ...]:
    """The school of a rejected enrollment: its earlier version's, else the one it names, else its class's."""
    if isinstance(entry.record, Enrollment):
        return (entry.record.school or school_of_class(entry.record.class_),)
    class_ = entry.rejection.class_ if entry.rejection is not None else None
    return named_schools(entry) or (() if class_ is None else (school_of_class(class_),))


def _rejected(kind: Kind, entry: Entry, rejection: Rejection) -> Diagnostic:
    stays = "; its earlier version stays in force" if entry.record is not None else ""
    nameless = entry.sourced_id.startswith(NAMELESS)
    name = "a record without sourcedId" if nameless else entry.sourced_id
    return Diagnostic(
        Code(rejection.code),
        f"{name} is rejected: {rejection.field} {rejection.message}{stays}",
        "Correct the record in the SIS; it removes nothing until then.",
        kind,
        None if nameless else entry.sourced_id,
        rejection.schools[0] if rejection.schools else None,
    )
