"""Lets the global options stand before or after the command (contract §2)."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FLAGS = frozenset({"--json", "--verbose", "--quiet", "--no-input"})
_SHORT = re.compile(r"-[vq]+")
_VALUED = "--config"


def globals_first(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the global options, with their values, from the rest; what follows `--` is left alone."""
    first: list[str] = []
    rest: list[str] = []
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word == "--":
            return first, [*rest, word, *words]
        if word == _VALUED and not words:
            return [*first, word], []  # alone, so that its value is missed and not the command taken for it
        if word == _VALUED:
            first += [word, words.pop(0)]
        elif word in _FLAGS or _SHORT.fullmatch(word) or word.startswith(f"{_VALUED}="):
            first.append(word)
        else:
            rest.append(word)
    return first, rest
