"""What was measured, and the rounds that measure it."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import pages
from benchmarks.measure import Cost, measure, python
from benchmarks.scenarios import SCENARIOS, Bench, Missing, Setting, with_needs
from benchmarks.serving import serving
from benchmarks.site import Wrong

Say = Callable[[str], None]
"""Where the progress goes."""


@dataclass(frozen=True)
class Figure:
    """The median of some rounds: seconds on the wall and of the processor; the peak is the highest, in megabytes."""

    wall: float
    cpu: float
    peak_mb: float
    rounds: int


@dataclass
class Group:
    """The figures of one setting by scenario; `notes` says why some are missing, `pages_mb` what is on disk."""

    setting: Setting
    figures: dict[str, Figure] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    records: int = 0
    pages_mb: float = 0.0


def figure(costs: list[Cost]) -> Figure:
    """What several rounds say."""
    return Figure(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        max(cost.peak_mb for cost in costs),
        len(costs),
    )


@dataclass(frozen=True)
class Way:
    """How it is measured: where pages are kept, which version they have, how often, and who is told."""

    cache: Path
    version: str
    rounds: int | None
    say: Say

    def rounds_of(self, setting: Setting) -> int:
        """One round of a large district, three of a small one, unless told otherwise."""
        return self.rounds or (1 if setting.students > SMALL else 3)


SMALL = 10_000


def measure_setting(setting: Setting, wanted: tuple[str, ...], way: Way) -> Group:
    """Measure scenarios on one district."""
    group, costs = Group(setting), dict[str, list[Cost]]()
    way.say(f"{setting.students:,} students, {setting.delay} ms a page, {setting.concurrency} at a time")
    folder = pages.prepare(way.cache, setting.students, way.version)
    pages.warm(folder)
    group.records = sum(found.rows for found in pages.whole(folder))
    group.pages_mb = pages.size(folder) / 1e6
    with serving(folder, way.version) as server:
        for _ in range(way.rounds_of(setting)):
            with tempfile.TemporaryDirectory(prefix="rostersync-bench-") as place:
                measure_round(
                    Bench(setting, server, folder, Path(place)), with_needs(wanted), costs, group.notes, way.say
                )
    group.figures = {name: figure(each) for name, each in costs.items()}
    return group


def measure_round(
    bench: Bench, names: tuple[str, ...], costs: dict[str, list[Cost]], notes: dict[str, str], say: Say
) -> None:
    """Measure each scenario once, adding to `costs`; what failed, and what needed it, is in `notes`."""
    for name in names:
        if SCENARIOS[name].needs in notes:
            notes[name] = f"not measured without: {SCENARIOS[SCENARIOS[name].needs].title}"
            continue
        try:
            cost = SCENARIOS[name].act(bench)
        except (Missing, Wrong) as error:
            notes[name] = str(error)
            say(f"  {SCENARIOS[name].title:40} {error}")
            continue
        costs.setdefault(name, []).append(cost)
        title = SCENARIOS[name].title
        say(f"  {title:40} {cost.wall:7.2f} s  {cost.cpu:7.2f} s of CPU  {cost.peak_mb:6.1f} MB")


STARTS = {
    "python": ("-c", "pass"),
    "version": ("-m", "rostersync", "--version"),
    "help": ("-m", "rostersync", "--help"),
}


def measure_starts(rounds: int, way: Way) -> dict[str, Figure]:
    """What it costs to start Python alone, and for the version and the help; in turns, so that noise hits all."""
    costs: dict[str, list[Cost]] = {name: [] for name in STARTS}
    for _ in range(rounds):
        for name, words in STARTS.items():
            costs[name].append(measure(python(*words), folder=way.cache))
    figures = {name: figure(each) for name, each in costs.items()}
    for name, found in figures.items():
        way.say(f"  starting: {name:30} {found.wall:7.3f} s  {found.cpu:7.3f} s of CPU")
    return figures
