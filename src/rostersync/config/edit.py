"""Takes an integration out of the configuration file and leaves the rest as it is written (contract §2 `remove`).

The text is cut, not written anew: what a TOML library writes back loses the comments between one table and the next.
"""

from __future__ import annotations

import contextlib
import copy
import os
import re
import tempfile
import tomllib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from rostersync.config.find import read_toml
from rostersync.config.positions import Form, Place, scan
from rostersync.errors import UsageError

Span = tuple[int, int]


def remove_integration(path: Path, name: str) -> None:
    """Take an integration with all its tables out of the file, which is replaced in one step.

    Comments of other integrations, and those before and behind the tables that go, stay. A symbolic link stays one: the
    file that it points to is changed. Raises UsageError (RS-CFG-005 where there is no such integration), ConfigError
    where the file cannot be read.
    """
    text, data = read_toml(path)
    left = _without(data, name, path)
    edited = cut_integration(text, name)
    if _plain(tomllib.loads(edited)) != _plain(left):
        message = f'integration "{name}" is written in a way that cannot be cut out of {path}'
        raise UsageError(message, "take it out with an editor")
    write_atomically(path, edited.encode("utf-8"))


def cut_integration(text: str, name: str) -> str:
    """Give a TOML text without the lines, or the members of an inline table, that belong to an integration."""
    for start, end in sorted(_spans(text, ("integrations", name)), reverse=True):
        text = text[:start] + text[end:]
    while member := next(_members(text, ("integrations", name)), None):
        text = _cut_member(text, member)
    return text


def _spans(text: str, prefix: tuple[str, str]) -> Iterator[Span]:
    """Yield whole lines: each from the first to the last of neighboring statements that belong to the integration."""
    statements = (place for place in scan(text) if place.form in {Form.HEADER, Form.PAIR})
    for doomed, run in groupby(statements, lambda place: place.path[:2] == prefix):
        if doomed:
            places = list(run)
            yield _lines_around(text, places[0].start, places[-1].end)


def _lines_around(text: str, start: int, end: int) -> Span:
    following = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, len(text) if following < 0 else following + 1


def _members(text: str, prefix: tuple[str, str]) -> Iterator[Place]:
    return (place for place in scan(text) if place.form is Form.MEMBER and place.path[:2] == prefix)


def _cut_member(text: str, member: Place) -> str:
    """Take a member and one comma out of an inline table."""
    before, after = text[: member.start], text[member.end :]
    comma = re.match(r"\s*,[ \t]*", after)
    return before + after[comma.end() :] if comma else re.sub(r"\s*,\s*$", "", before) + after


def _without(data: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    left = copy.deepcopy(data)
    integrations = left.get("integrations")
    if not isinstance(integrations, dict) or name not in integrations:
        known = ", ".join(integrations) if isinstance(integrations, dict) and integrations else "none"
        raise UsageError(f'no integration "{name}"', f"integrations in {path}: {known}", "RS-CFG-005")
    del integrations[name]
    return left


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """Treat a file without integrations as one with an empty table of them."""
    return {**data, "integrations": data.get("integrations", {})}


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file in one step, with its mode kept, through a symbolic link; raises UsageError where that fails."""
    target = path.resolve()
    try:
        _replace(target, data)
    except OSError as error:
        hint = f"the folder {target.parent} must be writable"
        raise UsageError(f"{target} cannot be written: {error.strerror or error}", hint) from error


def _replace(target: Path, data: bytes) -> None:
    """Write beside the target, put it on disk, rename it over the target, and put the rename on disk."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            _dress(descriptor, target)
            os.fsync(descriptor)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _dress(descriptor: int, target: Path) -> None:
    """Give the new file the mode of the old one, and its owner where we may."""
    if not target.exists():
        return
    status = target.stat()
    with contextlib.suppress(PermissionError):
        os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, status.st_mode & 0o7777)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
