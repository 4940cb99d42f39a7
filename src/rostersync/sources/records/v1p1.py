"""OneRoster 1.1: a user has one role, in all of their orgs."""

from __future__ import annotations

from rostersync.model import snapshot
from rostersync.sources.records import readings, wire
from rostersync.sources.records.fields import ROLES, Refused, one_role, refs, spelled


def user(sent: wire.User, modified: str) -> snapshot.User:
    """A user by `role` and `orgs`; one without `role` by the `roles` of 1.2, where the server sends these."""
    role = spelled(sent.role, ROLES)
    roles = readings.roles(sent.roles) if role is None else one_role(role)
    if not roles:
        raise Refused("role", "is missing")
    return readings.user(sent, roles, refs(sent.orgs, sent.org_sourced_ids), modified)


READINGS = readings.readings(user)
"""How the collections of 1.1 are read."""
