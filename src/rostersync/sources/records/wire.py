"""The records as servers send them: OneRoster's objects, and the flat fields of the CSV form that some send over REST.

Only the fields that are needed. Types are as loose as vendors are: what matters is that a page decodes in one go.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from rostersync.sources.records.fields import Ref

One = Ref | str | None
Many = list[Ref | str | None] | Ref | str | None

_Wire = TypeVar("_Wire", bound=msgspec.Struct)


class Base(msgspec.Struct, rename="camel", gc=False):
    """What every record has."""

    sourced_id: Any = None
    status: Any = None
    date_last_modified: Any = None


class Org(Base, rename="camel"):
    """An org."""

    name: Any = None
    type: Any = None
    identifier: Any = None
    parent: One = None
    parent_sourced_id: Any = None


class Session(Base, rename="camel"):
    """An academicSession."""

    title: Any = None
    type: Any = None
    start_date: Any = None
    end_date: Any = None
    school_year: Any = None
    parent: One = None
    parent_sourced_id: Any = None


class Course(Base, rename="camel"):
    """A course."""

    title: Any = None
    course_code: Any = None
    org: One = None
    org_sourced_id: Any = None


class Class(Base, rename="camel"):
    """A class."""

    title: Any = None
    class_code: Any = None
    class_type: Any = None
    grades: Any = None
    course: One = None
    course_sourced_id: Any = None
    school: One = None
    school_sourced_id: Any = None
    terms: Many = None
    term_sourced_ids: Any = None


class Enrollment(Base, rename="camel"):
    """An enrollment."""

    role: Any = None
    primary: Any = None
    begin_date: Any = None
    end_date: Any = None
    user: One = None
    user_sourced_id: Any = None
    class_: One = msgspec.field(name="class", default=None)
    class_sourced_id: Any = None
    school: One = None
    school_sourced_id: Any = None


class Role(msgspec.Struct, rename="camel", gc=False):
    """An entry of a 1.2 user's roles; over REST it has no sourcedId, in CSV it is a record of its own."""

    role: Any = None
    org: One = None
    org_sourced_id: Any = None
    begin_date: Any = None
    end_date: Any = None
    sourced_id: Any = None


class User(Base, rename="camel"):
    """A user of either version."""

    enabled_user: Any = None
    username: Any = None
    given_name: Any = None
    middle_name: Any = None
    family_name: Any = None
    identifier: Any = None
    user_master_identifier: Any = None
    email: Any = None
    grades: Any = None
    role: Any = None
    roles: list[Role] | None = None
    orgs: Many = None
    org_sourced_ids: Any = None
    primary_org: One = None
    primary_org_sourced_id: Any = None
    agents: Many = None
    agent_sourced_ids: Any = None


def loosely(wire: type[_Wire], row: dict[str, Any]) -> _Wire:
    """A record out of a row whose values have unusual types: they are taken as they are."""
    names = zip(wire.__struct_encode_fields__, wire.__struct_fields__, strict=True)
    return wire(**{attribute: row[name] for name, attribute in names if name in row})
