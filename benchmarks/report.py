"""The results as tables for people, and as a JSON document."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from benchmarks.figures import Group
from benchmarks.scenarios import SCENARIOS
from benchmarks.targets import Results, Verdict, verdicts

NOT_MEASURED = "not measured"


def tables(results: Results) -> Iterator[Table]:
    """A table of each setting, and the one of the targets."""
    for group in results.groups.values():
        yield _figures(group)
    table = Table(title="Targets", title_justify="left")
    table.add_column("What")
    for name in ("Measured", "Against", "Ratio", "of CPU", "Target", "Stretch", "Met"):
        table.add_column(name, justify="right")
    for verdict in verdicts(results):
        table.add_row(*_cells(verdict))
    yield table


def _figures(group: Group) -> Table:
    setting = group.setting
    title = (
        f"{setting.students:,} students ({group.records:,} records), {setting.delay} ms a page, "
        f"{setting.concurrency} at a time"
    )
    table = Table(title=title, title_justify="left")
    table.add_column("What")
    for name in ("Seconds", "of CPU", "Peak MB", "Against curl", "Against the first run", "Rounds"):
        table.add_column(name, justify="right")
    for name, figure in group.figures.items():
        against = (
            _times(figure.wall, group.figures[to].wall) if to in group.figures else "" for to in ("curl", "first")
        )
        # curl is smaller than the process that starts it, whose peak it begins with.
        peak = "" if name == "curl" else f"{figure.peak_mb:.0f}"
        numbers = f"{figure.wall:.2f}", f"{figure.cpu:.2f}", peak, *against, str(figure.rounds)
        table.add_row(SCENARIOS[name].title, *numbers)
    if group.notes:
        notes = (f"{SCENARIOS[name].title}: {note}" for name, note in group.notes.items())
        table.caption, table.caption_justify = Text("\n".join(notes)), "left"
    return table


def _times(seconds: float, base: float) -> str:
    return f"{seconds / base:.2f} x"


def _cells(verdict: Verdict) -> tuple[str, ...]:
    target = verdict.target
    sign = "at least" if target.at_least else "at most"
    unit = " MB" if target.against is None else " x"
    stretch = "" if target.stretch is None else f"{target.stretch:g}{unit} {_answer(verdict.keeps(target.stretch))}"
    limit = f"{sign} {target.limit:g}{unit}"
    if verdict.measured is None:
        return target.what, NOT_MEASURED, "", "", "", limit, stretch, ""
    measured = f"{verdict.measured:.0f} MB" if target.against is None else f"{verdict.measured:.3f} s"
    against = "" if verdict.against is None else f"{verdict.against:.3f} s"
    cpu = "" if verdict.cpu_ratio is None else f"{verdict.cpu_ratio:.2f} x"
    return target.what, measured, against, f"{verdict.ratio:.2f} x", cpu, limit, stretch, _answer(verdict.met)


def _answer(kept: bool | None) -> str:  # noqa: FBT001 - the one thing that it is about
    return {None: "", True: "yes", False: "no"}[kept]


def document(results: Results) -> dict[str, Any]:
    """The results as JSON: machine, settings with their figures (seconds, megabytes), starts and targets."""
    return {
        "schema": "rostersync/benchmarks/1",
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": _machine(),
        "settings": {name: asdict(group) for name, group in results.groups.items()},
        "starts": {name: asdict(figure) for name, figure in results.starts.items()},
        "targets": [_target(verdict) for verdict in verdicts(results)],
    }


def _machine() -> dict[str, Any]:
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "processor": platform.machine(),
        "memory_mb": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1_000_000,
    }


def _target(verdict: Verdict) -> dict[str, Any]:
    return asdict(verdict.target) | {
        "value": verdict.measured,
        "base": verdict.against,
        "ratio": verdict.ratio,
        "cpu_ratio": verdict.cpu_ratio,
        "met": verdict.met,
        "stretch_met": verdict.keeps(verdict.target.stretch),
    }
