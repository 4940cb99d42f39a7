"""Brings the schema of a store up to date, one revision and one transaction at a time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from rostersync.errors import StoreError
from rostersync.store.boundary import VERSION, boundary, damaged
from rostersync.store.database import Store
from rostersync.store.files import copy_name, create_private
from rostersync.store.migrations import LOCATION, REVISIONS


def migrate(store: Store, revisions: tuple[str, ...] = REVISIONS, location: Path = LOCATION) -> None:
    """Apply the revisions that the store does not have; each is there whole with its version row, or not at all.

    A new store is made in one transaction, whatever the number of revisions: what dies meanwhile leaves an empty file.
    Raises StoreError: RS-STORE-002 where the store is newer than this program, RS-STORE-004 where it is something else.
    """
    if revision(store) is None:
        with store.transaction():
            keep_copy = revision(store) is not None  # another process may have made it meanwhile
            _go_through(store, revisions, location, keep_copy=keep_copy)
    _go_through(store, revisions, location, keep_copy=True)


def _go_through(store: Store, revisions: tuple[str, ...], location: Path, *, keep_copy: bool) -> None:
    """Apply one revision after the other, each in a transaction or as part of the one under way."""
    while revision(store) != revisions[-1]:
        with store.transaction():
            _step(store, revisions, location, keep_copy=keep_copy)


def revision(store: Store) -> str | None:
    """Read the revision of the store without loading Alembic; None for an empty file."""
    tables = {name for (name,) in store.fetch("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise damaged(store.where, "it is a database of something else")
    rows = store.fetch("SELECT version_num FROM alembic_version")
    if len(rows) != 1:
        raise damaged(store.where, "its version is not recorded")
    return str(rows[0][0])


def _step(store: Store, revisions: tuple[str, ...], location: Path, *, keep_copy: bool) -> None:
    """Apply the next revision under the write lock, where no other process has done so meanwhile."""
    current = revision(store)
    if current is not None and current not in revisions:
        raise _newer(store.where)
    done = 0 if current is None else revisions.index(current) + 1
    if done == len(revisions):
        return
    if keep_copy and store.path is not None:
        _copy(store.path, revisions[done], store.where)
    _upgrade(store, revisions[done], location)


def _upgrade(store: Store, target: str, location: Path) -> None:
    """Let Alembic run one revision on our connection, inside our transaction."""
    from alembic import command  # noqa: PLC0415 - only a new or an old store needs it
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(location).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with boundary(store.where), store.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, target)


def _copy(path: Path, target: str, where: str) -> None:
    """Keep the store as it is before a revision, beside it; our write lock keeps others from changing it meanwhile."""
    copy = copy_name(path, target)
    with boundary(f"the copy {copy} of {where}"):
        copy.unlink(missing_ok=True)
        create_private(copy)
        with closing(sqlite3.connect(path)) as origin, closing(sqlite3.connect(copy)) as kept:
            origin.backup(kept)


def _newer(where: str) -> StoreError:
    """Make the error of a store that a later program has written."""
    hint = "Use the version that wrote it, or a later one."
    return StoreError(VERSION, f"{where} was written by a newer version of rostersync", hint)
