"""Renders neutral records as the JSON objects of OneRoster 1.1 and 1.2.

The versions differ in users alone: 1.1 has one role and many orgs, so that a person with two roles is two users, the
second named `<sourcedId>-<role>`; 1.2 has a list of roles, a primary org and profiles (oneroster §4, §6.9).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import quote

from rostersync.demo.district import Collection, Record

Wire = dict[str, Any]

COLLECTION_OF = {
    "org": "orgs",
    "academicSession": "academicSessions",
    "course": "courses",
    "class": "classes",
    "user": "users",
    "resource": "resources",
}
# The fields of each kind that refer to another record, with the type of what they refer to.
REFERENCES: dict[str, dict[str, str]] = {
    "orgs": {"parent": "org", "children": "org"},
    "academicSessions": {"parent": "academicSession", "children": "academicSession"},
    "courses": {"org": "org", "schoolYear": "academicSession", "resources": "resource"},
    "classes": {"course": "course", "school": "org", "terms": "academicSession", "resources": "resource"},
    "enrollments": {"user": "user", "class": "class", "school": "org"},
    "users": {"agents": "user", "orgs": "org", "primaryOrg": "org", "resources": "resource"},
    "demographics": {},
    "resources": {},
}
ONLY_V1P2 = (
    "roles",
    "primaryOrg",
    "userMasterIdentifier",
    "pronouns",
    "resources",
    "preferredFirstName",
    "preferredLastName",
)
# The roles of 1.2 that 1.1 does not know, by the nearest that it does.
ROLES_V1P1 = {
    "principal": "administrator",
    "siteAdministrator": "administrator",
    "districtAdministrator": "administrator",
    "systemAdministrator": "administrator",
    "counselor": "aide",
}
FAMILY_ROLES = frozenset({"parent", "guardian", "relative"})


class Wire1p2:
    """Renders records in the form of 1.2; `base` is the URL that hrefs begin with."""

    version = "1.2"

    def __init__(self, users: Collection, base: str, resources: str | None = None) -> None:
        """Keep the users, which 1.1 has to look up, and where hrefs of resources begin if elsewhere."""
        self.users = users
        self.base = base
        self.resources = resources or base

    def render(self, kind: str, record: Record) -> Wire:
        """Render a record: references become objects, everything else stays what it is."""
        wire = dict(record)
        if kind == "users":
            self.render_user(wire)
        for name, type_ in REFERENCES[kind].items():
            if (value := wire.get(name)) is not None:
                wire[name] = self.references(value, type_)
        return wire

    def references(self, value: object, type_: str) -> object:
        """Turn a sourcedId, or each of a list, into a GUIDRef; what is neither is left alone."""
        if isinstance(value, list):
            return [self.references(one, type_) for one in value]
        if not isinstance(value, str):
            return value
        root = self.resources if type_ == "resource" else self.base
        return {"href": f"{root}/{COLLECTION_OF[type_]}/{_quoted(value)}", "sourcedId": value, "type": type_}

    def render_user(self, wire: Wire) -> None:
        """Give a user's roles their orgs as references, and the user a profile and a master identifier."""
        if "roles" in wire:
            wire["roles"] = [self.render_role(role) for role in wire["roles"]]
        if "username" in wire:
            wire.setdefault("userProfiles", [_profile(wire)])

    def render_role(self, role: Wire) -> Wire:
        """Give a role its org as a reference, where it has one."""
        return {**role, "org": self.references(role["org"], "org")} if "org" in role else role

    def people(self, record: Record) -> list[Record]:
        """Give the users that a person is in this version: one."""
        return [record]

    def role_of(self, role: str) -> str:
        """Name a role as this version does."""
        return role


class Wire1p1(Wire1p2):
    """Renders records in the form of 1.1."""

    version = "1.1"

    def render_user(self, wire: Wire) -> None:
        """Turn the roles into `role` and `orgs`, and name agents by their record as family."""
        roles = wire.get("roles") or []
        for name in ONLY_V1P2:
            wire.pop(name, None)
        if roles:
            wire.setdefault("role", self.role_of(roles[0]["role"]))
            wire.setdefault("orgs", list(dict.fromkeys(role["org"] for role in roles if role.get("org"))))
        if agents := wire.get("agents"):
            wire["agents"] = [self._as_agent(agent, wire.get("role")) for agent in agents]

    def people(self, record: Record) -> list[Record]:
        """Give one user for each different role of a person: the first keeps the sourcedId."""
        roles = record.get("roles") or []
        if not roles[1:]:
            return [record]
        names = list(dict.fromkeys(self.role_of(role["role"]) for role in roles))
        return [self._part(record, name, first=name == names[0]) for name in names] if len(names) > 1 else [record]

    def role_of(self, role: str) -> str:
        """Name a role as 1.1 does."""
        return ROLES_V1P1.get(role, role)

    def _part(self, record: Record, role: str, *, first: bool) -> Record:
        """Give the user that a person is in one of their roles; only family is an agent."""
        roles = [one for one in record["roles"] if self.role_of(one["role"]) == role]
        part = {**record, "roles": roles}
        if not first:
            part["sourcedId"] = f"{record['sourcedId']}-{role}"
            part["username"] = f"{record.get('username', record['sourcedId'])}.{role}"
        if role not in FAMILY_ROLES and role != "student":
            part.pop("agents", None)
        return part

    def _as_agent(self, sourced_id: str, role: object) -> str:
        """Name the record of an agent that is family, seen from a student."""
        person = self.users.get(sourced_id)
        if person is None or role != "student":
            return sourced_id
        for part in self.people(person):
            if any(held.get("role") in FAMILY_ROLES for held in part.get("roles") or ()):
                return str(part.get("sourcedId", sourced_id))
        return sourced_id


@lru_cache(maxsize=100_000)
def _quoted(sourced_id: str) -> str:
    """Escape a sourcedId for a path: `/` and `@` are legal in it."""
    return quote(sourced_id, safe="")


def _profile(wire: Wire) -> Wire:
    """Give the profile under which a user signs in to the district's learning system."""
    credentials = [{"type": "sso", "username": wire["username"]}]
    profile_id = f"urn:example:profile:{wire.get('sourcedId', '')}"
    return {"profileId": profile_id, "profileType": "LMS", "vendorId": "demo", "credentials": credentials}
