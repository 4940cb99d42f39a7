"""A school district in memory: records by kind and sourcedId, in a neutral form that both versions are rendered from.

A record is a plain dict with OneRoster's field names. References are bare sourcedIds (`"school": "sch-01"`,
`"terms": ["ses-2026-t1"]`), and a user has the roles of 1.2 (`{"role", "org", "roleType"}`). Any other field is served
as it is, so that a test can put whatever it likes into a record. A copy of a record under another key is served beside
it, with the sourcedId that it says: that is how sources send duplicates.
"""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]

KINDS = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments", "demographics", "resources")
ALIASES = {"sessions": "academicSessions"}


def stamp(moment: datetime) -> str:
    """Render an aware datetime as OneRoster does: UTC with milliseconds and a Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Collection(UserDict[str, Record]):
    """The records of one kind by sourcedId; `edition` counts what is added or removed, so that orders can be kept."""

    edition: int = 0

    def __setitem__(self, sourced_id: str, record: Record) -> None:
        """Add or replace a record; every way of changing a UserDict comes through here or `__delitem__`."""
        self.data[sourced_id] = record
        self.edition += 1

    def __delitem__(self, sourced_id: str) -> None:
        """Take a record out as if it had never been there."""
        del self.data[sourced_id]
        self.edition += 1


@dataclass(slots=True)
class District:
    """All records of a district, by kind; `examples` names the sourcedIds of the special cases in it.

    `year` is the calendar year in which its school year begins, `numbers` the last number given to each prefix of ids.
    """

    year: int = 2026
    orgs: Collection = field(default_factory=Collection)
    academic_sessions: Collection = field(default_factory=Collection)
    courses: Collection = field(default_factory=Collection)
    classes: Collection = field(default_factory=Collection)
    users: Collection = field(default_factory=Collection)
    enrollments: Collection = field(default_factory=Collection)
    demographics: Collection = field(default_factory=Collection)
    resources: Collection = field(default_factory=Collection)
    examples: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def collection(self, kind: str) -> Collection:
        """Give a collection by OneRoster's name or ours (`academicSessions`, `sessions`); KeyError if unknown."""
        name = ALIASES.get(kind, kind)
        if name not in KINDS:
            raise KeyError(kind)
        found: Collection = getattr(self, "academic_sessions" if name == "academicSessions" else name)
        return found

    def add(self, kind: str, sourced_id: str, modified: str, **fields: object) -> Record:
        """Put a new active record into a collection; a field given as None is left out, `class_` means `class`."""
        record: Record = {"sourcedId": sourced_id, "status": "active", "dateLastModified": modified}
        record.update(_named(fields))
        self.collection(kind)[sourced_id] = record
        return record

    def touch(self, kind: str, sourced_id: str, now: datetime, **fields: object) -> Record:
        """Change fields (None takes one out, `class_` means `class`) and stamp the record; KeyError if it is absent."""
        collection = self.collection(kind)
        record = collection[sourced_id]
        for name in fields:
            record.pop(name.rstrip("_"), None)
        record.update(_named(fields), dateLastModified=stamp(now))
        collection.edition += 1
        return record

    def mark_deleted(self, kind: str, sourced_id: str, now: datetime) -> Record:
        """Mark a record `tobedeleted`, as a source does that tells of its deletions."""
        return self.touch(kind, sourced_id, now, status="tobedeleted")

    def drop(self, kind: str, sourced_id: str) -> Record:
        """Take a record out without a trace, as a source does that tells nothing; gives the record back."""
        collection = self.collection(kind)
        record = collection[sourced_id]
        del collection[sourced_id]
        return record

    def enrollments_of(self, user: str) -> Iterator[Record]:
        """Walk through the enrollments that name a user."""
        return (record for record in list(self.enrollments.data.values()) if record.get("user") == user)

    def counts(self) -> dict[str, int]:
        """Count the records of each kind."""
        return {kind: len(self.collection(kind)) for kind in KINDS}


def _named(fields: dict[str, object]) -> Record:
    """Turn keyword arguments into fields of a record."""
    return {name.rstrip("_"): value for name, value in fields.items() if value is not None}
