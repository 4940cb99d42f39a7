"""Puts a set of files into the place of the former one: whole, or not at all.

The new set is written beside the target under a hidden name, private to us, and renamed when it is complete on disk. A
folder cannot be renamed over another, so the former one steps aside for the moment between two renames; a process that
dies there leaves the former set under its hidden name, and the next one puts it back before it does anything else.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rostersync.outputs.archive import pack
from rostersync.outputs.failures import boundary, refused
from rostersync.outputs.names import OURS
from rostersync.outputs.turns import alone

_MINE = 0o600
_MY_FOLDER = 0o700
_CHUNK = 1 << 20
# Desktops leave these wherever somebody looks.
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


class Package:
    """A set of files in the making; `rows` counts what the formats have put into it."""

    def __init__(self, folder: Path) -> None:
        """Write into this folder, which is empty."""
        self._folder = folder
        self.rows = 0

    @contextmanager
    def create(self, name: str) -> Iterator[BinaryIO]:
        """Open a new file of the set for writing; it is on disk when the block ends."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(self._folder / name, flags, _MINE), "wb", _CHUNK) as file:
            yield file
            _sync(file)

    def rewrite(self, name: str, change: Callable[[bytes], bytes]) -> None:
        """Write a file of the set anew, changing every line of it."""
        with (self._folder / name).open("rb") as former:
            self.drop(name)
            with self.create(name) as file:
                file.writelines(map(change, former))

    def drop(self, name: str) -> None:
        """Take a file out of the set again."""
        (self._folder / name).unlink()


@contextmanager
def replacing(path: Path) -> Iterator[Package]:
    """Give an empty package, which takes the place of what is at the path when the block ends well.

    A path that ends in `.zip` becomes a zip, every other a folder; missing folders are created. Where the new set is
    equal to the old one, byte for byte, the old one stays, with its times. Raises OutputError.
    """
    target = path.absolute()
    with boundary(path):
        _refuse_unusable(path, target)
        _make_folders(target.parent)
        with alone(path, target.parent):
            _repair(target)
            _refuse_foreign(path, target)
            new = _beside(target, "new")
            try:
                new.mkdir(_MY_FOLDER)
                yield Package(new)
                _install(new, target)
            finally:
                _clear_up(target)


def _clear_up(target: Path) -> None:
    """Leave nothing of the making, once more where an interrupt comes between: there is only one."""
    try:
        _repair(target)
    except BaseException:
        _repair(target)
        raise


def is_zip(path: Path) -> bool:
    """Tell whether an output's path asks for a zip."""
    return path.suffix.lower() == ".zip"


def _beside(target: Path, what: str) -> Path:
    """Name a hidden neighbor of the target: on the same disk, so that it can be renamed."""
    return target.with_name(f".{target.name}.rostersync-{what}")


def _refuse_unusable(path: Path, target: Path) -> None:
    """Refuse to follow a link, to replace a file by a folder or the other way round, and a path without a name."""
    if target.name in {"", ".."}:
        raise refused(path, "the path does not end in a name of its own", "Name the folder or zip to be written.")
    if target.is_symlink():
        raise refused(path, "it is a symbolic link", "Give the path that the link leads to, or remove the link.")
    if is_zip(path) and target.exists() and not target.is_file():
        raise refused(path, "it is not a file", "Give the path of a zip inside of it.")
    if not is_zip(path) and target.exists() and not target.is_dir():
        raise refused(path, "it is not a folder", "Let the path end in .zip, or name a folder.")


def _refuse_foreign(path: Path, target: Path) -> None:
    """Refuse to replace a folder that holds anything but the files of an output."""
    if not target.is_dir():
        return
    with os.scandir(target) as entries:
        known = OURS | _LITTER
        foreign = sorted(entry.name for entry in entries if entry.name not in known or not entry.is_file())
    if foreign:
        hint = "The whole folder is replaced with every run: give it a folder of its own."
        raise refused(path, f"it holds what is not of an output: {', '.join(foreign[:3])}", hint)


def _make_folders(folder: Path) -> None:
    """Create the folders that are missing, for us alone."""
    for each in reversed([folder, *folder.parents]):
        if not each.exists():
            each.mkdir(_MY_FOLDER, exist_ok=True)


def _repair(target: Path) -> None:
    """Put back, or clear away, what a process that died has left."""
    old = _beside(target, "old")
    if old.is_dir() and not target.exists():
        old.rename(target)
        _sync_folder(target.parent)
    for what in ("old", "new", "zip"):
        _remove(_beside(target, what))


def _remove(path: Path) -> None:
    """Remove a file or folder of ours, never what a link leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _install(new: Path, target: Path) -> None:
    """Let the new set take the place of the old one, unless they are equal."""
    if is_zip(target):
        archive = _beside(target, "zip")
        with os.fdopen(os.open(archive, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MINE), "w+b") as file:
            pack(new, file)
            _sync(file)
        if not (target.exists() and _equal(archive, target)):
            archive.replace(target)
    elif not (target.exists() and _equal_sets(new, target)):
        _sync_folder(new)
        _swap(new, target)
    _sync_folder(target.parent)


def _swap(new: Path, target: Path) -> None:
    """Rename the new folder into place; where that fails, the old one comes back."""
    old = _beside(target, "old")
    if not target.exists():
        new.rename(target)
        return
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        old.rename(target)
        raise
    _sync_folder(target.parent)
    # The new set is in force: what cannot be cleared away now is cleared away by the next run.
    shutil.rmtree(old, ignore_errors=True)


def _equal_sets(new: Path, old: Path) -> bool:
    """Tell whether two folders hold the same files."""
    names = {entry.name for entry in new.iterdir()}
    there = {entry.name for entry in old.iterdir()} - _LITTER
    return names == there and all(_equal(new / name, old / name) for name in names)


def _equal(new: Path, old: Path) -> bool:
    """Tell whether two files are equal, byte for byte."""
    if new.stat().st_size != old.stat().st_size:
        return False
    with new.open("rb") as one, old.open("rb") as other:
        while chunk := one.read(_CHUNK):
            if chunk != other.read(_CHUNK):
                return False
    return True


def _sync(file: BinaryIO) -> None:
    """See that a file is on disk."""
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """See that the names in a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
