"""The roles of OneRoster 1.2, which stand in a file of their own, in any order: kept on disk until the users come."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from rostersync.sources.csv.cells import Broken
from rostersync.sources.csv.coverage import Rows
from rostersync.sources.csv.refusals import EXPORT_AGAIN, Refusal, Unusable
from rostersync.sources.csv.rows import maker
from rostersync.sources.csv.table import Table
from rostersync.sources.records import wire
from rostersync.sources.records.fields import Refused, text

_Stored = tuple[str, str, str, str, str, str, str]

_MANY = 5000
_DELETED = {"tobedeleted", "inactive"}


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
                " PRIMARY KEY (user, id)) WITHOUT ROWID"
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
                self._database.executemany("INSERT OR REPLACE INTO roles VALUES (?, ?, ?, ?, ?, ?, ?)", some)

    def of(self, user: str) -> list[wire.Role]:
        """The roles of a user, in the order of their sourcedIds.

        Raises:
            Refused: a row with a role of theirs could not be accepted.
        """
        with _ours():
            found = self._database.execute(
                "SELECT role, org, begin, finish, flaw FROM roles WHERE user = ? ORDER BY id", (user,)
            ).fetchall()
        for *_, flaw in found:
            if flaw:
                raise Refused("roles", flaw)
        return [wire.Role(role, None, org, begin, finish) for role, org, begin, finish, _ in found]

    def meet(self, user: str) -> None:
        """Remember a user that came, for `strangers`."""
        self._met.append(user)
        if len(self._met) >= _MANY:
            self._note()

    def strangers(self) -> int:
        """How many users have roles and did not come."""
        self._note()
        with _ours():
            count = "SELECT count(DISTINCT user) FROM roles WHERE user NOT IN (SELECT user FROM met)"
            found: int = self._database.execute(count).fetchone()[0]
            return found

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
            user = text(sent.user_sourced_id)
            if user is None:
                raise _no_user(table.file, row.line, "it names no user")
            status = sent.status.strip().lower()
            if status in _DELETED:
                continue
            flaw = "" if status in {"", "active"} else f"({table.file} line {row.line}) status is {status[:40]!a}"
            identifier = text(sent.sourced_id) or f"\0{row.line}"
            yield (user, identifier, sent.role, sent.org_sourced_id, sent.begin_date, sent.end_date, flaw)


def _broken(row: Broken, table: Table) -> _Stored:
    """A role that could not be read: its user is not accepted without it."""
    place = table.header.places["userSourcedId"]
    user = text(row.cells[place]) if place < len(row.cells) else None
    if user is None:
        raise _no_user(table.file, row.line, row.message)
    return (user, f"\0{row.line}", "", "", "", "", f"({table.file} line {row.line}): {row.message}")


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
