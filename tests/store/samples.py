"""Values for the tests of the store: examples of every kind, and strategies that make difficult ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import rostersync
from rostersync.model.kind import COLLECTIONS, Kind
from rostersync.model.roster import (
    ClassRow,
    CourseRow,
    EnrollmentRow,
    OrgRow,
    RelationshipRow,
    Row,
    SessionRow,
    UserRow,
)
from rostersync.model.snapshot import (
    NAMELESS,
    Class,
    Course,
    Enrollment,
    Entry,
    Org,
    Record,
    Rejection,
    Role,
    Session,
    User,
)

ENVIRONMENT = {"PYTHONPATH": str(Path(rostersync.__file__).parents[1])}
"""What a process that a test starts needs to find the package."""

HARD_TEXTS = ("'; DROP TABLE user; --", "O'Brien", '"', "a|b", "ünï", "学校", "🎓", "\0x", "%s", "x" * 300)

RECORDS: dict[Kind, Record] = {
    Kind.ORGS: Org("North High", "school", "11004", "d1", "2026-08-01T00:00:00.000000Z"),
    Kind.SESSIONS: Session("term", "2026-08-15", "2027-01-15", "Fall", None, "2027"),
    Kind.COURSES: Course("Algebra", "ALG1", "d1"),
    Kind.CLASSES: Class("7B", "s1", "7B-1", "scheduled", "co1", ("t1", "t2"), ("07",)),
    Kind.USERS: User((Role("student", "s1", "2026-08-15"),), ("s1",), "s1", email="a@example.org", agents=("p1",)),
    Kind.ENROLLMENTS: Enrollment("u1", "c1", "student", "s1", primary=False, begin_date="2026-08-15"),
}

ROWS: dict[Kind, Row] = {
    Kind.ORGS: OrgRow("o1", "North High", "school", "11004", "d1", "north-high"),
    Kind.SESSIONS: SessionRow("t1", None, "term", "2026-08-15", "2027-01-15", None, "2027"),
    Kind.COURSES: CourseRow("co1", "Algebra", None, "d1"),
    Kind.CLASSES: ClassRow("c1", "7B", None, "scheduled", "co1", "s1", ("t1", "t2"), ("07",)),
    Kind.USERS: UserRow(
        "u1", "student", ("student",), ("s1",), None, "a@example.org", "Ann", None, "Lee", None, (), 1, None
    ),
    Kind.ENROLLMENTS: EnrollmentRow("e1", "c1", "u1", None, "student", 0, "2026-08-15", None),
    Kind.RELATIONSHIPS: RelationshipRow("u1", "p1", "parent"),
}

texts = st.one_of(st.sampled_from(HARD_TEXTS), st.text(min_size=1, max_size=30))
optional = st.none() | texts
lists = st.lists(texts, max_size=3).map(tuple)
keys = st.one_of(texts, texts.map(lambda text: NAMELESS + text))


def _struct(kind: Kind) -> st.SearchStrategy[Any]:
    """Make records of one kind out of difficult texts."""
    many = {
        Kind.ORGS: st.builds(Org, texts, texts, optional, optional, st.just("") | texts),
        Kind.SESSIONS: st.builds(Session, texts, texts, texts, optional, optional, optional),
        Kind.COURSES: st.builds(Course, texts, optional, optional),
        Kind.CLASSES: st.builds(Class, texts, texts, optional, optional, optional, lists, lists),
        Kind.USERS: st.builds(
            User,
            st.lists(st.builds(Role, texts, optional, optional, optional), min_size=1, max_size=3).map(tuple),
            lists,
            optional,
            st.booleans(),
            email=optional,
            agents=lists,
        ),
        Kind.ENROLLMENTS: st.builds(Enrollment, texts, texts, texts, optional, st.none() | st.booleans()),
    }
    return many[kind]


rejections = st.builds(Rejection, texts, texts, texts, lists, optional)
kinds = st.sampled_from(COLLECTIONS)


def entries(kind: Kind) -> st.SearchStrategy[list[Entry]]:
    """Make the entries of one collection, each sourcedId once, in no order."""
    live = st.tuples(keys, _struct(kind), st.just(value=False), st.none() | rejections)
    deleted = st.tuples(keys, st.none(), st.just(value=True), st.none() | rejections)
    rejected = st.tuples(keys, st.none(), st.just(value=False), rejections)
    every = (live | deleted | rejected).map(Entry._make)
    return st.lists(every, max_size=12, unique_by=lambda entry: entry.sourced_id)


collections: st.SearchStrategy[tuple[Kind, list[Entry]]] = kinds.flatmap(
    lambda kind: st.tuples(st.just(kind), entries(kind))
)
