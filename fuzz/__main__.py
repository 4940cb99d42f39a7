"""Fuzzes every target, or those that are named, for a fixed time each: `python -m fuzz [TARGET...] [--seconds N]`.

What was interesting is kept in fuzz/corpus, so that the next call goes on from there; an input that ended in an
exception other than our own is written to fuzz/findings, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fuzz.targets import NAMES, load

_HOME: Final = Path(__file__).parent
_RUNS: Final = re.compile(r"number_of_executed_units:\s*(\d+)")
_OPTIONS: Final = ("-print_final_stats=1", "-max_len=8192", "-timeout=60", "-rss_limit_mb=2048", "-verbosity=1")
_LAST: Final = 25


class Fuzzed(NamedTuple):
    """What came of one target; `told` is the end of what libFuzzer said where something was found."""

    target: str
    seeds: int
    tried: int
    kept: int
    told: str


def main(words: Sequence[str] | None = None) -> int:
    """Fuzz, print, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", choices=[*NAMES, []], help=f"of {', '.join(NAMES)}")
    parser.add_argument("--seconds", type=int, default=60, help="how long each target is fuzzed")
    asked = parser.parse_args(words)
    found = [fuzz(name, asked.seconds, _HOME) for name in asked.targets or NAMES]
    Console(width=None if sys.stdout.isatty() else 120).print(table(found, asked.seconds))
    for each in found:
        print(each.told, end="")
    return int(any(each.told or not each.tried for each in found))


def fuzz(name: str, seconds: int, home: Path) -> Fuzzed:
    """Fuzz one target in a process of its own, which dies of the first finding."""
    corpus, findings = home / "corpus" / name, home / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    seeds = plant(name, corpus)
    print(f"{name}: {seconds} s", file=sys.stderr, flush=True)
    options = [*_OPTIONS, f"-max_total_time={seconds}", f"-artifact_prefix={findings}/{name}-", str(corpus)]
    done = subprocess.run(
        [sys.executable, "-m", "fuzz.worker", name, *options],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    said = done.stdout + done.stderr
    tried = _RUNS.search(said)
    told = "\n".join(said.splitlines()[-_LAST:]) + "\n" if done.returncode else ""
    return Fuzzed(name, seeds, int(tried[1]) if tried else 0, sum(1 for _ in corpus.iterdir()), told)


def plant(name: str, corpus: Path) -> int:
    """Write the samples of a target into its corpus, and count them."""
    seeds = list(load(name).seeds())
    for seed in seeds:
        (corpus / f"seed-{hashlib.sha256(seed).hexdigest()[:16]}").write_bytes(seed)
    return len(seeds)


def table(found: Sequence[Fuzzed], seconds: int) -> Table:
    """Show what was tried for a terminal."""
    shown = Table("target", title=f"{seconds} s of each target")
    for heading in ("seeds", "tried", "kept", "found"):
        shown.add_column(heading, justify="right")
    for each in found:
        counts = (f"{number:,}" for number in (each.seeds, each.tried, each.kept, int(bool(each.told))))
        shown.add_row(*(Text(cell) for cell in (each.target, *counts)))
    return shown


if __name__ == "__main__":
    sys.exit(main())
