"""The kinds of things in a roster, and what a fetch covers of each."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """A kind of record or row, spelled as everywhere in contract §3."""

    ORGS = "orgs"
    SESSIONS = "sessions"
    COURSES = "courses"
    CLASSES = "classes"
    USERS = "users"
    ENROLLMENTS = "enrollments"
    RELATIONSHIPS = "relationships"

    # That of Enum runs in Python, and every row of a district is looked up by its kind.
    __hash__ = str.__hash__


# Relationships are made by rule 6 out of users: no source has them as a collection.
COLLECTIONS = (Kind.ORGS, Kind.SESSIONS, Kind.COURSES, Kind.CLASSES, Kind.USERS, Kind.ENROLLMENTS)


class Coverage(StrEnum):
    """What one fetch says about a collection (rule 11); only FULL lets absence mean deletion."""

    FULL = "full"
    DELTA = "delta"
    NONE = "none"
