"""Records as the source last gave them, normalized by rule 0, and what the snapshot remembers of each.

Text is trimmed and never empty: what is absent is None. Dates are `YYYY-MM-DD` text, which compares
as the dates do. `modified` is dateLastModified as UTC text `YYYY-MM-DDTHH:MM:SS.ffffffZ`, and "" (the oldest)
where it is absent or unreadable. References are sourcedIds. The field order is the stored form: it only grows at
its end.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Org(msgspec.Struct, frozen=True, array_like=True):
    """An org (OneRoster §4): `type` is in the standard's spelling where it is one of the standard's."""

    name: str
    type: str
    identifier: str | None = None
    parent: str | None = None
    modified: str = ""


class Session(msgspec.Struct, frozen=True, array_like=True):
    """An academicSession; the end is exclusive in the standard (rule 3 for `end_dates`)."""

    type: str
    start_date: str
    end_date: str
    title: str | None = None
    parent: str | None = None
    school_year: str | None = None
    modified: str = ""


class Course(msgspec.Struct, frozen=True, array_like=True):
    """A course."""

    title: str
    course_code: str | None = None
    org: str | None = None
    modified: str = ""


class Class(msgspec.Struct, frozen=True, array_like=True):
    """A class; `sessions` are the sourcedIds of its terms."""

    title: str
    school: str
    class_code: str | None = None
    class_type: str | None = None
    course: str | None = None
    sessions: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    modified: str = ""


class Role(msgspec.Struct, frozen=True, array_like=True):
    """A role of a user: in 1.2 held in one org and for a time, in 1.1 held in all orgs of the user.

    `sourced_id` is known where roles are records of their own (CSV 1.2), for a delta to name one; no rule reads it.
    """

    role: str
    org: str | None = None
    begin_date: str | None = None
    end_date: str | None = None
    sourced_id: str | None = None


class User(msgspec.Struct, frozen=True, array_like=True):
    """A user; `orgs` is filled by 1.1, `roles[].org` by 1.2."""

    roles: tuple[Role, ...]
    orgs: tuple[str, ...] = ()
    primary_org: str | None = None
    enabled: bool = True
    username: str | None = None
    email: str | None = None
    given_name: str | None = None
    middle_name: str | None = None
    family_name: str | None = None
    identifier: str | None = None
    master_identifier: str | None = None
    grades: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    modified: str = ""


class Enrollment(msgspec.Struct, frozen=True, array_like=True):
    """An enrollment; `school` is its own, which may be absent."""

    user: str
    class_: str
    role: str
    school: str | None = None
    primary: bool | None = None
    begin_date: str | None = None
    end_date: str | None = None
    modified: str = ""


Record = Org | Session | Course | Class | User | Enrollment


class Rejection(msgspec.Struct, frozen=True, array_like=True):
    """Why a record was not accepted (rules 0.2, 0.3), and the schools that it names (rule 10)."""

    code: str
    field: str
    message: str
    schools: tuple[str, ...] = ()
    class_: str | None = None
    modified: str = ""


class Received(NamedTuple):
    """One row of a fetch: accepted (`record`), marked deleted, or rejected; exactly one of the three.

    A row without a sourcedId has a key of its own making in `sourced_id` that begins with NUL (see `nameless`).
    """

    sourced_id: str
    record: Record | None = None
    deleted_at: str | None = None
    rejection: Rejection | None = None


class Entry(NamedTuple):
    """What the snapshot knows of one sourcedId: the version in force, and a rejection since then (rule 0.4).

    Live: `record` is set. Deleted: `deleted`. Rejected without an earlier version: neither.
    """

    sourced_id: str
    record: Record | None = None
    deleted: bool = False
    rejection: Rejection | None = None


NAMELESS = "\0"
"""The first character of the key under which a record without sourcedId is remembered."""


class Put(NamedTuple):
    """Remember this of a sourcedId from now on."""

    entry: Entry


class Drop(NamedTuple):
    """Forget a sourcedId."""

    sourced_id: str


Op = Put | Drop
"""What changes in a snapshot."""
