"""A package that is a zip: read as a stream, never unpacked to disk, and not believed."""

from __future__ import annotations

import copy
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rostersync.sources.csv.entries import Chosen, choose, refuse_unsafe
from rostersync.sources.csv.refusals import Refusal, changed
from rostersync.sources.csv.streams import (
    FREE_OF_RATIO,
    MOST_INFLATED,
    MOST_RATIO,
    Mark,
    Meter,
    ZipStream,
    damaged,
    mark,
    too_large,
)
from rostersync.sources.csv.text import Readable

MOST_ENTRIES = 200
"""Entries that a package may have; OneRoster has 22 files."""

_LARGEST_DIRECTORY = 1 << 20
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


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
        except (zipfile.BadZipFile, RuntimeError, OSError, ValueError, EOFError) as error:
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

    def _mark(self) -> Mark:
        return mark(os.fstat(self._stream.fileno()))


class _Careful:
    """A file whose parts are read only up to a size: a directory of millions of entries is refused unread."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name
        self.seek = stream.seek
        self.tell = stream.tell
        self.seekable = stream.seekable

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes."""
        if size > _LARGEST_DIRECTORY:
            raise too_large(self._name)
        return self._stream.read(size)


def _zip_file(stream: IO[bytes], name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(_Careful(stream, name))
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError) as error:
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
