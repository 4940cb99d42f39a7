"""Programs that do wrong, to see that it is seen."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from torture.shim.program import COMPILER, UNHARMED, Ended, Harm, Program, compiled

Wrong = Callable[[Path], None]

needs_compiler = pytest.mark.skipif(COMPILER is None, reason="without a C compiler nothing can be harmed from outside")


class Wrongdoer(Program):
    """A program that does something wrong, in the folder where it runs, whenever it is harmed."""

    wrong: Wrong | None = None

    def call(
        self, words: Sequence[str], now: str, folder: Path, harm: Harm = UNHARMED, revisions: Sequence[str] = ()
    ) -> Ended:
        """Run, and then do wrong."""
        ended = super().call(words, now, folder, harm, revisions)
        if self.wrong is not None and harm != UNHARMED:
            self.wrong(folder)
        return ended


@contextmanager
def wrongdoer(folder: Path) -> Iterator[Wrongdoer]:
    """Start a program that does no wrong yet."""
    with Wrongdoer(folder / "program", compiled(folder)) as program:
        yield program


def sql(*statements: str) -> Wrong:
    """Write to the store behind the program's back."""

    def write(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "roster.db", isolation_level=None)) as store:
            for statement in statements:
                store.execute(statement)

    return write
