"""users.csv of OneRoster 1.1 and 1.2, and roles.csv of 1.2.

Parents are linked in both directions: a student's agents are the parents, a parent's agents the students. What kind of
parent somebody is says their own role (reference §6, 10).
"""

from __future__ import annotations

from collections.abc import Iterator

from rostersync.model.kind import Kind
from rostersync.model.roster import RelationshipRow, UserRow
from rostersync.outputs.cells import listed
from rostersync.outputs.gaps import Usernames, main_role, required, roles_in_order, roles_that_count
from rostersync.outputs.ids import made_id
from rostersync.outputs.oneroster_lines import Line, Lines, Real
from rostersync.outputs.selection import Selection
from rostersync.outputs.vocabulary import ROLES_1_1, enrolled, role_1_2

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


class People:
    """The rows about people in the words of one version."""

    def __init__(self, selection: Selection, version: str) -> None:
        """Look at this selection."""
        self._selection, self._version = selection, version
        self._usernames = Usernames(selection)
        self._homeless = selection.homes.keys() | _brought_in(selection, version)

    def tables(self) -> dict[str, tuple[tuple[str, ...], Lines]]:
        """Give every file about people its header and its rows."""
        if self._version == "1.1":
            return {"users": (USERS_1_1, self.users())}
        return {"roles": (ROLES, self.roles()), "users": (USERS_1_2, self.users())}

    def users(self) -> Lines:
        """Yield users.csv, never with a password."""
        parents = _Parents(self._links())
        user = self._user_1_1 if self._version == "1.1" else self._user_1_2
        for row in self._selection.user_rows():
            yield user(row, {*parents.of(row.sourced_id)})

    def roles(self) -> Lines:
        """Yield roles.csv: every role in every org of a user, in each org one of them the primary one."""
        for row in self._selection.user_rows():
            for org, words in self._words(row):
                yield from _roles(row.sourced_id, org, list(dict.fromkeys(filter(None, words))))
            if any(None in words for _, words in self._words(row)):
                self._note(row, "only the roles of the standard go out")

    def _user_1_1(self, row: UserRow, parents: set[str]) -> Line:
        """Lay out one user of 1.1, who has one role in all of their orgs."""
        roles, word = self._real_roles(row), ROLES_1_1.get(main_role(row), "administrator")
        if len(roles) > 1:
            self._note(row, "of several roles only the first goes out")
        cells, real = self._ends(row, parents)
        begins, enabled = (row.sourced_id, None, None), "true" if row.enabled else "false"
        return Line(
            (*begins, enabled, listed(self._selection.orgs_of(row)), word, *cells),
            (*begins, enabled, self._real_orgs(row), roles[0] if len(roles) == 1 else None, *real),
            {"roles": roles} if len(roles) > 1 else {},
        )

    def _user_1_2(self, row: UserRow, parents: set[str]) -> Line:
        """Lay out one user of 1.2, whose roles are in roles.csv; what these cannot say of them stands here."""
        cells, real = self._ends(row, parents)
        begins, rest = (row.sourced_id, None, None, "true" if row.enabled else "false"), (None,) * 6
        return Line((*begins, *cells, *rest), (*begins, *real, *rest), self._roles_beside(row))

    def _roles_beside(self, row: UserRow) -> dict[str, object]:
        """The roles of a user of 1.2, where roles.csv does not tell them all, each in every org."""
        roles, orgs = self._real_roles(row), self._real_orgs(row)
        if orgs and all(words == roles for _, words in self._words(row)):
            return {}
        places: list[dict[str, str]] = [{"orgSourcedId": org} for org in orgs] or [{}]
        return {"roles": [{"role": role, **place} for place in places for role in roles]}

    def _ends(self, row: UserRow, parents: set[str]) -> tuple[tuple[str | None, ...], tuple[Real, ...]]:
        """The columns that both versions have, from the username to the password, and what the roster has of them."""
        mine = set(self._selection.children.get(row.sourced_id, ()))
        agents = sorted(parents | (mine if self._is_parent(row.sourced_id) else set()))
        given, family = required(row.given_name), required(row.family_name)
        middle, rest = row.middle_name, (row.identifier, row.email, None, None)
        return (
            (
                *(self._usernames.of(row), None, given, family, middle, *rest),
                *(listed(agents), listed(row.grades), None),
            ),
            (
                *(row.username, None, row.given_name, row.family_name, middle, *rest),
                *(tuple(sorted(parents | mine)), row.grades, None),
            ),
        )

    def _words(self, row: UserRow) -> list[tuple[str, list[str | None]]]:
        """The roles of a user in the words of 1.2, in each of their orgs."""
        roles, orgs = roles_in_order(row), self._selection.orgs
        return [(org, [role_1_2(role, orgs[org].type) for role in roles]) for org in self._selection.orgs_of(row)]

    def _real_orgs(self, row: UserRow) -> tuple[str, ...]:
        """The orgs of a user that go out, if they are the user's own, and not those of their children or classes."""
        return () if row.sourced_id in self._homeless else self._selection.orgs_of(row)

    def _real_roles(self, row: UserRow) -> list[str]:
        """The roles that make the user what they are: all, but for those of groups that they are no longer in.

        A parent who belongs to no org is in no other group for want of one, so that their other roles do no harm.
        """
        return list(row.roles) if row.sourced_id in self._selection.homes else roles_that_count(row)

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


def _brought_in(selection: Selection, version: str) -> set[str]:
    """The users whose orgs are just those of their classes, where it would not do to call these their own (rule 1)."""
    schools: dict[str, set[str]] = {user: set() for user in selection.mixed}
    for row in selection.enrollment_rows(quietly=True) if schools else ():
        if row.user_sourced_id in schools and enrolled(row.role, version):
            schools[row.user_sourced_id].add(selection.classes[row.class_sourced_id])
    return {user for user, orgs in selection.mixed.items() if schools[user] == set(orgs)}


def _roles(user: str, org: str, roles: list[str]) -> Lines:
    """Yield the roles of one user in one org, the first of them as the primary one."""
    for place, role in enumerate(roles):
        key, type_ = made_id("role", user, org, role), "secondary" if place else "primary"
        cells = (key, None, None, user, type_, role, None, None, org, None)
        yield Line(cells, cells)
