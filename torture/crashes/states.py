"""What stands on disk: the store by its parts, the outputs, and whatever lies about."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

STORE: Final = "roster.db"
OUTPUTS: Final = ("folder", "roster.zip", "lines")
_LOG: Final = frozenset({"run", "diagnostic", "plan_chunk", "sqlite_sequence", "sqlite_stat1"})
_OLD: Final = ".{}.rostersync-old"


class Entry(NamedTuple):
    """A run in the log: its id, a digest of what it tells, digests of its diagnostics, and its outputs."""

    id: int
    told: str
    found: tuple[str, ...]
    outputs: str


@dataclass(frozen=True)
class State:
    """What a store and its outputs hold.

    `mark` has a digest of the schema and of every table but the log's, `runs` the log, `outputs` a digest of each set,
    None where it is not there; `aside` names the outputs of which the former set stands aside for the new one.
    """

    mark: dict[str, str]
    runs: tuple[Entry, ...]
    outputs: dict[str, str | None]
    aside: frozenset[str]
    faults: tuple[str, ...]


def read_state(folder: Path) -> State:
    """Read all of it; SQLite thereby rolls back what a process that died has left."""
    mark, runs, faults = read_store(folder / STORE)
    outputs = {name: digest_of(folder / "out" / name) for name in OUTPUTS}
    aside = {name for name in OUTPUTS if outputs[name] is None and (folder / "out" / _OLD.format(name)).is_dir()}
    for name in aside:
        outputs[name] = digest_of(folder / "out" / _OLD.format(name))
    return State(mark, runs, outputs, frozenset(aside), faults)


def digest_of(path: Path) -> str | None:
    """A digest of a file, or of a folder's files with their names; None where there is neither."""
    if path.is_dir():
        return digest(f"{each.name} {digest_of(each)}" for each in sorted(path.iterdir()))
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def litter(folder: Path) -> list[str]:
    """What lies about that is neither the store, an output, a source nor the configuration."""
    kept = {STORE, "out", "drop", "rostersync.toml"}
    beside = [path.name for path in folder.iterdir() if path.name not in kept]
    within = (folder / "out").iterdir() if (folder / "out").exists() else ()
    return sorted([*beside, *(path.name for path in within if path.name not in OUTPUTS)])


def digest(lines: Iterable[str]) -> str:
    """A digest of lines in their order."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_store(path: Path) -> tuple[dict[str, str], tuple[Entry, ...], tuple[str, ...]]:
    """Read the tables, the log, and what SQLite finds wrong; an empty file is an empty store."""
    if not path.exists():
        return {}, (), ()
    try:
        return _read(path)
    except sqlite3.DatabaseError as error:
        return {}, (), (str(error),)


def _read(path: Path) -> tuple[dict[str, str], tuple[Entry, ...], tuple[str, ...]]:
    """Read a store that SQLite can read to its end."""
    with closing(sqlite3.connect(path)) as store:
        faults = [str(row) for row in store.execute("PRAGMA integrity_check") if row != ("ok",)]
        faults += [str(row) for row in store.execute("PRAGMA foreign_key_check")]
        schema = sorted(map(repr, store.execute("SELECT type, name, sql FROM sqlite_schema")))
        names = [name for (name,) in store.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        mark = {name: _table(store, name) for name in names if name not in _LOG}
        return (mark | {"schema": digest(schema)} if names else {}), _log(store, names), tuple(faults)


def _log(store: sqlite3.Connection, names: list[str]) -> tuple[Entry, ...]:
    """Read the runs with all that belongs to each."""
    if "run" not in names:
        return ()
    store.row_factory = sqlite3.Row
    runs = store.execute("SELECT * FROM run ORDER BY id").fetchall()
    store.row_factory = None
    return tuple(
        Entry(run["id"], _told(store, run), _parts(store, "diagnostic", run["id"]), run["outputs"]) for run in runs
    )


def _told(store: sqlite3.Connection, run: sqlite3.Row) -> str:
    """A digest of a run and its plan."""
    values = [repr(run[name]) for name in run.keys() if name not in {"id", "outputs"}]  # noqa: SIM118 - a Row is no mapping
    return digest([*values, *_parts(store, "plan_chunk", run["id"])])


def _parts(store: sqlite3.Connection, table: str, run: int) -> tuple[str, ...]:
    """Digests of what belongs to a run, in order."""
    rows = store.execute(f"SELECT * FROM {table} WHERE run_id = ? ORDER BY seq", (run,))  # noqa: S608 - constants
    return tuple(digest([repr(row[1:])]) for row in rows)


def _table(store: sqlite3.Connection, name: str) -> str:
    """A digest of the rows of a table."""
    return digest(sorted(map(repr, store.execute(f'SELECT * FROM "{name}"'))))  # noqa: S608 - from the schema
