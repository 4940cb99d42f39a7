"""Collections as pages that are rendered once and kept on disk, and CSV packages of the same rows.

The pages of a collection stand behind each other in one file, with a list of where each ends, so that the server only
has to send a stretch of a file. The folder of a district is made whole, or not at all, and used again.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import packages
from benchmarks.district import COLLECTIONS, FIRST_DAY, SECOND_DAY, District
from benchmarks.rows import Row
from benchmarks.wire import Wire

PAGE = 1000
FULL, CHANGES = "full", "changes"
EDITION = 1
"""Goes up with every change of what is rendered, so that older folders are not used."""


@dataclass(frozen=True)
class Pages:
    """What stands in a file of pages: how many rows, where each page ends, and where the first row alone stands."""

    rows: int
    ends: tuple[int, ...]
    one: tuple[int, int]

    def span(self, number: int) -> tuple[int, int]:
        """Where a page begins, and its length in bytes."""
        begin = self.ends[number - 1] if number else 0
        return begin, self.ends[number] - begin


def prepare(cache: Path, students: int, version: str) -> Path:
    """The folder of a district, rendered where it is not there yet."""
    folder = cache / f"{EDITION}-{version}-{students}"
    if not folder.exists():
        making = cache / f"{folder.name}.{os.getpid()}"
        _render(making, District(students), Wire(version))
        try:
            making.rename(folder)
        except OSError:  # somebody else was faster
            shutil.rmtree(making)
    return folder


def read(folder: Path) -> dict[tuple[str, str, int], Pages]:
    """The pages of a folder by collection, what is asked for (`full`, `changes`) and day."""
    said = json.loads((folder / "pages.json").read_text("utf-8"))
    return {
        (collection, asked, int(day)): Pages(pages["rows"], tuple(pages["ends"]), tuple(pages["one"]))
        for collection, asked, day, pages in said
    }


def whole(folder: Path) -> list[Pages]:
    """The collections as they are on the first day."""
    found = read(folder)
    return [found[collection, FULL, FIRST_DAY] for collection in COLLECTIONS]


def file_of(folder: Path, collection: str, asked: str, day: int) -> Path:
    """The file in which these pages stand."""
    return folder / f"{collection}-{asked}-{day}.json"


def warm(folder: Path) -> None:
    """Have everything in memory, as far as there is room: who comes first must not wait for the disk alone."""
    os.sync()
    with Path(os.devnull).open("wb") as nowhere:
        for path in folder.iterdir():
            with path.open("rb") as file:
                shutil.copyfileobj(file, nowhere, 1 << 20)


def size(folder: Path) -> int:
    """The bytes that a folder takes on disk."""
    return sum(path.stat().st_size for path in folder.iterdir())


def _render(folder: Path, district: District, wire: Wire) -> None:
    folder.mkdir(parents=True)
    said = []
    for collection, (asked, day) in itertools.product(COLLECTIONS, ((FULL, FIRST_DAY), (CHANGES, SECOND_DAY))):
        rows = district.rows(collection, day, changed=asked == CHANGES)
        pages = write(file_of(folder, collection, asked, day), collection, (wire.object(row) for row in rows))
        said.append((collection, asked, day, asdict(pages)))
    packages.write(folder / "full.zip", _tables(district, FIRST_DAY, changed=False), "bulk")
    packages.write(folder / "changes.zip", _tables(district, SECOND_DAY, changed=True), "delta")
    (folder / "pages.json").write_text(json.dumps(said), "utf-8")


def second_day(folder: Path, students: int, version: str) -> None:
    """Render the whole collections of the second day too, which only a full run on that day needs."""
    district, wire, said = District(students), Wire(version), json.loads((folder / "pages.json").read_text("utf-8"))
    if any(asked == FULL and day == SECOND_DAY for _, asked, day, _ in said):
        return
    for collection in COLLECTIONS:
        rows = district.rows(collection, SECOND_DAY)
        path = file_of(folder, collection, FULL, SECOND_DAY)
        said.append((collection, FULL, SECOND_DAY, asdict(write(path, collection, (wire.object(row) for row in rows)))))
    (folder / "pages.json").write_text(json.dumps(said), "utf-8")


def write(path: Path, collection: str, objects: Iterable[str]) -> Pages:
    """Write the pages of a collection: at least one, which may be empty, and the first row in a page of its own."""
    left, rows, first = iter(objects), 0, ""
    ends: list[int] = []
    with path.open("wb") as file:
        while (page := list(itertools.islice(left, PAGE))) or not ends:
            first = first or "".join(page[:1])
            rows += len(page)
            file.write(_envelope(collection, page))
            ends.append(file.tell())
        length = file.write(_envelope(collection, [first] if first else []))
    return Pages(rows, tuple(ends), (ends[-1], length))


def _envelope(collection: str, objects: list[str]) -> bytes:
    return f'{{"{collection}":[{",".join(objects)}]}}'.encode()


def _tables(district: District, day: int, *, changed: bool) -> dict[str, Iterable[Row]]:
    return {collection: district.rows(collection, day, changed=changed) for collection in COLLECTIONS}
