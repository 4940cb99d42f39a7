"""What each column holds: a type of value, or references to the records of a file (oneroster-reference §5)."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from rostersync.sources.csv.checks import values
from rostersync.sources.csv.checks.values import Check
from rostersync.sources.csv.layout import Version

_RACES = (
    *("americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican", "nativeHawaiianOrOtherPacificIslander"),
    *("white", "demographicRaceTwoOrMoreRaces", "hispanicOrLatinoEthnicity"),
)
_TYPES: dict[str, dict[str, str]] = {
    "academicSessions": {"type": "=session", "startDate": "day", "endDate": "day", "schoolYear": "year"},
    "orgs": {"type": "=org"},
    "courses": {"grades": "grades", "subjects": "items", "subjectCodes": "items"},
    "classes": {
        "grades": "grades",
        "classType": "=class",
        "termSourcedIds": "items",
        "subjects": "items",
        "subjectCodes": "items",
        "periods": "items",
    },
    "enrollments": {"role": "=enrollment", "primary": "truth", "beginDate": "day", "endDate": "day"},
    "users": {
        "enabledUser": "truth",
        "orgSourcedIds": "items",
        "role": "=role",
        "userIds": "user_ids",
        "email": "email",
        "agentSourcedIds": "items",
        "grades": "grades",
        "password": "password",
        "resourceSourcedIds": "items",
    },
    "roles": {"roleType": "=roleType", "role": "=role", "beginDate": "day", "endDate": "day"},
    "userProfiles": {"password": "password"},
    "demographics": {"birthDate": "day", "sex": "=sex", **dict.fromkeys(_RACES, "truth")},
    "resources": {"roles": "=*role", "importance": "=importance"},
}

REFERENCES: dict[str, dict[str, str]] = {
    "academicSessions": {"parentSourcedId": "academicSessions"},
    "orgs": {"parentSourcedId": "orgs"},
    "courses": {"schoolYearSourcedId": "academicSessions", "orgSourcedId": "orgs"},
    "classes": {"courseSourcedId": "courses", "schoolSourcedId": "orgs", "termSourcedIds": "academicSessions"},
    "enrollments": {"classSourcedId": "classes", "schoolSourcedId": "orgs", "userSourcedId": "users"},
    "users": {
        "orgSourcedIds": "orgs",
        "agentSourcedIds": "users",
        "primaryOrgSourcedId": "orgs",
        "resourceSourcedIds": "resources",
    },
    "roles": {"userSourcedId": "users", "orgSourcedId": "orgs", "userProfileSourcedId": "userProfiles"},
    "userProfiles": {"userSourcedId": "users"},
    "demographics": {"sourcedId": "users"},
    "classResources": {"classSourcedId": "classes", "resourceSourcedId": "resources"},
    "courseResources": {"courseSourcedId": "courses", "resourceSourcedId": "resources"},
    "userResources": {
        "userSourcedId": "users",
        "orgSourcedId": "orgs",
        "classSourcedId": "classes",
        "resourceSourcedId": "resources",
    },
}
"""Which column refers to the records of which file."""

DANGLING = {
    "orgs": "dangling-org",
    "academicSessions": "dangling-session",
    "courses": "dangling-course",
    "classes": "dangling-class",
    "users": "dangling-user",
    "resources": "dangling-resource",
    "userProfiles": "dangling-profile",
}
"""The rule that a reference to a record breaks that is not there."""


class Column(NamedTuple):
    """A column whose values are checked."""

    name: str
    check: Check


def columns(version: Version, file: str) -> list[Column]:
    """The columns of a file whose values have a form."""
    typed = [Column(name, _check(said, version)) for name, said in _TYPES.get(file, {}).items()]
    return [Column("sourcedId", partial(values.identifier, version=version)), *typed]


def _check(said: str, version: Version) -> Check:
    if said.startswith("=*"):
        return partial(values.members, check=values.enumeration(said[2:], "1.1"))
    if said.startswith("="):
        return values.enumeration(said[1:], version)
    if said == "grades":
        return partial(values.grades, version=version)
    found: Check = getattr(values, said)
    return found
