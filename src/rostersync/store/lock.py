"""The lock of an integration: one run at a time, freed by the system when its process dies however it dies.

Who holds it stands in the lock file, not in the store: the store may be locked itself for longer than the 2 seconds in
which a second run has its answer, and a preview leaves its bytes as they are.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import msgspec

from rostersync.errors import Locked
from rostersync.signals import disturbed, undisturbed
from rostersync.store.boundary import LOCKED, boundary
from rostersync.store.files import open_private

_LONGEST = 4_096


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: the process, its machine, and since when (RFC 3339 in UTC)."""

    pid: int
    host: str
    started_at: str


@contextmanager
def integration_lock(store: Path, name: str, holder: Holder) -> Iterator[None]:
    """Hold the lock of an integration of a store while inside; raises Locked at once where another process has it.

    Raises StoreError where the lock file cannot be made, as where it is a symbolic link or its folder does not exist.
    """
    path = lock_path(store, name)
    with undisturbed():
        with boundary(f"the lock {path}"):
            descriptor = _acquire(path, name)
        try:
            with boundary(f"the lock {path}"):
                os.truncate(descriptor, 0)
                os.pwrite(descriptor, msgspec.json.encode(holder), 0)
            with disturbed():
                yield
        finally:
            # Removed while still held; whoever opened it meanwhile notices that the name has gone.
            with suppress(OSError):
                path.unlink()
            os.close(descriptor)


def find_holder(store: Path, name: str) -> Locked | None:
    """Say who holds the lock of an integration now, without taking it or touching the store; None where nobody does."""
    try:
        descriptor = os.open(lock_path(store, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _held(name, _read(descriptor))
    finally:
        os.close(descriptor)
    return None


def lock_path(store: Path, name: str) -> Path:
    """Name the lock file of an integration, beside its store."""
    return store.with_name(f"{store.name}.lock-{quote(name, safe='')}")


def _acquire(path: Path, name: str) -> int:
    """Lock the file that has the name now, and return its descriptor."""
    while True:
        descriptor = open_private(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _read(descriptor)
            os.close(descriptor)
            raise _held(name, holder) from error
        if _still_named(descriptor, path):
            return descriptor
        os.close(descriptor)


def _still_named(descriptor: int, path: Path) -> bool:
    """Whether the locked file is the one that others would open; the last holder may have removed it in between."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _read(descriptor: int) -> Holder | None:
    """Read who holds the lock; None in the moment before that is written."""
    try:
        return msgspec.json.decode(os.pread(descriptor, _LONGEST, 0), type=Holder)
    except msgspec.MsgspecError:
        return None


def _held(name: str, holder: Holder | None) -> Locked:
    """Make the error that says who holds the lock."""
    who = f" (process {holder.pid} on {holder.host}, since {holder.started_at})" if holder else ""
    hint = "Wait until it has ended, then try again; a run that was killed holds nothing."
    return Locked(LOCKED, f"another run holds {name}{who}", hint)
