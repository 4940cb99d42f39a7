"""The open store: statements, transactions, and sessions of SQLModel over one connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Self

from rostersync.errors import Locked
from rostersync.signals import undisturbed
from rostersync.store.boundary import boundary

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

Values = Sequence[Any]

WAIT: Final = 30.0
"""Seconds that a statement waits for another process (contract §2)."""

_STEP: Final = 0.25
_FETCH: Final = 1_000


class Connection(sqlite3.Connection):
    """A connection whose transactions begin and end by our statements alone, and which ends with the store.

    SQLAlchemy and Alembic commit and roll back of their own accord, which would end a run's transaction halfway, and
    SQLAlchemy closes the connection where an interrupt comes while it works, which would leave nothing to roll back by.
    """

    def commit(self) -> None:
        """Leave the transaction as it is."""

    def rollback(self) -> None:
        """Leave the transaction as it is."""

    def close(self) -> None:
        """Leave the connection open."""


@dataclass(slots=True)
class Transaction:
    """The transaction under way; `discard` makes it end without effect, as a preview does."""

    discarded: bool = False

    def discard(self) -> None:
        """Roll everything back at the end, without an error."""
        self.discarded = True


class Store:
    """One open store; every error that leaves it is a StoreError or Locked.

    `path` is None for a throw-away store. Not to be shared between threads.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None, where: str, wait: float = WAIT) -> None:
        """Take over an open connection; `where` names the store in messages, `wait` is in seconds."""
        self.path = path
        self.where = where
        self._connection = connection
        self._wait = wait
        self._transaction: Transaction | None = None

    def __enter__(self) -> Self:
        """Use the store as a context manager that closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Close the connection; a transaction under way is rolled back."""
        with undisturbed():  # SQLAlchemy would print an interrupt instead of passing it on
            if "engine" in self.__dict__:
                self.engine.dispose()
            sqlite3.Connection.close(self._connection)

    def fetch(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a small result."""
        with boundary(self.where):
            return self._connection.execute(sql, values).fetchall()

    def stream(self, sql: str, values: Values = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a large result; meant for temporary tables, as an open read blocks other processes."""
        with boundary(self.where):
            cursor = self._connection.execute(sql, values)
            while rows := cursor.fetchmany(_FETCH):
                yield from rows

    def write(self, sql: str, values: Values = ()) -> int:
        """Run one statement and return how many rows it touched."""
        with boundary(self.where):
            return self._connection.execute(sql, values).rowcount

    def write_many(self, sql: str, rows: Iterable[Values]) -> int:
        """Run one statement for each row, in the transaction under way, and return how many rows were touched."""
        with boundary(self.where):
            return self._connection.executemany(sql, rows).rowcount

    def write_temporary(self, sql: str, rows: Iterable[Values]) -> None:
        """Run one statement on a temporary table for each row, without locking the file of the store."""
        if self.in_transaction:
            self.write_many(sql, rows)
            return
        self.write("BEGIN DEFERRED")
        try:
            self.write_many(sql, rows)
            self.write("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is under way."""
        return self._connection.in_transaction

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Do everything inside or nothing: commit at the end, roll back on any exception or where it was discarded.

        Inside another transaction this is part of that one. Raises Locked where another process holds the store.
        """
        if self._transaction is not None:
            yield self._transaction
            return
        self._insist("BEGIN IMMEDIATE")
        self._transaction = Transaction()
        try:
            # Where a reader keeps SQLite from moving pages out of a full cache, waiting for it at every page would
            # take hours: memory grows instead, and only the commit waits.
            with self._waiting(0):
                yield self._transaction
            self._insist("ROLLBACK" if self._transaction.discarded else "COMMIT")
        except BaseException:
            self._roll_back()
            raise
        finally:
            self._transaction = None

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a SQLModel session for the small tables: flushed at the end, and part of the transaction under way."""
        from sqlmodel import Session  # noqa: PLC0415 - takes half a second, which streaming paths do not need

        with boundary(self.where), Session(self.engine, autoflush=False) as session:
            yield session
            session.flush()

    @cached_property
    def engine(self) -> Engine:
        """The SQLAlchemy engine over the one connection."""
        from sqlalchemy import create_engine  # noqa: PLC0415 - as above
        from sqlalchemy.pool import StaticPool  # noqa: PLC0415 - as above

        return create_engine("sqlite://", creator=lambda: self._connection, poolclass=StaticPool)

    def _insist(self, statement: str) -> None:
        """Begin or end a transaction, waiting in short steps: Python acts on a signal only between two of them."""
        deadline = monotonic() + self._wait
        with self._waiting(min(_STEP, self._wait)):
            while True:
                try:
                    self.write(statement)
                except Locked:
                    if monotonic() >= deadline:
                        raise
                else:
                    return

    @contextmanager
    def _waiting(self, seconds: float) -> Iterator[None]:
        """Let statements wait this long for another process, and as long as usual afterwards."""
        self.fetch(f"PRAGMA busy_timeout = {seconds * 1_000:.0f}")
        try:
            yield
        finally:
            self.fetch(f"PRAGMA busy_timeout = {self._wait * 1_000:.0f}")

    def _roll_back(self) -> None:
        """End the transaction without effect, where SQLite has not done so itself."""
        if self._connection.in_transaction:
            self.write("ROLLBACK")
