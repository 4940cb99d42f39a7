"""A package that is a folder of CSV files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rostersync.sources.csv.entries import Chosen, choose
from rostersync.sources.csv.refusals import Refusal, changed
from rostersync.sources.csv.streams import FileStream, Mark, Meter, cannot_read, mark
from rostersync.sources.csv.text import Readable


class Folder:
    """A folder of CSV files."""

    def __init__(self, path: Path) -> None:
        """List it, and mark the state of its files."""
        self.path = path
        chosen = _listed(path)
        self.files, self.notices = chosen.files, chosen.notices
        self._meter = Meter()
        self._marks = {name: self._mark(name) for name in self.files}

    @contextmanager
    def read(self, name: str) -> Iterator[Readable]:
        """Open one of its files; it must be the same when it has been read."""
        file = f"{name}.csv"
        try:
            stream = (self.path / self.files[name]).open("rb", buffering=0)
        except OSError as error:
            raise cannot_read(file, error) from error
        with stream:
            yield FileStream(file, stream, self._meter)
        self._verify(name)

    def verify(self) -> None:
        """Raise Refusal where a file has changed, come or gone since the folder was listed."""
        for name in self.files:
            self._verify(name)
        now = _listed(self.path).files
        if now != self.files:
            raise changed(next(iter(sorted(set(now) ^ set(self.files))), "a file"))

    def close(self) -> None:
        """Forget what was read."""
        self._meter = Meter()

    def _verify(self, name: str) -> None:
        if self._mark(name) != self._marks[name]:
            raise changed(f"{name}.csv")

    def _mark(self, name: str) -> Mark:
        try:
            found = (self.path / self.files[name]).stat()
        except OSError as error:
            raise cannot_read(f"{name}.csv", error) from error
        if not stat.S_ISREG(found.st_mode):
            raise Refusal("not-readable", f"{name}.csv is no ordinary file", "Put the file itself there.")
        return mark(found)


def _listed(path: Path) -> Chosen:
    """Choose the files of a folder, at its root or in the one folder in it."""
    try:
        names = [entry.name for entry in os.scandir(path) if entry.is_file()]
        below = [entry.name for entry in os.scandir(path) if entry.is_dir() and not entry.name.startswith(".")]
        if not any(name.casefold().endswith(".csv") for name in names) and len(below) == 1:
            inner = path / below[0]
            names += [f"{below[0]}/{entry.name}" for entry in os.scandir(inner) if entry.is_file()]
    except OSError as error:
        raise cannot_read(path.name, error) from error
    return choose(sorted(names))
