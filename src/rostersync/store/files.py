"""The files of a store: private to us under any umask, never through a symbolic link."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_MINE = 0o600
_MY_FOLDER = 0o700


def create_private(path: Path) -> None:
    """Create an empty file, and the folders that are missing, for us alone; one that exists is left as it is."""
    missing = [folder for folder in path.absolute().parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=_MY_FOLDER, exist_ok=True)
        folder.chmod(_MY_FOLDER)
    try:
        os.close(open_private(path, os.O_EXCL))
    except FileExistsError:
        # Another process made it at this very moment, which is as good as if we had.
        return


def open_private(path: Path, flags: int = 0) -> int:
    """Open a file for reading and writing, made for us alone where it is new, and return its descriptor.

    Raises OSError, ELOOP where it is a symbolic link.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | flags, _MINE)
    os.fchmod(descriptor, _MINE)
    return descriptor


def copy_name(store: Path, revision: str) -> Path:
    """Name the copy that is kept of a store from before a revision."""
    return store.with_name(f"{store.name}.before-{revision}")


def copies(store: Path) -> Iterator[Path]:
    """Find the copies that migrations have left beside a store."""
    prefix = copy_name(store, "").name
    return (path for path in store.parent.iterdir() if path.name.startswith(prefix))
