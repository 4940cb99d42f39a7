"""What is measured on a district: each scenario is one command, and sees that it did what it should."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import floor, pages, rival
from benchmarks.district import FIRST_DAY, SECOND_DAY, District
from benchmarks.measure import Cost, measure, python
from benchmarks.serving import Serving
from benchmarks.site import CSV, REST, USERS_ALONE, Site, Wrong, check_changes, check_first, check_nothing


class Missing(Exception):  # noqa: N818 - it says what is not there
    """What a scenario needs is not installed."""


@dataclass(frozen=True)
class Setting:
    """The size of a district, the delay of every page in milliseconds, and how many pages are fetched at a time."""

    students: int
    delay: int
    concurrency: int


@dataclass(frozen=True)
class Bench:
    """A served district, and a folder for stores."""

    setting: Setting
    server: Serving
    pages: Path
    folder: Path

    def site(self, name: str) -> Site:
        """One of the integrations; its folder is made when it is first asked for."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return Site(folder)

    def rest(self) -> Site:
        """The integration that reads from the server."""
        site = self.site("rest")
        site.configure(self._source())
        return site

    def users_alone(self) -> Site:
        """An integration that reads from the server, but neither classes nor enrollments."""
        site = self.site("users")
        site.configure(self._source(), USERS_ALONE)
        return site

    def csv(self) -> Site:
        """The integration that reads packages."""
        site = self.site("csv")
        site.configure(CSV.format(path=self.pages / "full.zip"))
        return site

    def day(self, day: int) -> None:
        """Make it this day for the server."""
        self.server.control(day=day, delay=self.setting.delay)

    def _source(self) -> str:
        return REST.format(version=self.server.version, url=self.server.url, concurrency=self.setting.concurrency)


@dataclass(frozen=True)
class Scenario:
    """Something to measure; `needs` names the scenarios that must have been before it."""

    title: str
    act: Callable[[Bench], Cost]
    needs: str = ""
    ours: bool = True


def _curl(bench: Bench) -> Cost:
    if not floor.available():
        raise Missing("curl is not installed (Debian: apt-get install curl), so that there is nothing to compare with")
    bench.day(FIRST_DAY)
    cost, got = floor.fetch(bench.pages, bench.server.url, bench.setting.concurrency, bench.folder)
    sent = sum(found.ends[-1] for found in pages.whole(bench.pages))
    if cost.exit_code or got != sent:
        raise Wrong(f"curl ended with {cost.exit_code} and got {got} of {sent} bytes")
    return cost


def _preview(bench: Bench) -> Cost:
    bench.day(FIRST_DAY)
    return bench.rest().preview()


def _first(bench: Bench) -> Cost:
    bench.day(FIRST_DAY)
    cost, run = bench.rest().run()
    check_first(run, bench.setting.students)
    return cost


def _full_again(bench: Bench) -> Cost:
    bench.day(FIRST_DAY)
    cost, run = bench.rest().run("--full")
    check_nothing(run, bench.setting.students)
    return cost


def _delta_nothing(bench: Bench) -> Cost:
    bench.day(FIRST_DAY)
    cost, run = bench.rest().run()
    check_nothing(run, bench.setting.students)
    return cost


def _preview_changes(bench: Bench) -> Cost:
    bench.day(SECOND_DAY)
    return bench.rest().preview()


def _delta_changes(bench: Bench) -> Cost:
    bench.day(SECOND_DAY)
    cost, run = bench.rest().run()
    check_changes(run, bench.setting.students)
    return cost


def _full_changed(bench: Bench) -> Cost:
    pages.second_day(bench.pages, bench.setting.students, bench.server.version)
    bench.day(SECOND_DAY)
    cost, run = bench.rest().run("--full")
    check_nothing(run, bench.setting.students)
    return cost


def _csv(bench: Bench) -> Cost:
    cost, run = bench.csv().run()
    check_first(run, bench.setting.students)
    return cost


def _csv_changes(bench: Bench) -> Cost:
    cost, run = bench.csv().run("--file", str(bench.pages / "changes.zip"))
    check_changes(run, bench.setting.students)
    return cost


def _users(bench: Bench) -> Cost:
    bench.day(FIRST_DAY)
    cost, run = bench.users_alone().run()
    if run["changes"]["users"]["create"] != District(bench.setting.students).users:
        raise Wrong(f"the roster has {run['changes']['users']}")
    return cost


def _naive(bench: Bench) -> Cost:
    database = bench.folder / "naive.db"
    database.unlink(missing_ok=True)
    total = sum(found.rows for found in pages.whole(bench.pages))
    return _other(bench, total, "benchmarks.naive", bench.server.url, str(database))


def _rival(bench: Bench) -> Cost:
    if not rival.FOLDER.is_dir():
        raise Missing("the client oneroster is not installed; `make bench` does it")
    return _other(bench, District(bench.setting.students).users, "benchmarks.rival", bench.server.url)


def _other(bench: Bench, rows: int, *words: str) -> Cost:
    """What a program costs that is not ours, and prints how many rows it has got."""
    bench.day(FIRST_DAY)
    told = bench.folder / "told.txt"
    with told.open("w") as out:
        cost = measure(python("-m", *words), folder=bench.folder, out=out)
    if cost.exit_code or int(told.read_text("utf-8")) != rows:
        raise Wrong(f"{words[0]} ended with {cost.exit_code}, and has {told.read_text('utf-8')} rows instead of {rows}")
    return cost


SCENARIOS = {
    "curl": Scenario("curl fetching the same pages", _curl, ours=False),
    "preview": Scenario("preview of everything", _preview),
    "first": Scenario("first full run", _first),
    "full-again": Scenario("full run without changes", _full_again, "first"),
    "delta-nothing": Scenario("delta run without changes", _delta_nothing, "first"),
    "preview-changes": Scenario("preview of 1 % changes", _preview_changes, "first"),
    "delta-changes": Scenario("delta run with 1 % changes", _delta_changes, "first"),
    "full-changed": Scenario("full run after these changes", _full_changed, "delta-changes"),
    "csv": Scenario("first run on a CSV package", _csv),
    "csv-changes": Scenario("run on a CSV delta with 1 % changes", _csv_changes, "csv"),
    "users": Scenario("first run of users alone", _users),
    "naive": Scenario("requests + pydantic + sqlite3", _naive, ours=False),
    "oneroster": Scenario("the client oneroster, users into a list", _rival, ours=False),
}
"""In the order in which they are measured: what needs the first day comes before what brings the second."""


def with_needs(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The scenarios wanted, with those that they need, in order."""
    found = set(wanted)
    while more := {SCENARIOS[name].needs for name in found if SCENARIOS[name].needs} - found:
        found |= more
    return tuple(name for name in SCENARIOS if name in found)
