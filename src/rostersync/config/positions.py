"""Where each key of a TOML text stands: the line for messages, the span for edits.

The text must be valid TOML: the scanner only looks for what begins and ends where.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

KeyPath = tuple[str | int, ...]
"""Keys of tables and numbers of list items, from the top of the file."""

_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
_STRING = re.compile(
    r'''"""(?:\\.|[^\\])*?"""(?:"{1,2}(?!"))?|"(?:\\.|[^"\\\n])*"'''
    r"""|'{3}.*?'{3}(?:'{1,2}(?!'))?|'[^'\n]*'""",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\r\n]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")


class Form(Enum):
    """How a key is written: a table's header, a line of its own, a member of an inline table, an item of a list."""

    HEADER = "header"
    PAIR = "pair"
    MEMBER = "member"
    ITEM = "item"


class Place(NamedTuple):
    """One key or list item: its whole path, the offsets where it begins and ends, and how it is written."""

    path: KeyPath
    start: int
    end: int
    form: Form


class Lines:
    """Answers on which line of a TOML text a key stands."""

    def __init__(self, text: str) -> None:
        """Scan a valid TOML text."""
        breaks = [match.end() for match in re.finditer("\n", text)]
        self._lines: dict[KeyPath, int] = {}
        places = [(place.path, bisect_right(breaks, place.start) + 1) for place in scan(text)]
        for path, line in places:
            self._lines.setdefault(path, line)
        for path, line in places:
            for depth in range(1, len(path)):
                self._lines.setdefault(path[:depth], line)

    def line(self, path: KeyPath) -> int | None:
        """Give the line of a key, else of the nearest table around it, else None."""
        for depth in range(len(path), 0, -1):
            if path[:depth] in self._lines:
                return self._lines[path[:depth]]
        return None


def dotted(path: KeyPath) -> str:
    """Write a path as people do: `integrations.springfield.outputs[0].format`, with quotes where TOML needs them."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else '"' + part.replace('"', '\\"') + '"'
            text += f".{plain}" if text else plain
    return text


def scan(text: str) -> Iterator[Place]:
    """Yield every key and list item of a valid TOML text, in the order in which they stand."""
    yield from _Scanner(text).document()


class _Scanner:
    """Walks over a text once; `_at` is the offset of what comes next."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counts: dict[KeyPath, int] = {}

    def document(self) -> Iterator[Place]:
        """Yield the places of headers and of the keys below them."""
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._peek("["):
                place = self._header()
                table = place.path
                yield place
            else:
                yield from self._pair(table, Form.PAIR)
            self._skip(_BLANK)

    def _header(self) -> Place:
        start = self._at
        array = self._peek("[[")
        self._at += 2 if array else 1
        keys = self._keys()
        self._at += 2 if array else 1
        return Place(self._table(keys, array=array), start, self._at, Form.HEADER)

    def _table(self, keys: tuple[str, ...], *, array: bool) -> KeyPath:
        """Put the number of the last item behind every array of tables on the way."""
        path: KeyPath = ()
        for depth, key in enumerate(keys, 1):
            path = (*path, key)
            if array and depth == len(keys):
                self._counts[path] = self._counts.get(path, 0) + 1
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        return path

    def _pair(self, table: KeyPath, form: Form) -> Iterator[Place]:
        start = self._at
        path = (*table, *self._keys())
        self._at += 1
        self._skip(_SPACE)
        inner = list(self._value(path))
        yield Place(path, start, self._at, form)
        yield from inner

    def _value(self, path: KeyPath) -> Iterator[Place]:
        if self._peek("["):
            yield from self._list(path)
        elif self._peek("{"):
            yield from self._inline(path)
        else:
            self._scalar()

    def _scalar(self) -> None:
        string = _STRING.match(self._text, self._at)
        scalar = string or _SCALAR.match(self._text, self._at)
        if scalar is None:
            raise ValueError(f"no value at offset {self._at}")
        self._at += len(scalar[0].rstrip())

    def _list(self, path: KeyPath) -> Iterator[Place]:
        self._open()
        number = 0
        while not self._peek("]"):
            start = self._at
            item = (*path, number)
            inner = list(self._value(item))
            yield Place(item, start, self._at, Form.ITEM)
            yield from inner
            self._comma()
            number += 1
        self._at += 1

    def _inline(self, path: KeyPath) -> Iterator[Place]:
        self._open()
        while not self._peek("}"):
            yield from self._pair(path, Form.MEMBER)
            self._comma()
        self._at += 1

    def _open(self) -> None:
        self._at += 1
        self._skip(_BLANK)

    def _comma(self) -> None:
        self._skip(_BLANK)
        if self._peek(","):
            self._at += 1
            self._skip(_BLANK)

    def _keys(self) -> tuple[str, ...]:
        keys = [self._key()]
        while self._peek("."):
            self._at += 1
            keys.append(self._key())
        return tuple(keys)

    def _key(self) -> str:
        self._skip(_SPACE)
        match = _KEY.match(self._text, self._at)
        if match is None:
            raise ValueError(f"no key at offset {self._at}")
        self._at = match.end()
        self._skip(_SPACE)
        text = match[0]
        return str(tomllib.loads(f"key={text}")["key"]) if text[0] in "\"'" else text

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)
