"""Turns what is wrong in a table into problems with line, key, what is wrong and what is allowed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from rostersync.config.positions import KeyPath, Lines, dotted
from rostersync.config.schema import SECTIONS, keys_of
from rostersync.config.vendors import PROFILES
from rostersync.errors import Problem

_UNIONS = {"source": 1, "directory": 1, "outputs": 2}
_EXPECTED = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list in brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "union_tag_not_found": "a table",
}
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where problems are looked for: a file, its lines, and the path of a table in it."""

    file: str
    lines: Lines
    path: KeyPath = ()

    def problem(self, key: KeyPath, message: str, hint: str = "", code: str = "RS-CFG-003") -> Problem:
        """Make the problem of a key below this table."""
        path = (*self.path, *key)
        return Problem(code, self.file, self.lines.line(path), dotted(path), message, hint)

    def below(self, *keys: str | int) -> Spot:
        """Give the spot of a table inside this one."""
        return Spot(self.file, self.lines, (*self.path, *keys))


def suggestion(word: str, allowed: Iterable[str]) -> str:
    """Ask whether the nearest of the allowed words was meant; empty where none is near."""
    near = difflib.get_close_matches(word.lower(), list(allowed), n=1, cutoff=0.6)
    return f', did you mean "{near[0]}"?' if near else ""


def unknown_key(spot: Spot, key: KeyPath, allowed: tuple[str, ...], elsewhere: str = "") -> Problem:
    """Make the problem of a key that its table does not have."""
    listed = "allowed here: " + ", ".join(allowed)
    near = suggestion(str(key[-1]), allowed)
    return spot.problem(key, f"unknown key{elsewhere or near or '; ' + listed}", listed)


def not_allowed(value: object, allowed: Iterable[str]) -> str:
    """Say that a value is none of those that are allowed."""
    words = list(allowed)
    listed = ", ".join(f'"{word}"' for word in words)
    if not isinstance(value, str):
        return f"must be one of {listed}, not {kind_of(value)}"
    return f'"{value}" is not allowed{suggestion(value, words) or ";"} allowed: {listed}'


def kind_of(value: object) -> str:
    """Name the kind of a TOML value, never the value: it may be a secret."""
    kinds = ((bool, "true or false"), (int, "a whole number"), (float, "a number with a point"), (str, "text"))
    more = ((list, "a list"), (dict, "a table"))
    return next((name for kind, name in (*kinds, *more) if isinstance(value, kind)), "a date or time")


def from_pydantic(error: ErrorDetails, spot: Spot, table: Mapping[str, Any]) -> Problem:
    """Translate one finding of pydantic about an integration's table."""
    place = tuple(part for part in error["loc"] if part != "[key]")
    section, key = _split(() if place == ("key",) else place)
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "rostersync":
        return spot.problem(key, context["message"], context["hint"], context["code"])
    if kind == "extra_forbidden":
        return _extra(spot, section, key)
    if kind == "missing":
        return spot.problem(key, "is missing", _missing_hint(key, table))
    if kind == "union_tag_invalid":
        return _tag(spot, key, value, context)
    hint = "parents are synced by sync.parents = true" if key[:2] == ("sync", "roles") and value == "parent" else ""
    return spot.problem(key, _message(kind, value, context), hint)


def _split(place: tuple[int | str, ...]) -> tuple[tuple[str, ...], KeyPath]:
    """Part pydantic's place into the section of the schema and the key in the file, where no union's member stands."""
    section: list[str] = []
    key: list[str | int] = []
    skip = _UNIONS.get(str(place[0]), 0) if place else 0
    auth = 3 if place[:3] == ("source", "rest", "auth") else 0
    for index, part in enumerate(place):
        if index in {skip, auth} and index:
            section.append(str(part))
            continue
        key.append(part)
        if index < len(place) - 1 and isinstance(part, str):
            section.append(part)
    return tuple(section), tuple(key)


def _extra(spot: Spot, section: tuple[str, ...], key: KeyPath) -> Problem:
    model = SECTIONS[section]
    owners = [
        other[-1]
        for other, sister in SECTIONS.items()
        if other and section and other[:-1] == section[:-1] and str(key[-1]) in keys_of(sister) and other[0] in _UNIONS
    ]
    what = "format" if section[:1] == ("outputs",) else "type"
    elsewhere = f' for {what} "{section[-1]}"; it belongs to {what} "{owners[0]}"' if owners else ""
    return unknown_key(spot, key, keys_of(model), elsewhere)


def _missing_hint(key: KeyPath, table: Mapping[str, Any]) -> str:
    if key == ("source",):
        return f"add the table [integrations.{table.get('key')}.source] with at least url and auth"
    if key == ("source", "url"):
        profile = PROFILES.get(str(table.get("vendor", "other")), PROFILES["other"])
        return f'add a line url = "https://HOST{profile.path}" with the host of your server'
    return f"add a line {key[-1]} = …"


def _tag(spot: Spot, key: KeyPath, value: object, context: Mapping[str, Any]) -> Problem:
    """Refuse the type or format by which the members of a union are told apart."""
    name = "format" if key[0] == "outputs" else "type"
    tags = re.findall(r"'([^']*)'", context["expected_tags"])
    found = value.get(name) if isinstance(value, dict) else None
    if found is None:
        return spot.problem((*key, name), f"is missing; allowed: {', '.join(tags)}")
    return spot.problem((*key, name), not_allowed(found, tags))


def _message(kind: str, value: object, context: Mapping[str, Any]) -> str:
    if kind == "literal_error":
        return not_allowed(value, re.findall(r"'([^']*)'", context["expected"]))
    if kind in _EXPECTED:
        return f"must be {_EXPECTED[kind]}, not {kind_of(value)}"
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"must be {words} {context[bound]:.10g}"
    if kind == "string_too_short":
        return "must not be empty"
    if kind == "finite_number":
        return "must be a finite number"
    return "is not a value that can stand here"
