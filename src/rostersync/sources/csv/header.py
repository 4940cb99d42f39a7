"""The header of a file: where each column stands, and what is wrong with or odd about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rostersync.sources.csv.layout import ALIASES, LAYOUTS, Version, needed_columns
from rostersync.sources.csv.refusals import Unusable

METADATA = "metadata."


class Oddity(NamedTuple):
    """Something in a header that is not by the book: the rule, the column, what, and whether it is an error."""

    rule: str
    column: str
    message: str
    remedy: str
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file: the standard's names in `places`, what stands in the file in `names`."""

    names: tuple[str, ...]
    places: dict[str, int]
    oddities: tuple[Oddity, ...]

    def name(self, place: int) -> str:
        """What the column at a place is called."""
        return self.names[place] if place < len(self.names) else f"column {place + 1}"


def read_header(version: Version, file: str, cells: list[str]) -> Header:
    """Read a header; columns may be in any order and case, and there may be more than the standard's.

    Raises:
        Unusable: a column stands twice, or one that is needed is missing.
    """
    layout = LAYOUTS[version][file]
    spelled = {name.casefold(): name for name in layout.columns}
    if version == "1.0":
        spelled |= {old.casefold(): new for old, new in ALIASES.items() if new in layout.columns}
    names = [cell.strip() for cell in cells]
    known = [spelled.get(name.casefold()) for name in names]
    _refuse_twice(file, names, known)
    places = {name: place for place, name in enumerate(known) if name is not None}
    missing = [name for name in layout.columns if name not in places]
    needed = needed_columns(version, file)
    for name in missing:
        if name in needed:
            raise _missing(file, name)
    oddities = (
        *(_absent(name) for name in missing if name not in layout.optional and version != "1.0"),
        *_spelling(cells, known, version),
        *_order(layout.columns, known, version),
        *_others(names, known),
    )
    return Header(tuple(names), places, oddities)


def _refuse_twice(file: str, names: list[str], known: list[str | None]) -> None:
    seen: set[str] = set()
    for name, standard in zip(names, known, strict=True):
        key = standard or name
        if key and key in seen:
            raise Unusable(
                "header-twice",
                f"{file}.csv has the column {name[:60]!a} twice",
                "Ask for the export again: it is not known which of the columns counts.",
                file=f"{file}.csv",
                line=1,
                value=name[:200],
            )
        seen.add(key)


def _missing(file: str, name: str) -> Unusable:
    return Unusable(
        "header-missing",
        f"{file}.csv has no column {name}",
        f"Ask for an export with all columns of the standard; {name} needs a value in every record.",
        file=f"{file}.csv",
        line=1,
        value=name,
    )


def _absent(name: str) -> Oddity:
    return Oddity("header-incomplete", name, f"the column {name} is missing", "Have it exported, even if it is empty.")


def _spelling(cells: list[str], known: list[str | None], version: Version) -> list[Oddity]:
    """Names in another case, or with space around them."""
    return [
        Oddity("header-case", name, f"the column {name} is written {cell[:60]!a}", f"Write {name}: case matters.")
        for cell, name in zip(cells, known, strict=True)
        if name is not None and cell != name and not (version == "1.0" and cell in ALIASES)
    ]


def _order(columns: tuple[str, ...], known: list[str | None], version: Version) -> list[Oddity]:
    """The first column that does not stand where the standard has it."""
    there = [name for name in known if name is not None]
    due = [name for name in columns if name in there]
    for found, expected in zip(there, due, strict=True):
        if found != expected and version != "1.0":
            message = f"the column {found} stands where {expected} is due"
            return [Oddity("header-order", found, message, "Export the columns in the order of the standard.")]
    return []


def _others(names: list[str], known: list[str | None]) -> list[Oddity]:
    """Columns that the standard does not have, and its own after those of `metadata`."""
    found: list[Oddity] = []
    metadata = False
    for name, standard in zip(names, known, strict=True):
        if standard is None and name.startswith(METADATA):
            metadata = True
        elif standard is None and not name:
            found.append(Oddity("header-blank", "", "a column has no name", "Take the column out."))
        elif standard is None:
            message = f"the column {name[:60]!a} is not one of the standard's and was not read"
            found.append(
                Oddity("header-unknown", name, message, "Take it out, or name it `metadata.…` at the far right.")
            )
        elif metadata:
            message = f"the column {name} stands to the right of a metadata column"
            found.append(Oddity("header-metadata", name, message, "Put the metadata columns at the far right."))
            metadata = False
    return found
