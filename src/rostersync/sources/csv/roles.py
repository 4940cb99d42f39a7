"""The roles of OneRoster 1.2, which stand in a file of their own, in any order: kept on disk until the users come."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple

from rostersync.model.snapshot import Entry, User
from rostersync.sources.csv.cells import Broken
from rostersync.sources.csv.coverage import Rows
from rostersync.sources.csv.refusals import EXPORT_AGAIN, Refusal, Unusable
from rostersync.sources.csv.rows import maker
from rostersync.sources.csv.table import Table
from rostersync.sources.records import wire
from rostersync.sources.records.fields import Refused, text

_MANY = 5000
_OURS = "\0"
_DELETED = {"tobedeleted", "inactive"}


class Told(NamedTuple):
    """What the package tells of one role; `sourced_id` is None where its row has none."""

    sourced_id: str | None
    role: str
    org: str
    begin: str
    finish: str
    deleted: bool


class _Stored(NamedTuple):
    """A row of the book; without a user only where a deletion names none. An `id` that begins with NUL is ours."""

    user: str
    id: str
    role: str = ""
    org: str = ""
    begin: str = ""
    finish: str = ""
    flaw: str = ""
    deleted: bool = False


class RoleRow(wire.Base, rename="camel"):
    """A row of roles.csv."""

    user_sourced_id: str = ""
    role: str = ""
    org_sourced_id: str = ""
    begin_date: str = ""
    end_date: str = ""


class RoleBook:
    """The roles by user, in a temporary database that only this process sees and that ends with it.

    Only what a roster needs of a role is kept. Memory stays the same for any number of roles.
    """

    def __init__(self) -> None:
        """Open an empty book."""
        self.rows = Rows()
        with _ours():
            self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._database.execute("PRAGMA journal_mode = OFF")
            self._database.execute("PRAGMA cache_size = -16000")
            self._database.execute(
                "CREATE TABLE roles (user TEXT, id TEXT, role TEXT, org TEXT, begin TEXT, finish TEXT, flaw TEXT,"
                " deleted INTEGER, PRIMARY KEY (user, id)) WITHOUT ROWID"
            )
            self._database.execute("CREATE TABLE met (user TEXT PRIMARY KEY) WITHOUT ROWID")
            self._database.execute("BEGIN")  # one that never ends: each statement by itself would cost more
        self._met: list[str] = []

    def close(self) -> None:
        """Throw the book away."""
        self._database.close()

    def fill(self, table: Table) -> None:
        """Take in the whole file.

        Raises:
            Refusal: it cannot be read, or has a row of which not even the user can be read.
        """
        with _ours():
            rows = self._read(table)
            while some := list(islice(rows, _MANY)):
                self._database.executemany("INSERT OR REPLACE INTO roles VALUES (?, ?, ?, ?, ?, ?, ?, ?)", some)

    def trace(self, users: Iterable[Entry]) -> None:
        """Find who had these roles before: who else has one now has taken it over, and a deletion may name nobody."""
        with _ours():
            self._database.execute("CREATE TEMP TABLE earlier (id TEXT, user TEXT)")
            self._database.executemany("INSERT INTO earlier VALUES (?, ?)", _held(users))
            self._database.execute(
                "INSERT OR IGNORE INTO roles SELECT e.user, e.id, '', '', '', '', '', 1"
                " FROM earlier AS e JOIN roles AS r ON r.id = e.id WHERE r.user <> e.user"
            )
            self._database.execute("DROP TABLE earlier")

    def of(self, user: str) -> list[Told]:
        """What the package tells of the roles of a user, in the order of their sourcedIds.

        Raises:
            Refused: a row with a role of theirs could not be accepted.
        """
        with _ours():
            found = self._database.execute("SELECT * FROM roles WHERE user = ? ORDER BY id", (user,)).fetchall()
        rows = [_Stored(*row) for row in found]
        for row in rows:
            if row.flaw:
                raise Refused("roles", row.flaw)
        return [
            Told(None if row.id[0] == _OURS else row.id, row.role, row.org, row.begin, row.finish, bool(row.deleted))
            for row in rows
        ]

    def meet(self, user: str) -> None:
        """Remember a user that came, for `strangers`."""
        self._met.append(user)
        if len(self._met) >= _MANY:
            self._note()

    def strangers(self, *, deleted: bool) -> Iterator[str]:
        """The users who have roles (with `deleted`: also those who have lost one) and did not come."""
        self._note()
        sql = (
            "SELECT DISTINCT user FROM roles WHERE user <> '' AND deleted <= ? AND user NOT IN (SELECT user FROM met)"
            " ORDER BY user"
        )
        with _ours():
            cursor = self._database.execute(sql, (deleted,))
            while some := cursor.fetchmany(_MANY):
                yield from (user for (user,) in some)

    def only_deleted(self, user: str) -> bool:
        """Whether all that the package tells of a user's roles is that they are gone."""
        with _ours():
            sql = "SELECT min(deleted) FROM roles WHERE user = ?"
            return bool(self._database.execute(sql, (user,)).fetchone()[0])

    def _note(self) -> None:
        with _ours():
            self._database.executemany("INSERT OR IGNORE INTO met VALUES (?)", ((user,) for user in self._met))
        self._met.clear()

    def _read(self, table: Table) -> Iterator[_Stored]:
        make = maker(RoleRow, table.header)
        for row in table.rows():
            if isinstance(row, Broken):
                yield _broken(row, table)
                continue
            sent: RoleRow = make(row.cells)
            self.rows.see(sent.status, sent.date_last_modified)
            yield _stored(sent, table.file, row.line)


def _stored(sent: RoleRow, file: str, line: int) -> _Stored:
    user = text(sent.user_sourced_id)
    identifier = text(sent.sourced_id) or f"{_OURS}{line}"
    status = sent.status.strip().lower()
    if user is None and status not in _DELETED:
        raise _no_user(file, line, "it names no user")
    flaw = "" if status in {"", "active", *_DELETED} else f"({file} line {line}) status is {status[:40]!a}"
    deleted = status in _DELETED
    told = (sent.role, sent.org_sourced_id, sent.begin_date, sent.end_date)
    return _Stored(user or "", identifier, *told, flaw, deleted)


def _held(users: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """The sourcedIds of the roles that users have, each with its user."""
    for entry in users:
        if isinstance(entry.record, User):
            yield from ((role.sourced_id, entry.sourced_id) for role in entry.record.roles if role.sourced_id)


def _broken(row: Broken, table: Table) -> _Stored:
    """A role that could not be read: its user is not accepted without it."""
    place = table.header.places["userSourcedId"]
    user = text(row.cells[place]) if place < len(row.cells) else None
    if user is None:
        raise _no_user(table.file, row.line, row.message)
    return _Stored(user, f"{_OURS}{row.line}", flaw=f"({table.file} line {row.line}): {row.message}")


def _no_user(file: str, line: int, why: str) -> Unusable:
    return Unusable(
        "role-without-user",
        f"{file} line {line}: {why}, so that somebody would be without this role",
        f"Mend the line at the source. {EXPORT_AGAIN}",
        file=file,
        line=line,
    )


@contextmanager
def _ours() -> Iterator[None]:
    """Make our error of what the temporary database meets: a full disk."""
    try:
        yield
    except sqlite3.Error as error:
        raise Refusal(
            "no-room",
            f"the roles could not be kept in a temporary file: {error}",
            "Free some room in the folder for temporary files, or set TMPDIR to another one.",
        ) from error
