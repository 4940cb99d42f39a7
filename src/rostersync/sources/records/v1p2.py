"""OneRoster 1.2: a user has many roles, each in one org and for a time."""

from __future__ import annotations

from rostersync.model import snapshot
from rostersync.sources.records import readings, wire
from rostersync.sources.records.fields import ROLES, Refused, one_role, refs, spelled


def user(sent: wire.User, modified: str) -> snapshot.User:
    """A user by `roles`; one without a usable entry by the `role` and `orgs` of 1.1, where the server sends these."""
    roles = readings.roles(sent.roles)
    if roles:
        return readings.user(sent, roles, (), modified)
    role = spelled(sent.role, ROLES)
    if role is None:
        raise Refused("roles", "is missing")
    return readings.user(sent, one_role(role), refs(sent.orgs, sent.org_sourced_ids), modified)


READINGS = readings.readings(user)
"""How the collections of 1.2 are read."""
