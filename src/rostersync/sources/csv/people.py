"""Users of OneRoster 1.2 put together with their roles, which come in another file that may have another mode.

- Both bulk: all users with all their roles.
- roles.csv bulk, users.csv a delta: the changed users with all their roles. Who only has changed roles is not in
  users.csv and stays as they were; that is reported.
- roles.csv a delta or absent: nobody's roles are known whole, and who was taken with the roles of the package alone
  would lose those that did not change. So deletions are taken, and everybody else stays as they were; that is reported.
  Where users.csv is bulk, the users are not to be had at all (rule 11).

Roles that the manifest calls bulk count as all there are, also where their rows have a status: vendors who stamp every
row of a bulk file are many, and their users would never come.
"""

from __future__ import annotations

from collections.abc import Iterator

from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.snapshot import Received
from rostersync.sources.csv.coverage import Rows, said_by
from rostersync.sources.csv.manifest import Mode
from rostersync.sources.csv.refusals import Unusable
from rostersync.sources.csv.roles import RoleBook
from rostersync.sources.csv.rows import received
from rostersync.sources.csv.table import Table
from rostersync.sources.records import v1p2, wire
from rostersync.sources.records.fields import text

BULK_BOTH = "Ask for users.csv and roles.csv as bulk in every package; the other files may be deltas."


class People:
    """The users of a package of version 1.2, for one reading."""

    def __init__(self, book: RoleBook, *, whole: bool) -> None:
        """Take the roles, and whether they are all there are."""
        self._book = book
        self._whole = whole
        self._left_out = 0
        self._first = ""

    def read(self, table: Table, rows: Rows) -> Iterator[Received]:
        """Read users.csv.

        Raises:
            Refusal: the file cannot be read to its end.
        """
        reading = v1p2.READINGS[Kind.USERS]
        if self._whole:
            yield from received(table, reading, rows, self._join)
            return
        for row in received(table, reading, rows):
            if row.deleted_at is not None:
                yield row
            else:
                self._left_out += 1
                self._first = self._first or row.sourced_id

    def check(self, rows: Rows, mode: Mode | None) -> Iterator[Diagnostic]:
        """What could not be put together, once all has been read.

        Raises:
            Unusable: users.csv is bulk, and roles.csv is not.
        """
        bulk = (said_by(rows, mode) or mode) == "bulk"
        if not self._whole and self._left_out and bulk:
            raise Unusable("roles-not-bulk", "users.csv is bulk and roles.csv is not", BULK_BOTH, file="roles.csv")
        if self._left_out:
            yield _incomplete(
                f"{self._left_out} users of users.csv (the first is {self._first[:80]!a}) stay as they were: "
                "roles.csv is not bulk, so that it is not known whether these are all of their roles"
            )
        elif not bulk and (strangers := self._book.strangers()):
            yield _incomplete(
                f"{strangers} users of roles.csv are not in users.csv, which is a delta: what changed in their roles "
                "was not taken"
            )

    def _join(self, sent: wire.User) -> None:
        user = text(sent.sourced_id)
        if user is not None:
            self._book.meet(user)
            sent.roles = self._book.of(user)


def roles_alone() -> Diagnostic:
    """What to say of a package that has roles.csv and no users.csv."""
    return _incomplete("roles.csv came without users.csv: what changed in the roles was not taken")


def _incomplete(message: str) -> Diagnostic:
    return Diagnostic(Code.SRC_INCOMPLETE, message, BULK_BOTH, Kind.USERS)
