"""Tries every area, or those that are named, and prints what came of it: `python -m torture [AREA...] [--kills N] ...`.

Ends with 1 where anything was lost or let in, or where nothing was tried.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol, cast

import msgspec
from rich.console import Console

from torture.budget import LONG, SHORT, Budget
from torture.tally import Tally, losses, table

AREAS: Final[tuple[str, ...]] = ("crashes", "disk", "hostile", "locks", "network", "privacy", "secrets")

_CHOSEN: Final = {
    "kills": "tries at random moments",
    "boundaries": "the most that are tried of the countable places of one scenario, evenly chosen",
    "seconds": "about what an area may take where it looks at the clock",
    "seed": "makes random choices again",
}
"""What may be chosen of the budget."""


class Area(Protocol):
    """A module of this package that tries one kind of harm."""

    def tallies(self, budget: Budget) -> Iterator[Tally]:
        """Try what the budget allows, and give each tally as soon as it is known."""
        ...


def main(words: Sequence[str] | None = None) -> int:
    """Try, print, and give the exit code."""
    asked = _parser().parse_args(words)
    # A shell starts what runs in the background with SIGINT ignored, and whatever we start would ignore it too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    chosen = {name: getattr(asked, name) for name in _CHOSEN if getattr(asked, name) is not None}
    budget = dataclasses.replace(SHORT if asked.short else LONG, **chosen)
    found = [each for name in asked.areas or AREAS for each in _tried(name, budget)]
    Console(width=None if sys.stdout.isatty() else 160).print(table(found))
    for line in (line for each in found for line in losses(each)):
        print(line)
    if asked.json:
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode([dataclasses.asdict(each) for each in found])))
    return int(not found or any(each.lost or not each.tried for each in found))


def _parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("areas", nargs="*", metavar="AREA", choices=[*AREAS, []], help=f"of {', '.join(AREAS)}")
    parser.add_argument("--short", action="store_true", help="try a sample")
    for name, what in _CHOSEN.items():
        parser.add_argument(f"--{name}", type=int, metavar="N", help=what)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the tallies to a file as well")
    return parser


def _tried(name: str, budget: Budget) -> Iterator[Tally]:
    """Try one area, and say at once what came of each fault."""
    area = cast("Area", importlib.import_module(f"torture.{name}"))
    for each in area.tallies(budget):
        print(f"{each.area}: {each.fault}: {each.survived:,} of {each.tried:,}", file=sys.stderr, flush=True)
        yield each


if __name__ == "__main__":
    sys.exit(main())
