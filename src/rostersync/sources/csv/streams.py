"""The bytes of one file, read from front to back within limits; foreign errors become ours here."""

from __future__ import annotations

import os
import zlib
from typing import IO, NamedTuple
from zipfile import BadZipFile

from rostersync.sources.csv.refusals import EXPORT_AGAIN, Refusal

MOST_INFLATED = 4 << 30
"""Bytes that the files of a package may have together."""

MOST_RATIO = 250
"""How many times larger a file may be than it is packed; rosters stay under 50."""

FREE_OF_RATIO = 8 << 20
"""Bytes that may come out of a file before its ratio is looked at."""


class Mark(NamedTuple):
    """What tells whether a file has changed."""

    size: int
    modified: int
    inode: int


def mark(found: os.stat_result) -> Mark:
    """The mark of a file as it is now."""
    return Mark(found.st_size, found.st_mtime_ns, found.st_ino)


class Meter:
    """What has come out of a package so far."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.inflated = 0

    def add(self, file: str, count: int) -> None:
        """Count more bytes of a file.

        Raises:
            Refusal: they are too many.
        """
        self.inflated += count
        if self.inflated > MOST_INFLATED:
            raise too_large(file)


class FileStream:
    """A file on disk."""

    def __init__(self, file: str, stream: IO[bytes], meter: Meter) -> None:
        """Take the open file."""
        self._file = file
        self._stream = stream
        self._meter = meter

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes."""
        try:
            block = self._stream.read(size)
        except OSError as error:
            raise cannot_read(self._file, error) from error
        self._meter.add(self._file, len(block))
        return block


class ZipStream:
    """A file in a zip, inflated as it is read, and held to the size, the checksum and the ratio it claims."""

    def __init__(self, file: str, stream: IO[bytes], meter: Meter, *, size: int, packed: int) -> None:
        """Take the stream of the archive, and what the archive's directory says of it."""
        self._file = file
        self._stream = stream
        self._meter = meter
        self._size = size
        self._packed = packed
        self._count = 0

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; at the end the count has to be the one that was claimed."""
        try:
            block = self._stream.read(size)
        except (BadZipFile, EOFError, OSError, zlib.error) as error:
            raise damaged(f"{self._file} in it cannot be unpacked", self._file) from error
        self._count += len(block)
        self._meter.add(self._file, len(block))
        self._check(ended=not block)
        return block

    def _check(self, *, ended: bool) -> None:
        if self._count > FREE_OF_RATIO and self._count > MOST_RATIO * self._packed:
            raise too_large(self._file)
        if self._count > self._size or (ended and self._count != self._size):
            raise Refusal(
                "zip-size",
                f"{self._file} is not as large as the archive says",
                "Do not use it: the archive is damaged or was made to deceive. " + EXPORT_AGAIN,
                file=self._file,
            )


def too_large(file: str) -> Refusal:
    """More comes out of it than a roster can be."""
    return Refusal(
        "zip-bomb",
        f"{file} unpacks to more than is safe",
        f"A package may unpack to {MOST_INFLATED >> 30} GiB, a file to {MOST_RATIO} times its packed size. "
        "Ask the vendor what this file is.",
        file=file,
    )


def damaged(what: str, file: str | None = None) -> Refusal:
    """The archive is broken."""
    return Refusal("zip-damaged", what, EXPORT_AGAIN, file=file)


def cannot_read(file: str, error: OSError) -> Refusal:
    """The system does not let it be read."""
    why = error.strerror or type(error).__name__
    return Refusal(
        "not-readable",
        f"{file} cannot be read: {why}",
        "Check `path` and the rights of the user that rostersync runs as.",
        file=file,
    )
