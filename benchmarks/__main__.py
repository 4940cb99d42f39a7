"""Measures how fast rostersync is and how small, against curl, a hand-written loop and a published client.

    python -m benchmarks                       the standard set: 100,000 students at 50 ms and 8 pages at a time, at
                                               four times the delay and half as many, at no delay; 10,000 students
    python -m benchmarks --large               the same, and ten times the students
    python -m benchmarks --students 10000 --delay 50 --concurrency 8 --only first --only curl
                                               only these scenarios, in the settings of the standard set that have them
    python -m benchmarks --only-setting main   only this setting: main, slow, bare, tenth, large
    python -m benchmarks --json FILE --rounds N

The pages are rendered once, into a folder for temporary files that is printed, and used again.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks import report
from benchmarks.figures import Way, measure_setting, measure_starts
from benchmarks.scenarios import SCENARIOS
from benchmarks.targets import LARGE, MEASURED, STARTS, Results, settings, verdicts
from benchmarks.wire import ROOTS

WIDE = 140
FEWEST = 50
START_ROUNDS = 11


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print the tables and write the JSON; gives 1 where a target is not met, or a scenario gave no figure."""
    asked = _parser().parse_args(words)
    asked.cache.mkdir(parents=True, exist_ok=True)
    way = Way(asked.cache, asked.oneroster, asked.rounds, _say)
    _say(f"Pages are kept in {asked.cache}")
    results = measure(asked, way)
    console = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, markup=False)
    for table in report.tables(results):
        console.print(table)
    if asked.json is not None:
        asked.json.write_text(json.dumps(report.document(results), indent=1) + "\n", "utf-8")
    missed = any(verdict.met is False for verdict in verdicts(results))
    return int(missed or any(group.notes for group in results.groups.values()))


def measure(asked: argparse.Namespace, way: Way) -> Results:
    """Measure what is asked for."""
    large = asked.large or LARGE in asked.only_setting
    found = settings(asked.students, asked.delay, asked.concurrency, large=large)
    groups, named = {}, asked.only_setting
    for name, setting in found.items():
        wanted = tuple(each for each in MEASURED[name] if not asked.only or each in asked.only)
        # What no setting has by itself is measured in the one that is named for it.
        wanted = tuple(asked.only) if asked.only and name in named else wanted
        if wanted and (not named or name in named):
            groups[name] = measure_setting(setting, wanted, way)
    starts = STARTS in named or not (named or asked.only)
    return Results(groups, measure_starts(asked.rounds or START_ROUNDS, way) if starts else {})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--students", type=_students, default=100_000, metavar="N", help="students of the district (100000)")
    add("--delay", type=int, default=50, metavar="MS", help="milliseconds that the server waits with a page (50)")
    add("--concurrency", type=int, default=8, metavar="C", help="pages fetched at a time (8)")
    add("--rounds", type=int, metavar="N", help="take the median of so many (1 of a large district, 3 of a small one)")
    add("--only", action="append", default=[], choices=SCENARIOS, help="only this scenario, and what it needs")
    add("--only-setting", action="append", default=[], choices=(*MEASURED, STARTS), help="only this setting")
    add("--large", action="store_true", help="also ten times the students")
    add("--oneroster", choices=ROOTS, default="1.1", help="the version that the pages have (1.1)")
    add("--json", type=Path, metavar="FILE", help="write the results to a file too")
    cache = Path(tempfile.gettempdir(), "rostersync-bench")
    add("--cache", type=Path, default=cache, metavar="FOLDER", help="where the rendered pages are kept")
    return parser


def _students(text: str) -> int:
    number = int(text)
    if number < FEWEST * 10:
        raise argparse.ArgumentTypeError(f"a tenth of them is measured too: at least {FEWEST * 10}")
    return number


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - a program


if __name__ == "__main__":
    sys.exit(main())
