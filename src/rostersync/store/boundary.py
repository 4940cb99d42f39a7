"""The one place where errors of SQLite, SQLAlchemy and the file system become ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from rostersync.errors import Locked, RostersyncError, StoreError

LOCKED = "RS-STORE-001"
VERSION = "RS-STORE-002"
NOT_WRITTEN = "RS-STORE-003"
DAMAGED = "RS-STORE-004"

_PRIMARY = 0xFF  # extended result codes keep their family in the lowest byte
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_REFUSED = frozenset(
    {
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_TOOBIG,
    }
)


@contextmanager
def boundary(where: str) -> Iterator[None]:
    """Turn what SQLite, SQLAlchemy or the system raises inside into StoreError or Locked; `where` names the store."""
    try:
        yield
    except OSError as error:
        raise not_written(where, error.strerror or str(error)) from error
    except Exception as error:
        ours = _translated(error, where)
        if ours is None:
            raise
        raise ours from error


def not_written(where: str, why: str) -> StoreError:
    """Make the error of a store, or a file beside it, that cannot be opened or written."""
    hint = (
        "Check the path at [store] url, the rights of the file and its folder, and the free space there and in the "
        "folder for temporary files (TMPDIR)."
    )
    return StoreError(NOT_WRITTEN, f"{where} cannot be written: {why}", hint)


def damaged(where: str, why: str) -> StoreError:
    """Make the error of a store that does not hold what it should."""
    hint = "Put a backup in its place, or move the file away and run again: the next run fetches everything in full."
    return StoreError(DAMAGED, f"{where} is damaged: {why}", hint)


def busy(where: str) -> Locked:
    """Make the error of a store that another process kept locked for as long as we waited."""
    hint = "Wait until the other run has ended, then try again."
    return Locked(LOCKED, f"{where} is locked by another process", hint)


def _translated(error: Exception, where: str) -> RostersyncError | None:
    """Find the SQLite error in this one, or behind the SQLAlchemy error that wraps it, and translate it."""
    cause = error if isinstance(error, sqlite3.Error) else getattr(error, "orig", None)
    code = getattr(cause, "sqlite_errorcode", None)
    if not isinstance(cause, sqlite3.Error):
        return None
    if code is None:
        # Errors without a result code are misuse of the module by us, but for the one about text that is not UTF-8.
        return damaged(where, str(cause)) if isinstance(cause, sqlite3.OperationalError) else None
    family = code & _PRIMARY
    if family in _BUSY:
        return busy(where)
    return not_written(where, str(cause)) if family in _REFUSED else damaged(where, str(cause))
