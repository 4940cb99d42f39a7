"""users.csv of OneRoster 1.1 and 1.2, and roles.csv of 1.2.

Parents are linked in both directions: a student's agents are the parents, a parent's agents the students. What kind of
parent somebody is says their own role (reference §6, 10).
"""

from __future__ import annotations

from collections.abc import Iterator

from rostersync.model.kind import Kind
from rostersync.model.roster import RelationshipRow, UserRow
from rostersync.outputs.cells import Cell, listed
from rostersync.outputs.gaps import Usernames, main_role, required, roles_in_order
from rostersync.outputs.ids import made_id
from rostersync.outputs.selection import Selection
from rostersync.outputs.vocabulary import ROLES_1_1, role_1_2

_BASE = ("sourcedId", "status", "dateLastModified")
USERS_1_1 = (
    *(*_BASE, "enabledUser", "orgSourcedIds", "role", "username", "userIds", "givenName", "familyName", "middleName"),
    *("identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password"),
)
USERS_1_2 = (
    *(*_BASE, "enabledUser", "username", "userIds", "givenName", "familyName", "middleName", "identifier", "email"),
    *("sms", "phone", "agentSourcedIds", "grades", "password", "userMasterIdentifier", "preferredGivenName"),
    *("preferredMiddleName", "preferredFamilyName", "primaryOrgSourcedId", "pronouns"),
)
ROLES = (
    *(*_BASE, "userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId", "userProfileSourcedId"),
)

Rows = Iterator[tuple[Cell, ...]]


class People:
    """The rows about people in the words of one version."""

    def __init__(self, selection: Selection, version: str) -> None:
        """Look at this selection."""
        self._selection, self._version = selection, version
        self._usernames = Usernames(selection)

    def tables(self) -> dict[str, tuple[tuple[str, ...], Rows]]:
        """Give every file about people its header and its rows."""
        if self._version == "1.1":
            return {"users": (USERS_1_1, self.users())}
        return {"roles": (ROLES, self.roles()), "users": (USERS_1_2, self.users())}

    def users(self) -> Rows:
        """Yield users.csv, never with a password."""
        parents = _Parents(self._links())
        for row in self._selection.user_rows():
            agents = {*parents.of(row.sourced_id), *self._children(row)}
            yield self._user(row, listed(sorted(agents)))

    def roles(self) -> Rows:
        """Yield roles.csv: every role in every org of a user, in each org one of them the primary one."""
        for row in self._selection.user_rows():
            roles = roles_in_order(row)
            lost = False
            for org in self._selection.orgs_of(row):
                words = [role_1_2(role, self._selection.orgs[org].type) for role in roles]
                lost = lost or None in words
                yield from _roles(row.sourced_id, org, list(dict.fromkeys(filter(None, words))))
            if lost:
                self._note(row, "only the roles of the standard go out")

    def _user(self, row: UserRow, agents: str) -> tuple[Cell, ...]:
        """Lay out one user."""
        enabled = "true" if row.enabled else "false"
        names = (required(row.given_name), required(row.family_name), row.middle_name)
        ends = (row.identifier, row.email, None, None, agents, listed(row.grades), None)
        if self._version == "1.1":
            orgs = listed(self._selection.orgs_of(row))
            begins: tuple[Cell, ...] = (row.sourced_id, None, None, enabled, orgs, self._role(row))
            return *begins, self._usernames.of(row), None, *names, *ends
        begins = (row.sourced_id, None, None, enabled)
        return *begins, self._usernames.of(row), None, *names, *ends, None, None, None, None, None, None

    def _role(self, row: UserRow) -> str:
        """The one role that 1.1 gives a user."""
        if len(roles_in_order(row)) > 1:
            self._note(row, "of several roles only the first goes out")
        return ROLES_1_1.get(main_role(row), "administrator")

    def _children(self, row: UserRow) -> tuple[str, ...]:
        """The children of a parent, where the parent's role says that they are one."""
        return self._selection.children.get(row.sourced_id, ()) if self._is_parent(row.sourced_id) else ()

    def _links(self) -> Iterator[RelationshipRow]:
        """Yield the relationships that the version can hold, noting the others."""
        for row in self._selection.relationship_rows():
            if self._is_parent(row.parent_sourced_id):
                yield row
            else:
                key = f"{row.student_sourced_id}|{row.parent_sourced_id}"
                why = "in 1.1 a parent with another role is no parent"
                self._selection.left_out.add(Kind.RELATIONSHIPS, key, why)

    def _is_parent(self, sourced_id: str) -> bool:
        """Whether the role that goes out says that somebody is a parent; in 1.2 all of their roles do."""
        return self._version != "1.1" or self._selection.users[sourced_id] == "parent"

    def _note(self, row: UserRow, why: str) -> None:
        """Note that a user does not go out whole."""
        self._selection.left_out.add(Kind.USERS, row.sourced_id, why)


class _Parents:
    """Walks along the relationships, sorted by student, beside the users, sorted likewise."""

    def __init__(self, links: Iterator[RelationshipRow]) -> None:
        self._links = links
        self._next = next(links, None)

    def of(self, student: str) -> Iterator[str]:
        """Yield the parents of a student; to be asked in the order of the students."""
        while self._next is not None and self._next.student_sourced_id <= student:
            if self._next.student_sourced_id == student:
                yield self._next.parent_sourced_id
            self._next = next(self._links, None)


def _roles(user: str, org: str, roles: list[str]) -> Rows:
    """Yield the roles of one user in one org, the first of them as the primary one."""
    for place, role in enumerate(roles):
        key = made_id("role", user, org, role)
        yield key, None, None, user, "secondary" if place else "primary", role, None, None, org, None
