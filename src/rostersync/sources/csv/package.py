"""A package of files: a folder, or a zip that is never unpacked to disk."""

from __future__ import annotations

import re
import stat
from glob import glob
from pathlib import Path
from typing import Any, Protocol

from rostersync.sources.csv.entries import Notice
from rostersync.sources.csv.folder import Folder
from rostersync.sources.csv.refusals import Refusal
from rostersync.sources.csv.streams import cannot_read
from rostersync.sources.csv.zipped import Zip


class Package(Protocol):
    """The files of a roster, by OneRoster's names without `.csv`."""

    path: Path
    files: dict[str, str]
    notices: list[Notice]

    def read(self, name: str) -> Any:  # noqa: ANN401 (a context manager of Readable)
        """Open one of `files`; raises Refusal for what cannot be had."""
        ...

    def verify(self) -> None:
        """Raise Refusal where the package has changed since it was opened."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


def newest(path: Path) -> Path:
    """The path itself, or of a glob the newest match by name: numbers count as numbers, so `10` is after `9`.

    Raises:
        Refusal: there is none.
    """
    if path.exists():
        return path
    found = sorted(glob(str(path)), key=by_name) if set(str(path)) & set("*?[") else []  # noqa: PTH207 (absolute)
    if found:
        return Path(found[-1])
    raise Refusal(
        "not-found",
        f"there is no {path.name!a}" + (" that matches" if "*" in path.name else ""),
        f"Check `path`: {path} must be a folder, a zip, or a glob such as drop/*.zip.",
    )


def open_package(path: Path) -> Package:
    """Open the package that a path or glob names.

    Raises:
        Refusal: there is none, or it is not safe to read.
    """
    found = path
    try:
        found = newest(path)
        kind = found.stat().st_mode
        if stat.S_ISDIR(kind):
            return Folder(found)
        if stat.S_ISREG(kind):
            return Zip(found)
    except OSError as error:
        raise cannot_read(found.name, error) from error
    raise Refusal("not-found", f"{found.name!a} is neither a folder nor a file", "Check `path`.")


def by_name(path: str) -> list[tuple[int, int | str]]:
    """The order of names: numbers in them by their value."""
    parts = re.split(r"(\d+)", path)
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts if part]
