"""Writes JSON documents (contract §3), streaming: a list may be any iterable, and is never held as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

Document = Mapping[str, Any]
"""What a command answers. Its values are plain, or iterables that are written as lists, item by item."""


def document(command: str, **values: object) -> dict[str, Any]:
    """Make the document of a command, its words joined by `-`; the keys stay in the order given."""
    return {"schema": f"rostersync/{command}/1", **values}


def pieces(value: object) -> Iterator[bytes]:
    """Yield the JSON of a value in UTF-8, in pieces; what is streamed has one item a line."""
    try:
        yield _ENCODE(value)
    except (TypeError, UnicodeEncodeError):
        yield from _parts(value)


def _parts(value: object) -> Iterator[bytes]:
    """Yield the pieces of something that the encoder cannot take whole."""
    match value:
        case str():
            yield _ENCODE(value.encode("utf-8", "backslashreplace").decode())
        case Mapping():
            yield from _mapping(value)
        case Iterable():
            yield from _items(value)
        case _:
            raise TypeError(f"no JSON for {type(value).__name__}")


def _mapping(values: Mapping[str, object]) -> Iterator[bytes]:
    yield b"{"
    for place, (key, value) in enumerate(values.items()):
        yield b"," if place else b""
        yield from _parts(key)
        yield b":"
        yield from pieces(value)
    yield b"}"


def _items(values: Iterable[object]) -> Iterator[bytes]:
    yield b"["
    for place, value in enumerate(values):
        yield b",\n" if place else b"\n"
        yield from pieces(value)
    yield b"]"


_ENCODE = msgspec.json.Encoder().encode
