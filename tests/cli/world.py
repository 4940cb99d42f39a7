"""A folder with a configuration, the sample district on a server, and the command line to use them with."""

from __future__ import annotations

import io
import re
import sqlite3
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from rostersync.cli.app import main
from rostersync.demo import Server

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
NAME = "springdale"
CONFIG = """\
[store]
url = "sqlite:///roster.db"

[integrations.springdale]
partner_id = "spr-01"

[integrations.springdale.source]
type = "rest"
version = "1.2"
url = "{url}"
retries = 0

[integrations.springdale.source.auth]
type = "none"
"""


class Answer(NamedTuple):
    """What a command has answered: a golden of exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - whatever JSON it is
        """The JSON document on stdout, of which there is exactly one."""
        return msgspec.json.decode(self.out.encode())

    @property
    def golden(self) -> str:
        """Everything in one text."""
        return f"exit {self.code}\n{self.out}" + (f"--- stderr\n{self.err}" if self.err else "")


class Terminal(io.StringIO):
    """A standard input on which somebody types."""

    def isatty(self) -> bool:
        """It is a terminal."""
        return True


@dataclass
class World:
    """One folder, and the time in it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    server: Server | None = None
    now: datetime = NOW

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "rostersync.toml"

    @property
    def store(self) -> Path:
        """The store."""
        return self.folder / "roster.db"

    def configure(self, settings: str = "") -> None:
        """Write the configuration for the server with these further lines."""
        url = self.server.url if self.server else "http://127.0.0.1:9"
        self.config.write_text(CONFIG.format(url=url) + settings, encoding="utf-8")

    def __call__(self, *words: str, typed: str | None = None) -> Answer:
        """Call a command, with somebody at the terminal where there is something typed."""
        self.monkeypatch.setattr(sys, "stdin", io.StringIO() if typed is None else Terminal(typed))
        code = main(["--config", str(self.config), *words], clock=lambda: self.now)
        out, err = self.capsys.readouterr()
        return Answer(code, self._masked(out), self._masked(err))

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the store as others do."""
        connection = sqlite3.connect(self.store)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def _masked(self, text: str) -> str:
        text = text.replace(str(self.folder), "DIR")
        return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
