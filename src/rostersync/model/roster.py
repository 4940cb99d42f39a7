"""The rows of the applied roster, field for field the views of contract §4 without `integration` and `tenant`.

Lists are sorted tuples here and JSON text in the store. `None` is SQL NULL. Every row begins with its key.
"""

from __future__ import annotations

from typing import NamedTuple

from rostersync.model.kind import Kind

ACTIVE = "active"
DISABLED = "disabled"
ARCHIVED = "archived"


class OrgRow(NamedTuple):
    """A selected, known org."""

    sourced_id: str
    name: str
    type: str
    identifier: str | None
    parent_sourced_id: str | None
    mapped_to: str | None


class SessionRow(NamedTuple):
    """An academic session."""

    sourced_id: str
    title: str | None
    type: str
    start_date: str
    end_date: str
    parent_sourced_id: str | None
    school_year: str | None


class CourseRow(NamedTuple):
    """A course; its org only where the roster has it."""

    sourced_id: str
    title: str
    course_code: str | None
    org_sourced_id: str | None


class ClassRow(NamedTuple):
    """A class, active or archived."""

    sourced_id: str
    title: str
    class_code: str | None
    class_type: str | None
    course_sourced_id: str | None
    school_sourced_id: str
    session_sourced_ids: tuple[str, ...]
    grades: tuple[str, ...]
    state: str = ACTIVE


class UserRow(NamedTuple):
    """A user, active or disabled; `account_id` ties the user to the directory (rule 8)."""

    sourced_id: str
    role: str
    roles: tuple[str, ...]
    orgs: tuple[str, ...]
    username: str | None
    email: str | None
    given_name: str | None
    middle_name: str | None
    family_name: str | None
    identifier: str | None
    grades: tuple[str, ...]
    enabled: int
    account_id: str | None
    state: str = ACTIVE


class EnrollmentRow(NamedTuple):
    """An enrollment."""

    sourced_id: str
    class_sourced_id: str
    user_sourced_id: str
    school_sourced_id: str | None
    role: str
    is_primary: int
    begin_date: str | None
    end_date: str | None


class RelationshipRow(NamedTuple):
    """A parent of a student; its key is the pair."""

    student_sourced_id: str
    parent_sourced_id: str
    relationship: str


Row = OrgRow | SessionRow | CourseRow | ClassRow | UserRow | EnrollmentRow | RelationshipRow

ROWS: dict[Kind, type[Row]] = {
    Kind.ORGS: OrgRow,
    Kind.SESSIONS: SessionRow,
    Kind.COURSES: CourseRow,
    Kind.CLASSES: ClassRow,
    Kind.USERS: UserRow,
    Kind.ENROLLMENTS: EnrollmentRow,
    Kind.RELATIONSHIPS: RelationshipRow,
}

LISTS: frozenset[str] = frozenset({"session_sourced_ids", "grades", "roles", "orgs"})
"""The fields that hold a list."""
