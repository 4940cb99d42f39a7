"""Text from outside, made safe to be shown: never markup, never a control character, never turned around."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

_JOINERS = "\u200c\u200d"  # some scripts need them inside of names
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def plain(value: object) -> str:
    """The value as text in which control, format and direction characters stand escaped, as Python writes them."""
    text = str(value)
    return text if text.isascii() and text.isprintable() else "".join(map(_shown, text))


def safe(value: object, style: str = "") -> Text:
    """The value as rich text that is nothing but text."""
    from rich.text import Text  # noqa: PLC0415 - slow to load, and not every command that escapes text needs it

    return Text(plain(value), style)


@cache
def _shown(character: str) -> str:
    """One character, or how it is written in Python where it would not be seen."""
    if character in _JOINERS or unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape").decode()
