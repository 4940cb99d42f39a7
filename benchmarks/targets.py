"""The targets, and what was measured against them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.figures import Figure, Group
from benchmarks.scenarios import SCENARIOS, Setting

MAIN, SLOW, BARE, TENTH, LARGE = "main", "slow", "bare", "tenth", "large"
"""The settings by what they are for: with the usual delay, a long one, none; a tenth of the students, and a million."""
STARTS = "starts"

STORY = ("curl", "preview", "first", "full-again", "delta-nothing", "preview-changes", "delta-changes")
PACKAGES = ("csv", "csv-changes")
MEASURED = {
    MAIN: (*STORY, *PACKAGES),
    SLOW: ("curl", "first"),
    BARE: ("curl", "first", "users", "naive", "oneroster"),
    TENTH: ("first",),
    LARGE: (*STORY, *PACKAGES),
}
"""What is measured in each of them."""


def settings(students: int, delay: int, concurrency: int, *, large: bool) -> dict[str, Setting]:
    """The standard set, made from the first of its settings."""
    found = {
        MAIN: Setting(students, delay, concurrency),
        SLOW: Setting(students, delay * 4, max(1, concurrency // 2)),
        BARE: Setting(students, 0, concurrency),
        TENTH: Setting(students // 10, 0, concurrency),
    }
    return found | ({LARGE: Setting(students * 10, delay, concurrency)} if large else {})


@dataclass(frozen=True)
class Results:
    """All that was measured: the groups by their setting, and what starting costs."""

    groups: Mapping[str, Group]
    starts: Mapping[str, Figure] = field(default_factory=dict)

    def figure(self, group: str, name: str) -> Figure | None:
        """A figure, where it was measured."""
        if group == STARTS:
            return self.starts.get(name)
        return self.groups[group].figures.get(name) if group in self.groups else None

    def peak(self, group: str) -> float | None:
        """The highest peak of rostersync in a setting, in megabytes."""
        figures = self.groups[group].figures if group in self.groups else {}
        return max((each.peak_mb for name, each in figures.items() if SCENARIOS[name].ours), default=None)


Place = tuple[str, str]
"""A setting and a scenario."""


@dataclass(frozen=True)
class Target:
    """A ratio of two times, or a peak in megabytes where there is nothing to compare with, and its limits."""

    what: str
    measured: Place
    against: Place | None
    limit: float
    stretch: float | None = None
    at_least: bool = False


@dataclass(frozen=True)
class Verdict:
    """A target with what was measured: seconds or megabytes, and the ratio; None where it was not measured.

    `cpu_ratio` is that of the processor's seconds, which a busy machine disturbs less. It judges nothing: waiting for
    pages is no work.
    """

    target: Target
    measured: float | None = None
    against: float | None = None
    cpu_ratio: float | None = None

    @property
    def ratio(self) -> float | None:
        """How often what it is compared with goes into it; of a peak, the part of the limit that it takes."""
        below = self.target.limit if self.target.against is None else self.against
        return None if self.measured is None or not below else self.measured / below

    @property
    def value(self) -> float | None:
        """What has to keep the limit."""
        return self.measured if self.target.against is None else self.ratio

    def keeps(self, limit: float | None) -> bool | None:
        """Whether a limit is kept; None without one, and where nothing was measured."""
        if limit is None or self.value is None:
            return None
        return self.value >= limit if self.target.at_least else self.value <= limit

    @property
    def met(self) -> bool | None:
        """Whether the target is met."""
        return self.keeps(self.target.limit)


TARGETS = (
    Target("Full run, usual delay, against curl", (MAIN, "first"), (MAIN, "curl"), 2.0, 1.5),
    Target("Full run, long delay, against curl", (SLOW, "first"), (SLOW, "curl"), 1.2),
    Target("Full run without changes, against the first", (MAIN, "full-again"), (MAIN, "first"), 0.9),
    Target("Delta run without changes, against the first", (MAIN, "delta-nothing"), (MAIN, "first"), 0.1, 0.05),
    Target("1 % changes by delta, against none", (MAIN, "delta-changes"), (MAIN, "delta-nothing"), 2.0),
    Target("Peak memory in MB", (MAIN, ""), None, 250),
    Target("Peak memory in MB, ten times the students", (LARGE, ""), None, 400),
    Target("Growth with ten times the students", (BARE, "first"), (TENTH, "first"), 12),
    Target("--help, against a bare Python", (STARTS, "help"), (STARTS, "python"), 10),
    Target("--version, against a bare Python", (STARTS, "version"), (STARTS, "python"), 5),
    Target("A requests loop, against the full run, no delay", (BARE, "naive"), (BARE, "first"), 3, at_least=True),
)


def verdicts(results: Results) -> Iterator[Verdict]:
    """Every target, in order, with what was measured."""
    for target in TARGETS:
        if target.against is None:
            yield Verdict(target, results.peak(target.measured[0]))
            continue
        figure, against = results.figure(*target.measured), results.figure(*target.against)
        if figure is None or against is None:
            yield Verdict(target)
        else:
            yield Verdict(target, figure.wall, against.wall, figure.cpu / against.cpu)
