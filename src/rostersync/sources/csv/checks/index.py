"""What the validator remembers of a package: in a temporary database, so that memory stays the same at any size."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

_CACHED = 30_000


class Thing(NamedTuple):
    """A record that is there: its line, and what checks of other records need of it (see `facts`)."""

    line: int
    a: str = ""
    b: str = ""
    c: str = ""


class RoleOf(NamedTuple):
    """A row of roles.csv."""

    line: int
    role: str
    type: str
    org: str


class Index:
    """The records of a package by file and sourcedId; the first of several with one sourcedId counts."""

    def __init__(self) -> None:
        """Open an empty index that only this process sees."""
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA cache_size = -32000")
        self._database.execute(
            "CREATE TABLE things (file TEXT, id TEXT, line INTEGER, a TEXT, b TEXT, c TEXT, PRIMARY KEY (file, id))"
            " WITHOUT ROWID"
        )
        self._database.execute("CREATE TABLE roles (user TEXT, line INTEGER, role TEXT, type TEXT, org TEXT)")
        self._database.execute(
            "CREATE TABLE claims (space TEXT, key TEXT, line INTEGER, PRIMARY KEY (space, key)) WITHOUT ROWID"
        )
        self._database.execute("BEGIN")  # one that never ends: each statement by itself would cost three times as much
        self.find = lru_cache(_CACHED)(self._find)

    def close(self) -> None:
        """Throw the index away."""
        self._database.close()

    def add(self, file: str, things: Iterable[tuple[str, Thing]]) -> None:
        """Remember the records of a file."""
        rows = ((file, identifier, *thing) for identifier, thing in things)
        self._database.executemany("INSERT OR IGNORE INTO things VALUES (?, ?, ?, ?, ?, ?)", rows)

    def add_roles(self, roles: Iterable[tuple[str, RoleOf]]) -> None:
        """Remember the roles of users."""
        rows = ((user, *role) for user, role in roles)
        self._database.executemany("INSERT INTO roles VALUES (?, ?, ?, ?, ?)", rows)
        self._database.execute("CREATE INDEX IF NOT EXISTS by_user ON roles (user)")

    def roles(self, user: str) -> list[RoleOf]:
        """The roles of a user, in the order of their lines."""
        found = self._database.execute("SELECT line, role, type, org FROM roles WHERE user = ? ORDER BY line", (user,))
        return [RoleOf(*row) for row in found]

    def users_with_roles(self) -> Iterator[tuple[str, list[RoleOf]]]:
        """Every user that has roles, with them in the order of their lines."""
        found = self._database.execute("SELECT user, line, role, type, org FROM roles ORDER BY user, line")
        for user, rows in groupby(found, itemgetter(0)):
            yield user, [RoleOf(*row[1:]) for row in rows]

    def claim(self, space: str, key: str, line: int) -> int | None:
        """Take something that only one may have; the line of who has it already, else None."""
        taken = self._database.execute("INSERT OR IGNORE INTO claims VALUES (?, ?, ?)", (space, key, line))
        if taken.rowcount:
            return None
        found = self._database.execute("SELECT line FROM claims WHERE space = ? AND key = ?", (space, key)).fetchone()
        return int(found[0])

    def line_of(self, file: str, identifier: str) -> int | None:
        """The line of a record, looked up once and not remembered."""
        found = self._find(file, identifier)
        return found.line if found else None

    def _find(self, file: str, identifier: str) -> Thing | None:
        query = "SELECT line, a, b, c FROM things WHERE file = ? AND id = ?"
        found = self._database.execute(query, (file, identifier)).fetchone()
        return Thing(*found) if found else None
