"""A folder with a configuration where the command line is called, and what it answered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rostersync.cli.app import main
from rostersync.demo import District

NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
CONFIG = """\
[store]
url = "sqlite:///roster.db"

[integrations.springfield]
partner_id = "spr"

[integrations.springfield.source]
type = "rest"
version = "1.1"
url = "{base}"
retries = 0

[integrations.springfield.source.auth]
type = "oauth2"
token_url = "{token}"
client_id = "demo"
client_secret = "env:SPRINGFIELD_SECRET"
"""


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended: the exit code, and what it wrote."""

    line: str
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - a document
        """The one document on stdout."""
        return msgspec.json.decode(self.out)

    def __str__(self) -> str:
        """The whole answer as a golden file has it."""
        return f"$ {self.line}\n[exit {self.code}]\n--- stdout\n{self.out}--- stderr\n{self.err}"


@dataclass(slots=True)
class Home:
    """A folder with a configuration, where the command line is called."""

    path: Path
    capture: pytest.CaptureFixture[str]
    clock: Clock = field(default_factory=Clock)
    hidden: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str) -> Answer:
        """Call the command line; ports and folders are hidden from what it says."""
        self.capture.readouterr()
        code = main(arguments, self.clock)
        said = self.capture.readouterr()
        return Answer(" ".join(["rostersync", *arguments]), code, self._hide(said.out), self._hide(said.err))

    def configure(self, text: str) -> None:
        """Replace the configuration."""
        (self.path / "rostersync.toml").write_text(text)

    def edit(self, old: str, new: str) -> None:
        """Change one place of the configuration."""
        text = (self.path / "rostersync.toml").read_text()
        assert old in text
        self.configure(text.replace(old, new, 1))

    @property
    def store(self) -> Path:
        return self.path / "roster.db"

    def _hide(self, text: str) -> str:
        for what, name in self.hidden.items():
            text = text.replace(what, name)
        return re.sub(r"process \d+ on \S+,", "process <pid> on <host>,", text)


def drop_students(district: District, count: int) -> None:
    """Let students and their enrollments leave the source without a mark."""
    gone = {student for student in district.users if student.startswith("stu-0")}
    gone = set(sorted(gone)[:count])
    for enrollment in [each for each, values in district.enrollments.items() if values["user"] in gone]:
        district.drop("enrollments", enrollment)
    for student in gone:
        district.drop("users", student)
