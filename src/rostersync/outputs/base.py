"""What an output is given, what it does, and what it says about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.roster import Row


class RosterReader(Protocol):
    """The roster as last applied, of one integration."""

    def rows(self, kind: Kind) -> Iterator[Row]:
        """Yield the rows of one kind sorted by their key, streaming; can be called again."""
        ...

    def archived_within(self, age: timedelta) -> frozenset[str]:
        """Name the classes that were archived no longer than `age` ago."""
        ...


class Written(NamedTuple):
    """What an output has written: its rows in all files, and what had to be left out, as one diagnostic or none."""

    rows: int
    left_out: tuple[Diagnostic, ...] = ()


class Output(Protocol):
    """One file or folder that the roster goes to."""

    @property
    def format(self) -> str:
        """The name of the format, as in the configuration."""
        ...

    @property
    def path(self) -> Path:
        """Where it goes: a zip where the name ends so, else a folder."""
        ...

    def write(self, roster: RosterReader) -> Written:
        """Put the set of files in the place of the former one, whole or not at all.

        Raises OutputError (RS-OUT-001) where that cannot be done; the former set is then still there.
        """
        ...
