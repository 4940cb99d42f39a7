"""OneRoster 1.1: a user has one role, in all of their orgs."""

from __future__ import annotations

from rostersync.model import snapshot
from rostersync.sources.rest import records, wire
from rostersync.sources.rest.fields import ROLES, Refused, one_role, refs, spelled


def user(sent: wire.User, modified: str) -> snapshot.User:
    """A user by `role` and `orgs`; one without `role` by the `roles` of 1.2, where the server sends these."""
    role = spelled(sent.role, ROLES)
    roles = records.roles(sent.roles) if role is None else one_role(role)
    if not roles:
        raise Refused("role", "is missing")
    return records.user(sent, roles, refs(sent.orgs, sent.org_sourced_ids), modified)


READINGS = records.readings(user)
"""How the collections of 1.1 are read."""
