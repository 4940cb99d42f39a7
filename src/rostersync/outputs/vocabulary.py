"""The words of OneRoster 1.1, OneRoster 1.2 and School Data Sync for one and the same thing (reference §4)."""

from __future__ import annotations

import re
from typing import Final

_EXTENSION = re.compile(r"ext:[A-Za-z0-9.\-_]+")

ORG_TYPES: Final = frozenset({"department", "school", "district", "local", "state", "national"})
SESSION_TYPES: Final = frozenset({"gradingPeriod", "semester", "schoolYear", "term"})
CLASS_TYPES: Final = frozenset({"homeroom", "scheduled"})
PARENTS: Final = frozenset({"parent", "guardian", "relative"})

_SAME_IN_1_1 = ("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher")
ROLES_1_1: Final = {
    **{role: role for role in _SAME_IN_1_1},
    "counselor": "aide",
    "districtAdministrator": "administrator",
    "principal": "administrator",
    "siteAdministrator": "administrator",
    "systemAdministrator": "administrator",
}
"""The roles of users in 1.1; those that came with 1.2 as what they were before."""

_ROLES_1_2 = frozenset(ROLES_1_1) - {"administrator"}
_ENROLLED_1_2 = frozenset({"administrator", "proctor", "student", "teacher"})
OVER_SCHOOLS: Final = frozenset({"district", "local", "state", "national"})

ROLES_SDS: Final = {
    "administrator": "administrator",
    "aide": "paraprofessional",
    "counselor": "advisor",
    "districtAdministrator": "administrator",
    "principal": "principal",
    "proctor": "proctor",
    "siteAdministrator": "administrator",
    "student": "student",
    "systemAdministrator": "itAdmin",
    "teacher": "teacher",
}
"""The roles of School Data Sync; parents have none there, relationships tell of them."""


def one_of(value: str | None, words: frozenset[str], instead: str, *, extensible: bool) -> str:
    """The value where it is one of the words, or an extension where those are allowed, else what stands instead."""
    if value and (value in words or (extensible and _EXTENSION.fullmatch(value))):
        return value
    return instead


def role_1_2(role: str, org_type: str) -> str | None:
    """A user's role in 1.2, which parts the administrators of 1.1 by where they are; None where it has no such role."""
    if role == "administrator":
        return "districtAdministrator" if org_type in OVER_SCHOOLS else "siteAdministrator"
    return role if role in _ROLES_1_2 or _EXTENSION.fullmatch(role) else None


def enrolled(role: str, version: str) -> str | None:
    """An enrollment's role in a version of OneRoster; None where it has no such role."""
    return ROLES_1_1.get(role) if version == "1.1" else enrolled_1_2(role)


def enrolled_1_2(role: str) -> str | None:
    """An enrollment's role in 1.2: one of four, others as extensions; None where it cannot be one."""
    if role in _ENROLLED_1_2 or _EXTENSION.fullmatch(role):
        return role
    extended = f"ext:{role}"
    return extended if _EXTENSION.fullmatch(extended) else None
