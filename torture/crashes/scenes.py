"""What is harmed: a site before a run, and what an uninterrupted run makes of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import tomlkit

from rostersync.demo import District, make_district, serve
from rostersync.store.connect import open_store
from tests.csv.csv_packages import files_of, to_zip
from tests.runs.csv_site import live_tables
from tests.runs.days import told_day
from torture.crashes.states import STORE, State, litter, read_state
from torture.shim.program import Ended, Program

FIRST_DAY: Final = datetime(2026, 10, 20, 18, 0, tzinfo=UTC)
RUN: Final = ("run", "main", "--json")
_STUDENTS: Final = 28
_OUTPUTS: Final = [
    {"format": "oneroster-1.1", "path": "out/folder"},
    {"format": "oneroster-1.2", "path": "out/roster.zip"},
    {"format": "jsonl", "path": "out/lines"},
]


@dataclass(frozen=True)
class Scene:
    """A site on the eve of a run: a copy of it, the command, the moment, and the states that are right.

    It is tried at `place` alone, as a store remembers the path of its packages. `old` is what it holds, `new` what an
    uninterrupted run makes of it, `again` what another one makes of that, `left` what lies beside it then. `begun` is
    the mark of a store that a first run has made and not yet filled, which no other run may leave.
    """

    name: str
    place: Path
    template: Path
    words: tuple[str, ...]
    now: str
    old: State
    new: State
    again: State
    dry: Ended
    begun: dict[str, str]
    left: tuple[str, ...]
    revisions: tuple[str, ...] = field(default=())

    @property
    def runs(self) -> bool:
        """Whether it is a run, which the log will tell of."""
        return self.new.runs != self.old.runs

    @contextmanager
    def set(self) -> Iterator[Path]:
        """Put the site into its place, from which it is gone afterwards."""
        shutil.copytree(self.template, self.place)
        try:
            yield self.place
        finally:
            shutil.rmtree(self.place)


def prepared(
    program: Program, name: str, place: Path, words: Sequence[str], now: str, revisions: Sequence[str] = ()
) -> Scene:
    """See what uninterrupted runs make of a site; the first has been made of it when this ends."""
    template, done = (place.with_name(f"{place.name} {name}{end}") for end in ("", " done"))
    shutil.copytree(place, template)
    old = read_state(template)
    dry = succeeded(program.call(words, now, place, revisions=revisions))
    new = read_state(place)
    shutil.copytree(place, done)
    succeeded(program.call(words, now, place, revisions=revisions))
    again = read_state(place)
    shutil.rmtree(place)
    done.rename(place)
    begun = old.mark or _begun(place)
    left = tuple(litter(place))
    return Scene(name, place, template, tuple(words), now, old, new, again, dry, begun, left, tuple(revisions))


def _warm(program: Program, site: Path) -> None:
    """Let the launcher do a first run and another one, of which nothing stays."""
    kept = site.with_name("kept")
    shutil.copytree(site, kept)
    for _ in range(2):
        program.warm(RUN, stamp(FIRST_DAY), site)
    shutil.rmtree(site)
    kept.rename(site)


def _begun(place: Path) -> dict[str, str]:
    """The mark of a store with nothing in it."""
    with TemporaryDirectory(dir=place.parent) as folder:
        open_store(Path(folder, STORE)).close()
        return read_state(Path(folder)).mark


def csv_days(program: Program, folder: Path, days: int) -> list[Scene]:
    """Make the eves of some days of a district that comes as packages; the first finds no store."""
    district = make_district(students=_STUDENTS)
    site = folder / "site"
    configure(site, {"type": "csv", "path": "drop/*.zip"})
    scenes = []
    for day in range(days):
        moment = FIRST_DAY + timedelta(days=day)
        if day:
            told_day(district, day, moment)
        put_package(site, district, day)
        if not day:
            _warm(program, site)
        scenes.append(prepared(program, f"packages, day {day}" if day else "first run", site, RUN, stamp(moment)))
    shutil.rmtree(site)
    return scenes


@contextmanager
def rest_day(program: Program, folder: Path, *words: str) -> Iterator[Scene]:
    """Make the eve of a run against a server, which serves while the context lasts."""
    district, moment = make_district(students=_STUDENTS), FIRST_DAY + timedelta(days=1)
    with serve(district, auth=("oauth2",), clock=FIRST_DAY.timestamp) as server:
        site = folder / "site"
        auth = {"type": "oauth2", "token_url": server.token_url, "client_id": "demo"}
        auth |= {"client_secret": "env:ROSTERSYNC_DEMO"}
        configure(site, {"type": "rest", "version": "1.2", "url": server.base("1.2"), "auth": auth})
        succeeded(program.call(RUN, stamp(FIRST_DAY), site))
        server.clock = moment.timestamp
        told_day(district, 1, moment)
        scene = prepared(program, " ".join(("server", *words)), site, (*RUN, *words), stamp(moment))
        shutil.rmtree(site)
        yield scene


def configure(site: Path, source: dict[str, Any], names: Sequence[str] = ("main",)) -> None:
    """Write a configuration with three outputs, two of them folders, for the first of the integrations."""
    site.mkdir(mode=0o700, parents=True)
    document: dict[str, Any] = {"store": {"url": "sqlite:///roster.db"}, "integrations": {}}
    loose = {"removals_percent": 100, "removals": 1_000_000}
    for name in names:
        document["integrations"][name] = {"source": source, "limits": loose}
    document["integrations"][names[0]]["outputs"] = _OUTPUTS
    (site / "rostersync.toml").write_text(tomlkit.dumps(document), "utf-8")
    (site / "rostersync.toml").chmod(0o600)


def put_package(site: Path, district: District, day: int) -> None:
    """Put the newest package into the folder of a site."""
    (site / "drop").mkdir(exist_ok=True)
    to_zip(site / "drop" / f"roster-{day:03}.zip", files_of(live_tables(district, "1.2"), "1.2"))


def stamp(moment: datetime) -> str:
    """A moment as the launcher takes it."""
    return moment.isoformat()


def succeeded(ended: Ended) -> Ended:
    """See that a command that nobody harms does its work."""
    if ended.status:
        raise RuntimeError(f"a command that nobody harmed ended with {ended.status}: {ended.out} {ended.err}")
    return ended
