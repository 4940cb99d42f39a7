"""What a competent user would write instead: `python -m benchmarks.naive URL DATABASE` fetches pages into SQLite.

A loop of requests with one connection, pydantic models of what is kept, and `executemany` in one transaction. It
compares nothing, and knows no rules: what rostersync does beyond this is not in its time.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from typing import Any, Literal

import requests
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

PAGE = 1000


class Model(BaseModel):
    """A OneRoster object; fields that are not named are left out."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Ref(Model):
    """A reference to another record."""

    sourced_id: str


class Base(Model):
    """What every record has."""

    sourced_id: str
    status: Literal["active", "tobedeleted"] = "active"
    date_last_modified: str


class Org(Base):
    """An org."""

    name: str
    type: str
    identifier: str | None = None
    parent: Ref | None = None


class Session(Base):
    """An academic session."""

    title: str
    type: str
    start_date: str
    end_date: str
    parent: Ref | None = None


class Course(Base):
    """A course."""

    title: str
    course_code: str | None = None
    org: Ref | None = None


class Class(Base):
    """A class."""

    title: str
    class_code: str | None = None
    class_type: str | None = None
    course: Ref | None = None
    school: Ref
    terms: list[Ref] = []
    grades: list[str] = []


class Role(Model):
    """A role of a user of 1.2."""

    role: str
    org: Ref


class User(Base):
    """A user of either version."""

    enabled_user: bool = True
    username: str | None = None
    given_name: str
    middle_name: str | None = None
    family_name: str
    identifier: str | None = None
    email: str | None = None
    role: str | None = None
    roles: list[Role] = []
    orgs: list[Ref] = []
    agents: list[Ref] = []
    grades: list[str] = []


class Enrollment(Base):
    """An enrollment."""

    role: str
    primary: bool = False
    user: Ref
    class_: Ref = Field(alias="class")
    school: Ref
    begin_date: str | None = None
    end_date: str | None = None


def _id(ref: Ref | None) -> str | None:
    return ref.sourced_id if ref else None


def _ids(refs: list[Ref]) -> str:
    return ",".join(ref.sourced_id for ref in refs)


def _org(o: Org) -> tuple[Any, ...]:
    return o.sourced_id, o.status, o.date_last_modified, o.name, o.type, o.identifier, _id(o.parent)


def _session(s: Session) -> tuple[Any, ...]:
    return s.sourced_id, s.status, s.date_last_modified, s.title, s.type, s.start_date, s.end_date, _id(s.parent)


def _course(c: Course) -> tuple[Any, ...]:
    return c.sourced_id, c.status, c.date_last_modified, c.title, c.course_code, _id(c.org)


def _class(c: Class) -> tuple[Any, ...]:
    named = c.title, c.class_code, c.class_type, _id(c.course), c.school.sourced_id
    return c.sourced_id, c.status, c.date_last_modified, *named, _ids(c.terms), ",".join(c.grades)


def _user(u: User) -> tuple[Any, ...]:
    names = u.enabled_user, u.username, u.given_name, u.middle_name, u.family_name, u.identifier, u.email
    role = u.role or u.roles[0].role
    orgs = _ids(u.orgs or [role.org for role in u.roles])
    return u.sourced_id, u.status, u.date_last_modified, *names, role, orgs, _ids(u.agents), ",".join(u.grades)


def _enrollment(e: Enrollment) -> tuple[Any, ...]:
    links = e.user.sourced_id, e.class_.sourced_id, e.school.sourced_id
    return e.sourced_id, e.status, e.date_last_modified, e.role, e.primary, *links, e.begin_date, e.end_date


TABLES: dict[str, tuple[type[Base], Callable[[Any], tuple[Any, ...]], str]] = {
    "orgs": (Org, _org, "name, type, identifier, parent"),
    "academicSessions": (Session, _session, "title, type, begins, ends, parent"),
    "courses": (Course, _course, "title, code, org"),
    "classes": (Class, _class, "title, code, type, course, school, terms, grades"),
    "users": (
        User,
        _user,
        "enabled, username, given, middle, family, identifier, email, role, orgs, agents, grades",
    ),
    "enrollments": (Enrollment, _enrollment, "role, is_primary, user, class, school, begins, ends"),
}


def pages(session: requests.Session, url: str, collection: str) -> Iterator[list[dict[str, Any]]]:
    """The pages of a collection, one after the other."""
    offset, total = 0, 1
    while offset < total:
        answer = session.get(f"{url}/{collection}", params={"limit": PAGE, "offset": offset}, timeout=60)
        answer.raise_for_status()
        rows = answer.json()[collection]
        yield rows
        offset, total = offset + PAGE, int(answer.headers["X-Total-Count"])


def main(url: str, database: str) -> None:
    """Fetch everything, and say how many rows there are."""
    stored = 0
    with requests.Session() as session, sqlite3.connect(database) as connection:
        for collection, (model, values, columns) in TABLES.items():
            names = f"sourced_id TEXT PRIMARY KEY, status, modified, {columns}"
            connection.execute(f"CREATE TABLE IF NOT EXISTS {collection} ({names})")
            marks = ", ".join("?" * (3 + columns.count(",") + 1))
            insert = f"INSERT OR REPLACE INTO {collection} VALUES ({marks})"  # noqa: S608 - our own names
            for rows in pages(session, url, collection):
                connection.executemany(insert, [values(model.model_validate(row)) for row in rows])
                stored += len(rows)
    print(stored)  # noqa: T201 - a script


if __name__ == "__main__":
    main(*sys.argv[1:])
