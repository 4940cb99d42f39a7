"""The nested reads of OneRoster: the classes of a school, the students of a class and so on (oneroster §1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rostersync.demo.district import Record
from rostersync.demo.reader import Reader

Select = Callable[..., list[Record]]


def _school_courses(reader: Reader, school: str) -> list[Record]:
    """Give the courses that belong to a school or are taught in it."""
    taught = {row.get("course") for row in _school_classes(reader, school)}
    return [row for row in reader.rows("courses") if row.get("sourcedId") in taught or row.get("org") == school]


def _school_classes(reader: Reader, school: str) -> list[Record]:
    """Give the classes of a school."""
    return [row for row in reader.rows("classes") if row.get("school") == school]


def _school_enrollments(reader: Reader, school: str) -> list[Record]:
    """Give the enrollments of a school."""
    return [row for row in reader.rows("enrollments") if row.get("school") == school]


def _school_people(collection: str) -> Select:
    """Give the students or teachers who hold that role in a school."""
    role = collection.removesuffix("s")

    def select(reader: Reader, school: str) -> list[Record]:
        """Select them."""
        place = {"role": role, "org": school}
        return [row for row in reader.rows(collection) if any(place.items() <= held.items() for held in row["roles"])]

    return select


def _school_terms(reader: Reader, school: str) -> list[Record]:
    """Give the terms of a school: those that its classes name, and those within sessions that they name."""
    named = {term for row in _school_classes(reader, school) for term in row.get("terms", [])}
    return [row for row in reader.rows("terms") if not named.isdisjoint(_line(reader, row))]


def _line(reader: Reader, session: Record) -> Iterator[str]:
    """Walk from a session up through its ancestors, stopping where one comes again."""
    seen: set[str] = set()
    current: Record | None = session
    while current is not None and current["sourcedId"] not in seen:
        seen.add(current["sourcedId"])
        yield current["sourcedId"]
        current = reader.district.academic_sessions.get(current.get("parent", ""))


def _class_enrollments(reader: Reader, school: str, class_id: str) -> list[Record]:
    """Give the enrollments of a class in a school."""
    rows = _school_enrollments(reader, school)
    return [row for row in rows if row.get("class") == class_id]


def _class_people(role: str) -> Select:
    """Give the users who are enrolled in a class in a role."""

    def select(reader: Reader, *ids: str) -> list[Record]:
        """Select them; the class is the last id, a school may stand before it."""
        place = {"class": ids[-1], "role": role}
        enrolled = {row.get("user") for row in reader.rows("enrollments") if place.items() <= row.items()}
        return [row for row in reader.rows("users") if row.get("sourcedId") in enrolled]

    return select


def _user_classes(reader: Reader, user: str) -> list[Record]:
    """Give the classes that a user is enrolled in."""
    enrolled = {row.get("class") for row in reader.rows("enrollments") if row.get("user") == user}
    return [row for row in reader.rows("classes") if row.get("sourcedId") in enrolled]


def _course_classes(reader: Reader, course: str) -> list[Record]:
    """Give the classes of a course."""
    return [row for row in reader.rows("classes") if row.get("course") == course]


def _term_classes(reader: Reader, term: str) -> list[Record]:
    """Give the classes that name a term."""
    return [row for row in reader.rows("classes") if term in row.get("terms", [])]


def _term_periods(reader: Reader, term: str) -> list[Record]:
    """Give the grading periods of a term."""
    return [row for row in reader.rows("gradingPeriods") if row.get("parent") == term]


def _resources(collection: str) -> Select:
    """Give the resources that a record of a collection names."""

    def select(reader: Reader, sourced_id: str) -> list[Record]:
        """Select them."""
        record = reader.one(collection, sourced_id) or {}
        return [row for row in reader.rows("resources") if row.get("sourcedId") in record.get("resources", [])]

    return select


# The path without its ids, and what it selects.
NESTED: dict[tuple[str, ...], Select] = {
    ("schools", "courses"): _school_courses,
    ("schools", "classes"): _school_classes,
    ("schools", "enrollments"): _school_enrollments,
    ("schools", "students"): _school_people("students"),
    ("schools", "teachers"): _school_people("teachers"),
    ("schools", "terms"): _school_terms,
    ("schools", "classes", "enrollments"): _class_enrollments,
    ("schools", "classes", "students"): _class_people("student"),
    ("schools", "classes", "teachers"): _class_people("teacher"),
    ("classes", "students"): _class_people("student"),
    ("classes", "teachers"): _class_people("teacher"),
    ("courses", "classes"): _course_classes,
    ("terms", "classes"): _term_classes,
    ("terms", "gradingPeriods"): _term_periods,
    ("students", "classes"): _user_classes,
    ("teachers", "classes"): _user_classes,
    ("users", "classes"): _user_classes,
    ("courses", "resources"): _resources("courses"),
    ("classes", "resources"): _resources("classes"),
    ("users", "resources"): _resources("users"),
}


def select_nested(reader: Reader, names: tuple[str, ...], ids: tuple[str, ...]) -> list[Record] | None:
    """Give what a nested path selects, or None where a record that it passes through is not there."""
    parents = [reader.one(name, sourced_id) for name, sourced_id in zip(names, ids, strict=False)]
    if None in parents:
        return None
    if names[:2] == ("schools", "classes") and len(ids) > 1 and (parents[1] or {}).get("school") != ids[0]:
        return None
    return NESTED[names](reader, *ids)
