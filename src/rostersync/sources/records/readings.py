"""What both versions have in common: the wire's records into those of the snapshot (rule 0, oneroster-reference §4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from rostersync.model import snapshot
from rostersync.model.kind import Kind
from rostersync.sources.records import wire
from rostersync.sources.records.fields import (
    CLASS_TYPES,
    ORG_TYPES,
    ROLES,
    SESSION_TYPES,
    clean,
    day,
    needed,
    ref,
    refs,
    spelled,
    text,
    texts,
    truth,
)


class Named(NamedTuple):
    """The schools and the class that a record names, also one that is rejected (rule 10)."""

    schools: tuple[str, ...] = ()
    class_: str | None = None


class Reading(NamedTuple):
    """How one collection is read: its wire type, the record (with its `modified`), and what it names."""

    wire: type[wire.Base]
    record: Callable[[Any, str], snapshot.Record]
    named: Callable[[Any], Named]


def org(sent: wire.Org, modified: str) -> snapshot.Org:
    """An org; name and type are required."""
    return snapshot.Org(
        name=needed(text(sent.name), "name"),
        type=needed(spelled(sent.type, ORG_TYPES), "type"),
        identifier=text(sent.identifier),
        parent=ref(sent.parent, sent.parent_sourced_id),
        modified=modified,
    )


def session(sent: wire.Session, modified: str) -> snapshot.Session:
    """An academicSession; type and both dates are required."""
    return snapshot.Session(
        type=needed(spelled(sent.type, SESSION_TYPES), "type"),
        start_date=needed(day(sent.start_date, "startDate"), "startDate"),
        end_date=needed(day(sent.end_date, "endDate"), "endDate"),
        title=text(sent.title),
        parent=ref(sent.parent, sent.parent_sourced_id),
        school_year=text(sent.school_year),
        modified=modified,
    )


def course(sent: wire.Course, modified: str) -> snapshot.Course:
    """A course; its title is required."""
    return snapshot.Course(
        title=needed(text(sent.title), "title"),
        course_code=text(sent.course_code),
        org=ref(sent.org, sent.org_sourced_id),
        modified=modified,
    )


def class_(sent: wire.Class, modified: str) -> snapshot.Class:
    """A class; title and school are required."""
    return snapshot.Class(
        title=needed(text(sent.title), "title"),
        school=needed(ref(sent.school, sent.school_sourced_id), "school"),
        class_code=text(sent.class_code),
        class_type=spelled(sent.class_type, CLASS_TYPES),
        course=ref(sent.course, sent.course_sourced_id),
        sessions=refs(sent.terms, sent.term_sourced_ids),
        grades=texts(sent.grades),
        modified=modified,
    )


def enrollment(sent: wire.Enrollment, modified: str) -> snapshot.Enrollment:
    """An enrollment; user, class and role are required."""
    return snapshot.Enrollment(
        needed(ref(sent.user, sent.user_sourced_id), "user"),
        needed(ref(sent.class_, sent.class_sourced_id), "class"),
        needed(spelled(sent.role, ROLES), "role"),
        ref(sent.school, sent.school_sourced_id),
        truth(sent.primary),
        day(sent.begin_date, "beginDate"),
        day(sent.end_date, "endDate"),
        modified,
    )


def user(sent: wire.User, roles: tuple[snapshot.Role, ...], orgs: tuple[str, ...], modified: str) -> snapshot.User:
    """A user whose roles and orgs the version has found."""
    enabled = truth(sent.enabled_user)
    return snapshot.User(
        roles=roles,
        orgs=orgs,
        primary_org=ref(sent.primary_org, sent.primary_org_sourced_id),
        enabled=True if enabled is None else enabled,
        username=text(sent.username),
        email=text(sent.email),
        given_name=text(sent.given_name),
        middle_name=text(sent.middle_name),
        family_name=text(sent.family_name),
        identifier=text(sent.identifier),
        master_identifier=text(sent.user_master_identifier),
        grades=texts(sent.grades),
        agents=refs(sent.agents, sent.agent_sourced_ids),
        modified=modified,
    )


def roles(value: object) -> tuple[snapshot.Role, ...]:
    """The usable entries of a 1.2 user's roles: those that have a role.

    Raises:
        Refused: an entry has a date that is none.
    """
    entries = value if isinstance(value, list) else [value]
    return tuple(role for entry in entries if (role := _role(entry)) is not None)


def role_orgs(value: object) -> tuple[str | None, ...]:
    """The orgs that the entries of a 1.2 user's roles name, whether or not the entries are usable."""
    entries = value if isinstance(value, list) else [value]
    sent = (_entry(entry) for entry in entries)
    return tuple(ref(entry.org, entry.org_sourced_id) for entry in sent if entry is not None)


def _role(value: object) -> snapshot.Role | None:
    sent = _entry(value)
    name = None if sent is None else spelled(sent.role, ROLES)
    if sent is None or name is None:
        return None
    return snapshot.Role(
        name,
        ref(sent.org, sent.org_sourced_id),
        day(sent.begin_date, "roles.beginDate"),
        day(sent.end_date, "roles.endDate"),
        text(sent.sourced_id),
    )


def _entry(value: object) -> wire.Role | None:
    if isinstance(value, wire.Role):
        return value
    if isinstance(value, dict):
        return wire.loosely(wire.Role, value)
    return wire.Role(role=value) if isinstance(value, str) else None


def _nothing(sent: wire.Base) -> Named:
    """Orgs and sessions belong to no school (rule 10 counts neither)."""
    del sent
    return Named()


def _of_course(sent: wire.Course) -> Named:
    return Named(clean([ref(sent.org, sent.org_sourced_id)]))


def _of_class(sent: wire.Class) -> Named:
    return Named(clean([ref(sent.school, sent.school_sourced_id)]))


def _of_enrollment(sent: wire.Enrollment) -> Named:
    schools = clean([ref(sent.school, sent.school_sourced_id)])
    return Named(schools, next(iter(clean([ref(sent.class_, sent.class_sourced_id)])), None))


def _of_user(sent: wire.User) -> Named:
    orgs = (*refs(sent.orgs, sent.org_sourced_ids), *role_orgs(sent.roles))
    return Named(clean([*orgs, ref(sent.primary_org, sent.primary_org_sourced_id)]))


def readings(read_user: Callable[[wire.User, str], snapshot.User]) -> dict[Kind, Reading]:
    """How each collection is read, with the version's own way to read a user."""
    return {
        Kind.ORGS: Reading(wire.Org, org, _nothing),
        Kind.SESSIONS: Reading(wire.Session, session, _nothing),
        Kind.COURSES: Reading(wire.Course, course, _of_course),
        Kind.CLASSES: Reading(wire.Class, class_, _of_class),
        Kind.USERS: Reading(wire.User, read_user, _of_user),
        Kind.ENROLLMENTS: Reading(wire.Enrollment, enrollment, _of_enrollment),
    }
