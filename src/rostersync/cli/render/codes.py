"""The catalogue of codes, whole or one entry of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from rostersync.cli.render.document import Document, document
from rostersync.cli.render.text import safe
from rostersync.errors import UsageError
from rostersync.model.codes import CATALOGUE, Code

if TYPE_CHECKING:
    from rich.console import RenderableType

_PREFIX = "RS-"
_STYLES = {"error": "bold red", "warning": "yellow", "info": "blue"}


def chosen(asked: str | None) -> list[Code]:
    """The code that was asked for, in any case and without RS- too, or all; raises UsageError for an unknown one."""
    if asked is None:
        return list(CATALOGUE)
    word = asked.strip().upper()
    full = word if word.startswith(_PREFIX) else _PREFIX + word
    found = next((code for code in CATALOGUE if code.value == full), None)
    if found is None:
        near = get_close_matches(full, [code.value for code in CATALOGUE], n=1, cutoff=0.6)
        meant = f', did you mean "{near[0]}"?' if near else ""
        raise UsageError(f'no code "{asked}"{meant}', "`rostersync codes` lists all of them.")
    return [found]


def catalogue(codes: Sequence[Code]) -> Document:
    """The document of `codes`."""
    rows = [
        {
            "code": code.value,
            "severity": CATALOGUE[code].severity.value,
            "title": CATALOGUE[code].title,
            "meaning": CATALOGUE[code].meaning,
            "cause": CATALOGUE[code].cause,
            "remedy": CATALOGUE[code].remedy,
        }
        for code in codes
    ]
    message = f"{codes[0].value}: {CATALOGUE[codes[0]].title}" if len(codes) == 1 else f"{len(codes)} codes"
    return document("codes", message=message, codes=rows)


def show(answer: Document) -> Iterator[RenderableType]:
    """A paragraph for each code."""
    for place, entry in enumerate(answer["codes"]):
        if place:
            yield ""
        severity = entry["severity"]
        yield Text.assemble((entry["code"], "bold"), "  ", (severity, _STYLES[severity]), f"  {entry['title']}")
        for label, key in (("", "meaning"), ("Cause: ", "cause"), ("What to do: ", "remedy")):
            yield Padding(Text.assemble((label, "bold"), safe(entry[key])), (0, 0, 0, 2))
