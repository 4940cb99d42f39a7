"""Writes JSON documents (contract §3), streaming: a list may be any iterable, and is never held as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

Document = Mapping[str, Any]
"""What a command answers. Its values are plain, or iterables that are written as lists, item by item."""


def document(command: str, **values: object) -> dict[str, Any]:
    """Make the document of a command, its words joined by `-`; the keys stay in the order given."""
    return {"schema": f"rostersync/{command}/1", **values}


def pieces(value: object) -> Iterator[bytes]:
    """Yield the JSON of a value in UTF-8, in pieces; what is streamed has one item a line.

    Characters that a terminal would obey, or that hide or turn what is read, are escaped: JSON reads them as they were.
    """
    try:
        yield _shown(_encoder()(value))
    except (TypeError, UnicodeEncodeError):
        yield from _parts(value)


def _parts(value: object) -> Iterator[bytes]:
    """Yield the pieces of something that the encoder cannot take whole."""
    match value:
        case str():
            yield _shown(_encoder()(value.encode("utf-8", "backslashreplace").decode()))
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


def _shown(encoded: bytes) -> bytes:
    """The same JSON without raw control, format and direction characters; beyond ASCII they stand in texts alone."""
    if encoded.isascii() and b"\x7f" not in encoded:
        return encoded
    return _HIDDEN.sub(_escaped, encoded.decode()).encode()


def _escaped(found: re.Match[str]) -> str:
    """One character in the escapes of JSON: one for each unit of UTF-16."""
    units = found[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


_HIDDEN = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001-\U000e007f]"
)
"""Unicode's categories Cc, Cf, Zl and Zp, but for the two joiners that some scripts need (render.text)."""


@cache
def _encoder() -> Callable[[object], bytes]:
    """The encoder, which is loaded with the first document: `--help` has none."""
    from msgspec.json import Encoder  # noqa: PLC0415 - as above

    return Encoder().encode
