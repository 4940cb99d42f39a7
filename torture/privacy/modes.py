"""Rights of everything that the program makes while others may make files that all can write."""

from __future__ import annotations

import os
import stat
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from unittest.mock import patch

from rostersync.store.migrate import _copy
from tests.runs.demo_site import Site, site
from torture.budget import Budget
from torture.privacy.planted import FORMATS

_LINES: Final[tuple[tuple[str, ...], ...]] = (
    ("check",),
    ("preview", "main", "--output", "preview.json"),
    ("run", "main"),
    ("export", "main", "--format", "jsonl", "--output", "exported"),
    ("export", "main", "--format", "apple-school-manager", "--output", "exported.zip"),
    ("schools", "sync", "main"),
    ("run", "main", "--full"),
    ("unmatched", "main", "--output", "unmatched.csv"),
    ("reset", "main", "--yes"),
    ("purge", "main", "--confirm", "main"),
    ("remove", "main", "--yes"),
)


def tries(budget: Budget) -> Iterator[Sequence[str]]:
    """Call everything that writes, and look at what it makes while it does and afterwards."""
    del budget
    with tempfile.TemporaryDirectory() as name, site(Path(name) / "site", students=60) as place, _open_to_all():
        outputs = [{"format": each, "path": f"deep/er/{each}"} for each in FORMATS]
        place.configure(store={"url": "sqlite:///kept/here/roster.db"}, outputs=outputs)
        # It is the user's own, and what replaces it keeps its rights.
        place.config.chmod(0o600)
        before = _found(place.folder)
        with _within(place.folder):
            for line in _LINES:
                yield from _call(place, line, before)
        copied = place.folder / "old.db"
        copied.write_bytes(b"")
        before |= {copied}
        _copy(copied, "0009", "the store")
        yield _judged(_rights(place.folder, before), "the copy before a migration")


def _call(place: Site, line: tuple[str, ...], before: set[Path]) -> Iterator[Sequence[str]]:
    with _watching(place.folder, before) as seen:
        code = place.cli(*line).code
    known = {0, 3} if line[0] != "unmatched" else {0, 1, 2, 3}
    yield () if code in known else (f"{line} ended with {code}",)
    yield _judged(seen | _rights(place.folder, before), " ".join(line))


def _judged(rights: dict[str, int], what: str) -> Sequence[str]:
    """Tell what is open to others."""
    return [f"{what}: {name} is {mode:04o}" for name, mode in sorted(rights.items()) if mode & 0o077]


def _found(folder: Path) -> set[Path]:
    return {folder, *folder.rglob("*")}


def _rights(folder: Path, before: set[Path]) -> dict[str, int]:
    """The rights of what is there and was not before; what has just gone is nobody's."""
    rights: dict[str, int] = {}
    for path in _found(folder) - before:
        try:
            rights[str(path.relative_to(folder))] = stat.S_IMODE(path.lstat().st_mode)
        except FileNotFoundError:
            continue
    return rights


@contextmanager
def _watching(folder: Path, before: set[Path]) -> Iterator[dict[str, int]]:
    """Look all the time, so that what is open for a moment only is seen as well."""
    seen: dict[str, int] = {}
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.002):
            try:
                found = _rights(folder, before)
            except OSError:
                continue
            # What was once open to others stays in mind.
            seen.update({name: mode | seen.get(name, 0) for name, mode in found.items()})

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


@contextmanager
def _open_to_all() -> Iterator[None]:
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def _within(folder: Path) -> Iterator[None]:
    """Work in a folder, with a folder for temporary files in it."""
    before = Path.cwd()
    temporary = folder / "tmp"
    temporary.mkdir(mode=0o700)
    os.chdir(folder)
    try:
        with (
            patch.dict(os.environ, {"TMPDIR": str(temporary), "SQLITE_TMPDIR": str(temporary)}),
            patch("tempfile.tempdir", str(temporary)),
        ):
            yield
    finally:
        os.chdir(before)
