"""Opens the store: a private file, the settings that make it safe, and the schema brought up to date."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path
from typing import Final

from rostersync.store.boundary import boundary, not_written
from rostersync.store.database import WAIT, Connection, Store
from rostersync.store.files import create_private
from rostersync.store.migrate import migrate

_PAGE_CACHE_KIB: Final = 16_000
_FIXED_LINES: Final = ((3, 44, 6), (3, 50, 7))
_FIXED: Final = (3, 51, 3)


def open_store(path: Path, *, create: bool = True, wait: float = WAIT) -> Store:
    """Open the store at `path`, making or migrating it where needed; `wait` is in seconds.

    Without `create`, a store that does not exist yet is replaced by a throw-away one that leaves nothing behind:
    SQLite keeps it in an unlinked private file. Raises StoreError (RS-STORE-002 to 004) and Locked (RS-STORE-001).
    """
    where = f"the store {path}"
    with boundary(where):
        exists = _check(path, where)
        if not exists and not create:
            return _opened("", None, wait, "the throw-away store")
        if not exists:
            create_private(path)
        return _opened(str(path), path, wait, where)


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the fix of the WAL-reset bug: 3.51.3, or 3.50.7 or 3.44.6 in their own lines."""
    return version >= _FIXED or any(version[:2] == fixed[:2] and version >= fixed for fixed in _FIXED_LINES)


def _check(path: Path, where: str) -> bool:
    """Say whether the file exists, and refuse what is no plain file."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISLNK(mode):
        raise not_written(where, "it is a symbolic link, which could point anywhere")
    if not stat.S_ISREG(mode):
        raise not_written(where, "it is not a file")
    return True


def _opened(target: str, path: Path | None, wait: float, where: str) -> Store:
    """Connect, set up and migrate; nothing stays open when one of them fails."""
    connection = sqlite3.connect(target, timeout=wait, isolation_level=None, factory=Connection)
    store = Store(connection, path, where, wait)
    try:
        _set_up(connection)
        migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def _set_up(connection: sqlite3.Connection) -> None:
    """Set what SQLite keeps for a connection only (architecture, "How a run is safe")."""
    journal = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "DELETE"
    for setting in (
        "foreign_keys = ON",
        f"journal_mode = {journal}",
        "synchronous = FULL",
        f"cache_size = -{_PAGE_CACHE_KIB}",
        "temp_store = FILE",
        # A commit ends with the journal of the temporary tables: as a file, it could fail after the store has changed.
        "temp.journal_mode = MEMORY",
        # Their file is gone when the store is closed; to overwrite it would bring whole tables into that journal.
        "temp.secure_delete = OFF",
        "trusted_schema = OFF",
        "main.secure_delete = ON",  # what is deleted or replaced is overwritten: nobody's data outlives its row
    ):
        connection.execute(f"PRAGMA {setting}").fetchall()
