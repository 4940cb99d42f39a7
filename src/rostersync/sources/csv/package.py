"""A package of files: a folder, or a zip that is never unpacked to disk."""

from __future__ import annotations

import copy
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from rostersync.sources.csv.entries import Chosen, Notice, choose, refuse_unsafe
from rostersync.sources.csv.refusals import Refusal, changed
from rostersync.sources.csv.streams import (
    FREE_OF_RATIO,
    MOST_INFLATED,
    MOST_RATIO,
    FileStream,
    Meter,
    ZipStream,
    cannot_read,
    damaged,
    too_large,
)
from rostersync.sources.csv.text import Readable

MOST_ENTRIES = 200
"""Entries that a package may have; OneRoster has 22 files."""

_LARGEST_DIRECTORY = 1 << 20
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Package(Protocol):
    """The files of a roster, by OneRoster's names without `.csv`."""

    path: Path
    files: dict[str, str]
    notices: list[Notice]

    def read(self, name: str) -> Any:  # noqa: ANN401 (a context manager of Readable)
        """Open one of `files`; raises Refusal for what cannot be had."""
        ...

    def verify(self) -> None:
        """Raise Refusal where the package has changed since it was opened."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


class _Mark(NamedTuple):
    """What tells whether a file has changed."""

    size: int
    modified: int
    inode: int


def newest(path: Path) -> Path:
    """The path itself, or of a glob the newest match by name: numbers count as numbers, so `10` is after `9`.

    Raises:
        Refusal: there is none.
    """
    if path.exists():
        return path
    found = sorted(glob(str(path)), key=_by_name) if set(str(path)) & set("*?[") else []  # noqa: PTH207 (absolute)
    if found:
        return Path(found[-1])
    raise Refusal(
        "not-found",
        f"there is no {path.name!a}" + (" that matches" if "*" in path.name else ""),
        f"Check `path`: {path} must be a folder, a zip, or a glob such as drop/*.zip.",
    )


def open_package(path: Path) -> Package:
    """Open the package that a path or glob names.

    Raises:
        Refusal: there is none, or it is not safe to read.
    """
    found = newest(path)
    try:
        kind = found.stat().st_mode
        if stat.S_ISDIR(kind):
            return Folder(found)
        if stat.S_ISREG(kind):
            return Zip(found)
    except OSError as error:
        raise cannot_read(found.name, error) from error
    raise Refusal("not-found", f"{found.name!a} is neither a folder nor a file", "Check `path`.")


class Folder:
    """A folder of CSV files."""

    def __init__(self, path: Path) -> None:
        """List it, and mark the state of its files."""
        self.path = path
        chosen = _listed(path)
        self.files, self.notices = chosen.files, chosen.notices
        self._meter = Meter()
        self._marks = {name: self._mark(name) for name in self.files}

    @contextmanager
    def read(self, name: str) -> Iterator[Readable]:
        """Open one of its files; it must be the same when it has been read."""
        file = f"{name}.csv"
        try:
            stream = (self.path / self.files[name]).open("rb", buffering=0)
        except OSError as error:
            raise cannot_read(file, error) from error
        with stream:
            yield FileStream(file, stream, self._meter)
        self._verify(name)

    def verify(self) -> None:
        """Raise Refusal where a file has changed, come or gone since the folder was listed."""
        for name in self.files:
            self._verify(name)
        now = _listed(self.path).files
        if now != self.files:
            raise changed(next(iter(sorted(set(now) ^ set(self.files))), "a file"))

    def close(self) -> None:
        """Forget what was read."""
        self._meter = Meter()

    def _verify(self, name: str) -> None:
        if self._mark(name) != self._marks[name]:
            raise changed(f"{name}.csv")

    def _mark(self, name: str) -> _Mark:
        try:
            found = (self.path / self.files[name]).stat()
        except OSError as error:
            raise cannot_read(f"{name}.csv", error) from error
        if not stat.S_ISREG(found.st_mode):
            raise Refusal("not-readable", f"{name}.csv is no ordinary file", "Put the file itself there.")
        return _Mark(found.st_size, found.st_mtime_ns, found.st_ino)


class Zip:
    """A zip of CSV files."""

    def __init__(self, path: Path) -> None:
        """Read its directory."""
        self.path = path
        self._stream = path.open("rb")
        try:
            self._marked = self._mark()
            self._zip = _zip_file(self._stream, path.name)
            self._infos = {info.filename: info for info in self._zip.infolist()}
            chosen = _checked(self._zip.infolist())
        except BaseException:
            self._stream.close()
            raise
        self.files, self.notices = chosen.files, chosen.notices
        self._meter = Meter()

    @contextmanager
    def read(self, name: str) -> Iterator[Readable]:
        """Open one of its files."""
        file = f"{name}.csv"
        info = self._infos[self.files[name]]
        # The size that is claimed is not believed: the end is where the packed bytes end, and then both are compared.
        unbounded = copy.copy(info)
        unbounded.file_size = MOST_INFLATED + 1
        try:
            stream = self._zip.open(unbounded)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            raise damaged(f"{file} in it cannot be unpacked", file) from error
        with stream:
            yield ZipStream(file, stream, self._meter, size=info.file_size, packed=info.compress_size)
        self.verify()

    def verify(self) -> None:
        """Raise Refusal where the zip has been written to since it was opened."""
        if self._mark() != self._marked:
            raise changed(self.path.name)

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._stream.close()

    def _mark(self) -> _Mark:
        found = os.fstat(self._stream.fileno())
        return _Mark(found.st_size, found.st_mtime_ns, found.st_ino)


class _Careful:
    """A file whose parts are read only up to a size: a directory of millions of entries is refused unread."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.seek = stream.seek
        self.tell = stream.tell
        self.seekable = stream.seekable

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes."""
        if size > _LARGEST_DIRECTORY:
            raise zipfile.BadZipFile("its directory is too large")
        return self._stream.read(size)


def _zip_file(stream: IO[bytes], name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(_Careful(stream))
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError) as error:
        if isinstance(error, zipfile.BadZipFile) and "directory is too large" in str(error):
            raise too_large(name) from error
        raise damaged(f"{name!a} is no zip, or a damaged one: {error}") from error


def _checked(infos: list[zipfile.ZipInfo]) -> Chosen:
    """Choose the files of an archive, all entries being safe."""
    if len(infos) > MOST_ENTRIES:
        raise Refusal(
            "zip-entries",
            f"it has {len(infos)} entries, more than the {MOST_ENTRIES} that are safe",
            "Ask the vendor for a zip of the CSV files alone.",
        )
    for info in infos:
        refuse_unsafe(info.orig_filename)
    chosen = choose(info.filename for info in infos)
    used = set(chosen.files.values())
    for info in infos:
        if info.filename in used:
            _refuse_info(info)
    return chosen


def _refuse_info(info: zipfile.ZipInfo) -> None:
    name = info.filename.rpartition("/")[2]
    if info.flag_bits & _ENCRYPTED:
        raise Refusal(
            "zip-encrypted",
            f"{name} in it is encrypted",
            "Ask for a zip without a password, sent over SFTP or another way that is encrypted by itself.",
            file=name,
        )
    if info.compress_type not in _METHODS:
        raise Refusal(
            "zip-method",
            f"{name} is packed by a method that OneRoster does not have ({info.compress_type})",
            "Ask for a zip packed with Deflate, which every tool can make.",
            file=name,
        )
    if info.file_size > MOST_INFLATED:
        raise too_large(name)
    if info.file_size > FREE_OF_RATIO and info.file_size > MOST_RATIO * info.compress_size:
        raise too_large(name)


def _listed(path: Path) -> Chosen:
    """Choose the files of a folder, at its root or in the one folder in it."""
    try:
        names = [entry.name for entry in os.scandir(path) if entry.is_file()]
        below = [entry.name for entry in os.scandir(path) if entry.is_dir() and not entry.name.startswith(".")]
        if not any(name.casefold().endswith(".csv") for name in names) and len(below) == 1:
            inner = path / below[0]
            names += [f"{below[0]}/{entry.name}" for entry in os.scandir(inner) if entry.is_file()]
    except OSError as error:
        raise cannot_read(path.name, error) from error
    return choose(sorted(names))


def _by_name(path: str) -> list[tuple[int, int | str]]:
    """The order of names: numbers in them by their value."""
    parts = re.split(r"(\d+)", path)
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts if part]
