"""Rows as the JSON objects of OneRoster 1.1 and 1.2, with the usual fields, also those that rostersync does not keep.

The texts of `benchmarks.district` need no escaping, so that a format is enough, and a million records a matter of
seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.district import DISTRICT, YEAR
from benchmarks.rows import Class, Course, Enrollment, Org, Row, Session, User

ROOTS = {"1.1": "/ims/oneroster/v1p1", "1.2": "/ims/oneroster/rostering/v1p2"}


class Wire:
    """Renders the rows of one version."""

    def __init__(self, version: str) -> None:
        """Prepare the beginning of all hrefs."""
        self._root = f"https://sis.example.org{ROOTS[version]}"
        user = self.user_v1p1 if version == "1.1" else self.user_v1p2
        self._renderers: dict[type, Callable[[Any], str]] = {
            Org: self.org,
            Session: self.session,
            Course: self.course,
            Class: self.class_,
            Enrollment: self.enrollment,
            User: user,
        }

    def object(self, row: Row) -> str:
        """A row as a JSON object."""
        return self._renderers[type(row)](row)

    def ref(self, collection: str, kind: str, sourced_id: str) -> str:
        """A GUIDRef."""
        return f'{{"href":"{self._root}/{collection}/{sourced_id}","sourcedId":"{sourced_id}","type":"{kind}"}}'

    def org(self, row: Org) -> str:
        """An org."""
        parent = f',"parent":{self.ref("orgs", "org", row.parent)}' if row.parent else ""
        return f'{_base(row)},"name":"{row.name}","type":"{row.type}","identifier":"{row.identifier}"{parent}}}'

    def session(self, row: Session) -> str:
        """An academic session."""
        parent = f',"parent":{self.ref("academicSessions", "academicSession", row.parent)}' if row.parent else ""
        dates = f'"startDate":"{row.begins}","endDate":"{row.ends}"'
        return f'{_base(row)},"title":"{row.title}","type":"{row.type}",{dates},"schoolYear":"2027"{parent}}}'

    def course(self, row: Course) -> str:
        """A course."""
        return (
            f'{_base(row)},"title":"{row.title}","courseCode":"{row.code}","grades":["{row.grade}"],'
            f'"subjects":["{row.subject}"],"subjectCodes":["{row.code[:3]}"],"org":{self.ref("orgs", "org", DISTRICT)},'
            f'"schoolYear":{self.ref("academicSessions", "academicSession", YEAR)}}}'
        )

    def class_(self, row: Class) -> str:
        """A class."""
        kind = "homeroom" if row.subject == "Homeroom" else "scheduled"
        return (
            f'{_base(row)},"title":"{row.title}","classCode":"{row.code}","classType":"{kind}","location":"Room 101",'
            f'"grades":["{row.grade}"],"subjects":["{row.subject}"],"subjectCodes":["{row.code[:3]}"],"periods":["1"],'
            f'"course":{self.ref("courses", "course", row.course)},"school":{self.ref("orgs", "org", row.school)},'
            f'"terms":[{self.ref("academicSessions", "academicSession", row.term)}]}}'
        )

    def enrollment(self, row: Enrollment) -> str:
        """An enrollment."""
        primary = "true" if row.role == "teacher" else "false"
        return (
            f'{_base(row, row.status)},"role":"{row.role}","primary":"{primary}",'
            f'"user":{self.ref("users", "user", row.user)},"class":{self.ref("classes", "class", row.class_)},'
            f'"school":{self.ref("orgs", "org", row.school)},"beginDate":"{row.begins}","endDate":"2027-06-15"}}'
        )

    def user_v1p1(self, row: User) -> str:
        """A user of 1.1: one role, in all of their orgs."""
        return (
            f'{_base(row)},"username":"{row.username}","userIds":[{{"type":"SIS","identifier":"{row.identifier}"}}],'
            f'"enabledUser":"true","givenName":"{row.given}","familyName":"{row.family}",{_name(row)}'
            f'"role":"{row.role}","identifier":"{row.identifier}","email":"{row.username}@example.org","sms":"",'
            f'"phone":"555-0100","agents":{self._agents(row)},"orgs":[{self.ref("orgs", "org", row.org)}],'
            f'"grades":{_grades(row)},"password":""}}'
        )

    def user_v1p2(self, row: User) -> str:
        """A user of 1.2: a list of roles, and profiles."""
        org, role = self.ref("orgs", "org", row.org), _ROLES_V1P2.get(row.role, row.role)
        return (
            f'{_base(row)},"userMasterIdentifier":"m-{row.identifier}","username":"{row.username}",'
            f'"userIds":[{{"type":"SIS","identifier":"{row.identifier}"}}],"enabledUser":"true",'
            f'"givenName":"{row.given}","familyName":"{row.family}",{_name(row)}"preferredFirstName":"{row.given}",'
            f'"roles":[{{"roleType":"primary","role":"{role}","org":{org}}}],"primaryOrg":{org},'
            f'"userProfiles":[{{"profileId":"p-{row.identifier}","profileType":"LMS","vendorId":"example"}}],'
            f'"identifier":"{row.identifier}","email":"{row.username}@example.org","phone":"555-0100",'
            f'"agents":{self._agents(row)},"grades":{_grades(row)}}}'
        )

    def _agents(self, row: User) -> str:
        return f"[{','.join(self.ref('users', 'user', agent) for agent in row.agents)}]"


_ROLES_V1P2 = {"administrator": "principal"}


def _base(row: Row, status: str = "active") -> str:
    """The beginning of an object: what every record has."""
    metadata = '"metadata":{"sis.source":"synthetic","sis.row":"v1"}'
    return f'{{"sourcedId":"{row.sourced_id}","status":"{status}","dateLastModified":"{row.modified}",{metadata}'


def _name(row: User) -> str:
    return f'"middleName":"{row.middle}",' if row.middle else ""


def _grades(row: User) -> str:
    return f'["{row.grade}"]' if row.grade else "[]"
