"""Compressed answers of a server: the first byte chooses the encoding and the size of the pieces."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from rostersync.errors import RostersyncError
from rostersync.sources.rest.inflate import Body

_ENCODINGS: Final = ("", "gzip", "deflate", "x-gzip", "identity", "br")
_CAP: Final = 1 << 16


def seeds() -> Iterator[bytes]:
    """What is compressed rightly, twice over, cut short, or into more than the cap."""
    page = b'{"users": []}' * 9
    yield b"\x01" + gzip.compress(page, mtime=0)
    yield b"\x01" + gzip.compress(page, mtime=0) * 2
    yield b"\x02" + zlib.compress(page)
    yield b"\x43" + gzip.compress(page, mtime=0)[:-5]
    yield b"\x01" + gzip.compress(bytes(_CAP * 2), mtime=0)
    yield b"\x00" + page


def one(data: bytes) -> None:
    """Inflate an answer as it comes; no more than the cap may come out."""
    choice = data[0] if data else 0
    step = (choice >> 4) * 7 + 1
    with suppress(RostersyncError):
        body = Body(_ENCODINGS[choice % len(_ENCODINGS)], _CAP)
        for start in range(1, len(data), step):
            body.add(data[start : start + step])
        if len(body.whole()) > _CAP:
            raise AssertionError("more came out than the cap allows")
