"""The rows that kept records become, and a label for each that a person can read."""

from __future__ import annotations

from collections.abc import Container

from rostersync.engine.people import People
from rostersync.model.roster import ClassRow, CourseRow, EnrollmentRow, SessionRow, UserRow
from rostersync.model.snapshot import Class, Course, Enrollment, Session, User


def session_row(sourced_id: str, record: Session, sessions: Container[str]) -> SessionRow:
    """The row of a session; its parent only where the snapshot has it."""
    parent = record.parent if record.parent in sessions else None
    return SessionRow(
        sourced_id, record.title, record.type, record.start_date, record.end_date, parent, record.school_year
    )


def course_row(sourced_id: str, record: Course, orgs: Container[str]) -> CourseRow:
    """The row of a course; its org only where the roster has it."""
    return CourseRow(sourced_id, record.title, record.course_code, record.org if record.org in orgs else None)


def class_row(sourced_id: str, record: Class, courses: Container[str], sessions: Container[str]) -> ClassRow:
    """The row of a class; its course and sessions only where the snapshot has them."""
    return ClassRow(
        sourced_id,
        record.title,
        record.class_code,
        record.class_type,
        record.course if record.course in courses else None,
        record.school,
        tuple(sorted({session for session in record.sessions if session in sessions})),
        tuple(sorted(set(record.grades))),
    )


def user_row(sourced_id: str, record: User, people: People, place: int, account_id: str | None) -> UserRow:
    """The row of a kept user (rule 2, last paragraph)."""
    return UserRow(
        sourced_id,
        people.role(place),
        people.standing[place].roles,
        people.orgs(place),
        record.username,
        record.email,
        record.given_name,
        record.middle_name,
        record.family_name,
        record.identifier,
        tuple(sorted(set(record.grades))),
        int(record.enabled),
        account_id,
    )


def enrollment_row(sourced_id: str, record: Enrollment, school: str | None) -> EnrollmentRow:
    """The row of an enrollment; `primary` only means something for teachers (rule 9)."""
    primary = record.role == "teacher" and bool(record.primary)
    return EnrollmentRow(
        sourced_id, record.class_, record.user, school, record.role, int(primary), record.begin_date, record.end_date
    )
