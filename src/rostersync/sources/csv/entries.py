"""Which of the names in a folder or zip are OneRoster's, and what is odd about them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from rostersync.sources.csv.layout import KNOWN
from rostersync.sources.csv.refusals import Refusal

_KNOWN = {f"{name}.csv".casefold(): name for name in KNOWN}
_LITTER = re.compile(r"(?:^|/)(?:__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")


class Notice(NamedTuple):
    """Something that is not by the book and does no harm: the rule, the file, what, and what to do."""

    rule: str
    file: str
    message: str
    remedy: str


class Chosen(NamedTuple):
    """The entries to read: OneRoster's name of each file to the name it has, and what was noticed."""

    files: dict[str, str]
    notices: list[Notice]


def choose(names: Iterable[str]) -> Chosen:
    """Find OneRoster's files among the names of entries: at the root, else in the one folder that holds them all.

    Raises:
        Refusal: a name is unsafe or stands twice, or there is nothing to read, or more than one folder to read.
    """
    entries = [name for name in names if not name.endswith("/")]
    _refuse_twice(entries)
    folder = _folder(entries)
    files = {_KNOWN[base.casefold()]: folder + base for base in _bases(entries, folder) if base.casefold() in _KNOWN}
    if not files:
        raise Refusal(
            "no-csv",
            "there is no file of OneRoster in it",
            "A package has manifest.csv, orgs.csv, users.csv and so on at its root, not in a zip of its own.",
        )
    return Chosen(files, [*_wrapped(folder), *_odd(entries, files)])


def refuse_unsafe(name: str) -> None:
    """Refuse a name in an archive that would lead out of a folder, or that systems read differently.

    Raises:
        Refusal: it is absolute, has `..`, a backslash, a drive or a NUL.
    """
    if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/") or set(name) & {"\\", "\0"}:
        raise Refusal(
            "zip-unsafe-name",
            f"the archive has an entry named {name[:80]!a}, which leads elsewhere",
            "Do not use it. Ask the vendor for a zip with the CSV files at its root.",
            value=name[:200],
        )


def _refuse_twice(entries: list[str]) -> None:
    seen: set[str] = set()
    for name in entries:
        if name.casefold() in seen:
            raise Refusal(
                "duplicate-name",
                f"{name[:80]!a} stands in it twice, so that it is not known which one counts",
                "Ask for the export again, and see that each file is packed once.",
                file=name.rpartition("/")[2],
                value=name[:200],
            )
        seen.add(name.casefold())


def _folder(entries: list[str]) -> str:
    """Where the files are: "" for the root, or `folder/`."""
    places = {name.rpartition("/")[0] for name in entries if _is_known(name) and not _LITTER.search(name)}
    if "" in places or not places:
        return ""
    if len(places) > 1 or "/" in next(iter(places)):
        raise Refusal(
            "several-folders",
            f"its files are in folders ({', '.join(sorted(places)[:3])})",
            "Pack the CSV files at the root of the archive.",
        )
    return f"{places.pop()}/"


def _is_known(name: str) -> bool:
    return name.rpartition("/")[2].casefold() in _KNOWN


def _bases(entries: list[str], folder: str) -> list[str]:
    rests = (name.removeprefix(folder) for name in entries if name.startswith(folder))
    return [rest for rest in rests if "/" not in rest]


def _wrapped(folder: str) -> list[Notice]:
    if not folder:
        return []
    message = f"the files are in a folder, {folder[:80]!a}"
    return [Notice("wrapping-folder", folder, message, "Pack the files at the root, as the standard asks.")]


def _odd(entries: list[str], files: dict[str, str]) -> list[Notice]:
    """What is there beside the files, and files whose names are in another case."""
    used = {actual: name for name, actual in files.items()}
    found: list[Notice] = []
    for entry in entries:
        name = used.get(entry)
        if name is None:
            if not _LITTER.search(entry):
                found.append(_unknown(entry))
        elif entry.rpartition("/")[2] != f"{name}.csv":
            message = f"the file is named {entry[:80]!a}"
            found.append(Notice("file-name-case", f"{name}.csv", message, f"Name it {name}.csv: case matters."))
    return found


def _unknown(entry: str) -> Notice:
    message = f"{entry[:80]!a} is no file of OneRoster and was not read"
    return Notice("unknown-file", entry[:200], message, "Leave it out of the package, or mend its name.")
