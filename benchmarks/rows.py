"""The rows of a district, which JSON and CSV are made from; references are sourcedIds."""

from __future__ import annotations

from typing import NamedTuple


class Org(NamedTuple):
    """The district or a school."""

    sourced_id: str
    modified: str
    name: str
    type: str
    identifier: str
    parent: str


class Session(NamedTuple):
    """A school year, a semester or a term."""

    sourced_id: str
    modified: str
    title: str
    type: str
    begins: str
    ends: str
    parent: str


class Course(NamedTuple):
    """A subject in a grade."""

    sourced_id: str
    modified: str
    title: str
    code: str
    grade: str
    subject: str


class Class(NamedTuple):
    """A section's class in a subject."""

    sourced_id: str
    modified: str
    title: str
    code: str
    grade: str
    subject: str
    course: str
    school: str
    term: str


class User(NamedTuple):
    """A student, a teacher, a parent or somebody of the staff."""

    sourced_id: str
    modified: str
    role: str
    org: str
    username: str
    given: str
    middle: str
    family: str
    identifier: str
    grade: str
    agents: tuple[str, ...]


class Enrollment(NamedTuple):
    """A student or a teacher in a class."""

    sourced_id: str
    modified: str
    status: str
    role: str
    user: str
    class_: str
    school: str
    begins: str


Row = Org | Session | Course | Class | User | Enrollment
