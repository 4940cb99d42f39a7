"""Users of OneRoster 1.2 put together with their roles, which come in another file that may have another mode.

What the package does not tell is taken from what is known (the snapshot), so that each file may be bulk or a delta:

- roles.csv bulk: its roles are all that there are. Who is not in a users.csv that is a delta stays as they were, but
  for their roles.
- roles.csv a delta or absent: everybody keeps their earlier roles, but for those that it names by their sourcedId.
- users.csv absent: roles.csv alone changes the roles of those who are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.snapshot import Entry, Received, Role, User
from rostersync.sources.base import Known
from rostersync.sources.csv.coverage import Rows
from rostersync.sources.csv.refusals import Unusable
from rostersync.sources.csv.roles import RoleBook, Told
from rostersync.sources.csv.rows import received
from rostersync.sources.csv.table import Table
from rostersync.sources.records import readings, v1p2, wire
from rostersync.sources.records.fields import ROLES, Refused, spelled, text
from rostersync.sources.records.readings import Named
from rostersync.sources.records.receive import reject

BULK_ONCE = "Ask for one package in which users.csv and roles.csv are both bulk."


class People:
    """The users of a package of version 1.2, for one reading."""

    def __init__(self, book: RoleBook, known: Known | None, *, whole: bool) -> None:
        """Take the roles of the package, what is known from before, and whether the roles are all that there are."""
        self._book = book
        self._known = known
        self._whole = whole
        self._without = 0
        self._unknown = 0
        self._first = ""

    def read(self, table: Table, rows: Rows) -> Iterator[Received]:
        """Read users.csv.

        Raises:
            Refusal: the file cannot be read to its end.
        """
        yield from received(table, v1p2.READINGS[Kind.USERS], rows, self._join)

    def others(self) -> Iterator[Received]:
        """Those who are not in users.csv and whose roles have changed; to be called when users.csv has been read."""
        for user in self._book.strangers(deleted=not self._whole):
            entry = self._entry(user)
            if entry is not None and isinstance(entry.record, User):
                if (changed := self._changed(entry, entry.record)) is not None:
                    yield changed
            elif (entry is None or not entry.deleted) and not self._book.only_deleted(user):
                self._unknown += 1
                self._first = self._first or user

    def check(self, rows: Rows, coverage: Coverage) -> Iterator[Diagnostic]:
        """What could not be put together, once all has been read.

        Raises:
            Unusable: users.csv is bulk, and nobody in it has a role.
        """
        if coverage is Coverage.FULL and rows.count and self._without == rows.count:
            raise Unusable(
                "no-roles",
                "nobody in users.csv has a role in roles.csv, and none is known",
                BULK_ONCE,
                file="roles.csv",
            )
        if self._unknown:
            message = (
                f"{self._unknown} users of roles.csv (the first is {self._first[:80]!a}) are neither known nor in "
                "users.csv: their roles were not taken"
            )
            yield Diagnostic(Code.SRC_INCOMPLETE, message, BULK_ONCE, Kind.USERS)

    def _join(self, sent: wire.User) -> None:
        user = text(sent.sourced_id)
        if user is None:
            return
        self._book.meet(user)
        entry = None if self._whole else self._entry(user)
        earlier = entry.record.roles if entry is not None and isinstance(entry.record, User) else ()
        sent.roles = self._roles(user, earlier)
        self._without += not (sent.roles or self._whole)

    def _changed(self, entry: Entry, record: User) -> Received | None:
        """A known user with the roles that they have now; None where nothing is to be done.

        Who was rejected for something else than their roles stays rejected until users.csv has them again.
        """
        if entry.rejection is not None and entry.rejection.field.partition(".")[0] != "roles":
            return None
        try:
            roles = readings.roles(self._roles(entry.sourced_id, record.roles))
            if not roles:
                raise Refused("roles", "is missing")  # noqa: TRY301 (as for one who is in users.csv)
        except Refused as why:
            return reject(entry.sourced_id, why, Code.DATA_REJECTED, record.modified, Named())
        if roles == record.roles and entry.rejection is None:
            return None
        return Received(entry.sourced_id, msgspec.structs.replace(record, roles=roles))

    def _roles(self, user: str, earlier: Sequence[Role]) -> list[wire.Role]:
        """The roles that a user has now, in the order of their sourcedIds; raises Refused as `RoleBook.of`."""
        told = self._book.of(user)
        now = [_wire(one.role, one.org, one.begin, one.finish, one.sourced_id) for one in told if not one.deleted]
        if not self._whole:
            now += [_wire(*msgspec.structs.astuple(role)) for role in earlier if not _is_told(role, told)]
            now.sort(key=_by_id)
        return now

    def _entry(self, user: str) -> Entry | None:
        return None if self._known is None else self._known.get(Kind.USERS, user)


def _wire(role: str, org: str | None, begin: str | None, finish: str | None, sourced_id: str | None) -> wire.Role:
    return wire.Role(role, None, org, begin, finish, sourced_id)


def _by_id(role: wire.Role) -> str:
    return role.sourced_id or ""


def _is_told(role: Role, told: Sequence[Told]) -> bool:
    """Whether the package tells anew of a role; one that has no sourcedId is known by what it says."""
    if role.sourced_id is not None:
        return any(one.sourced_id == role.sourced_id for one in told)
    return any((spelled(one.role, ROLES), text(one.org)) == (role.role, role.org) for one in told)
