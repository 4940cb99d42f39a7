"""A district's server, a configuration and a store: what whole runs are tried on, through the command line alone."""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import tomlkit

import rostersync
from rostersync.cli.app import main
from rostersync.demo import District, Server, make_district, serve
from rostersync.demo.faults import Fault

VIEWS = ("orgs", "sessions", "courses", "classes", "users", "enrollments", "relationships")
IN_FORCE = {"users": "active", "classes": "active"}
AUTH = ("oauth2-basic", "oauth2-body", "oauth1-sha256", "oauth1-sha1", "bearer")
ACCEPTED = ("oauth2", "oauth1", "bearer")
Values = dict[str, Any]


class Clock:
    """Our clock and the server's, which stands still between two steps of a test."""

    def __init__(self, now: datetime = datetime(2026, 10, 20, 18, 0, tzinfo=UTC)) -> None:
        """Start at a moment."""
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def advance(self, **duration: float) -> datetime:
        self.now += timedelta(**duration)
        return self.now


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Values:
        return msgspec.json.decode(self.out, type=Values)


@dataclass
class Site:
    """One integration `main` of one configuration file, with its store beside it."""

    folder: Path
    server: Server
    clock: Clock
    version: str = "1.2"
    name: str = "main"

    @property
    def config(self) -> Path:
        return self.folder / "rostersync.toml"

    @property
    def store(self) -> Path:
        return self.folder / "roster.db"

    def configure(self, *, auth: str = "oauth2-basic", store: Values | None = None, **tables: Any) -> None:  # noqa: ANN401
        """Write the configuration; `source`, `schools`, `sync` and so on are put on top of the least that works."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        base = {"type": "rest", "version": self.version, "url": self.server.base(self.version), "page_size": 40}
        source = base | {"retries": 1} | tables.pop("source", {})
        source.setdefault("auth", auth_table(auth, self.server))
        integration = {"source": source, **tables}
        document = {
            "store": {"url": f"sqlite:///{self.store.name}"} | (store or {}),
            "integrations": {self.name: integration},
        }
        self.config.write_text(tomlkit.dumps(document), "utf-8")

    def cli(self, *words: str) -> Answer:
        """Call the program in this process."""
        return call(["--config", str(self.config), *words], self.clock)

    def json(self, *words: str) -> tuple[int, Values]:
        answer = self.cli(*words, "--json")
        return answer.code, answer.document

    def run(self, *words: str, code: int | None = 0) -> Values:
        """Run, see that the exit code is right, and give the one Run."""
        answer = self.cli("run", self.name, *words, "--json")
        found: Values = answer.document.get("runs", [answer.document])[0]
        assert code in {None, answer.code}, (answer.code, found, answer.err)
        return found

    def preview(self, *words: str, code: int = 0) -> Values:
        answer = self.cli("preview", self.name, *words, "--json")
        assert answer.code == code, (answer.code, answer.out, answer.err)
        found: Values = answer.document.get("preview", answer.document)
        return found

    def explain(self, who: str, *words: str) -> list[Values]:
        code, document = self.json("explain", self.name, who, *words)
        assert code == 0, document
        subjects: list[Values] = document["subjects"]
        return subjects

    def status(self) -> Values:
        code, document = self.json("status")
        assert code == 0, document
        found: Values = document["integrations"][0]
        return found

    def log(self, *words: str) -> list[Values]:
        code, document = self.json("log", *words)
        assert code == 0, document
        runs: list[Values] = document["runs"]
        return runs

    def process(self, *words: str, **more: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401 - what Popen takes
        """Start the program in a process of its own."""
        argv = [sys.executable, "-m", "rostersync", "--config", str(self.config), *words]
        env = os.environ | {"ROSTERSYNC_DEMO": "demo-secret", "PYTHONPATH": str(Path(rostersync.__file__).parents[1])}
        return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, **more)

    def roster(self, *, in_force: bool = False) -> dict[str, list[tuple[Any, ...]]]:
        """Read every view of the roster, sorted; with `in_force` without disabled and archived rows."""
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as store:
            return {view: _rows(store, view, in_force=in_force) for view in VIEWS}

    def ids(self, view: str, *, in_force: bool = True) -> set[str]:
        """The sourcedIds in a view."""
        return {str(row[1]) for row in self.roster(in_force=in_force)[view]}

    def row(self, view: str, sourced_id: str) -> Values | None:
        """One row of a view."""
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as store:
            store.row_factory = sqlite3.Row
            found = store.execute(f"SELECT * FROM roster_{view} WHERE sourced_id = ?", (sourced_id,)).fetchone()  # noqa: S608
            return None if found is None else dict(found)

    def mark(self) -> dict[str, str]:
        """A digest of every table that a run may only change by applying: all but the run log."""
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)) as store:
            names = [name for (name,) in store.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            return {name: _digest(store, name) for name in names if name not in _LOG}

    def bytes(self) -> str:
        """A digest of the file of the store."""
        return hashlib.sha256(self.store.read_bytes()).hexdigest()


_LOG = {"run", "diagnostic", "plan_chunk", "sqlite_sequence", "sqlite_stat1"}


def _rows(store: sqlite3.Connection, view: str, *, in_force: bool) -> list[tuple[Any, ...]]:
    state = IN_FORCE.get(view) if in_force else None
    where = f" WHERE state = '{state}'" if state else ""
    return sorted(store.execute(f"SELECT * FROM roster_{view}{where}"), key=repr)  # noqa: S608


def _digest(store: sqlite3.Connection, table: str) -> str:
    rows = sorted(map(repr, store.execute(f"SELECT * FROM {table}")))  # noqa: S608
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def auth_table(kind: str, server: Server) -> Values:
    """The table of an integration's way of signing in."""
    secret = {"client_id": "demo", "client_secret": "env:ROSTERSYNC_DEMO"}
    if kind.startswith("oauth2"):
        way = kind.partition("-")[2]
        return {"type": "oauth2", "token_url": server.token_url, "client_auth": way, **secret}
    if kind.startswith("oauth1"):
        return {"type": "oauth1", "signature_method": f"HMAC-{kind.partition('-')[2].upper()}", **secret}
    return {"type": "bearer", "token": "env:ROSTERSYNC_BEARER"}


def call(arguments: Sequence[str], clock: Clock) -> Answer:
    """Call the command line in this process, with its own stdout and stderr."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    secrets = {"ROSTERSYNC_DEMO": "demo-secret", "ROSTERSYNC_BEARER": "demo-bearer"}
    with patch("sys.stdout", out), patch("sys.stderr", err), patch.dict(os.environ, secrets):
        code = main(arguments, clock=clock)
    return Answer(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


@contextmanager
def site(
    folder: Path,
    faults: Sequence[Fault] = (),
    *,
    students: int = 40,
    version: str = "1.2",
    clock: Clock | None = None,
    district: District | None = None,
    **configured: Any,  # noqa: ANN401 - what configure takes
) -> Iterator[Site]:
    """Serve a district and configure an integration for it."""
    clock = clock or Clock()
    district = district or make_district(students=students)
    with serve(district, faults, auth=ACCEPTED, clock=clock.seconds) as server:
        made = Site(folder, server, clock, version)
        made.configure(**configured)
        yield made


def codes(found: Values) -> list[str]:
    """The codes of the diagnostics of a Run or a Preview, each once."""
    return sorted({each["code"] for each in found["diagnostics"]})


def is_empty(changes: Values) -> bool:
    """Whether a plan changes nothing."""
    return not any(count for kind in changes.values() for count in kind.values())
