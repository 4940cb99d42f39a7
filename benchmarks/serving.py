"""The page server as a process of its own, seen from outside."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.measure import ENVIRONMENT, HERE, python
from benchmarks.wire import ROOTS


@dataclass(frozen=True)
class Sent:
    """What the server has sent since it was asked last: answers with a page, and their bytes without heads."""

    requests: int
    bytes: int


@dataclass(frozen=True)
class Serving:
    """A server that runs, and the version that it speaks."""

    port: int
    version: str

    @property
    def url(self) -> str:
        """The root of its API."""
        return f"http://127.0.0.1:{self.port}{ROOTS[self.version]}"

    def control(self, **asked: float) -> Sent:
        """Set the `day` or the `delay` in milliseconds, and give what was sent since the last call."""
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        with closing(HTTPConnection("127.0.0.1", self.port)) as connection:
            connection.request("GET", f"/control?{query}")
            return Sent(**json.load(connection.getresponse()))


@contextmanager
def serving(folder: Path, version: str) -> Iterator[Serving]:
    """Serve a folder of pages as long as the block lasts."""
    command = python("-m", "benchmarks.server", str(folder))
    with subprocess.Popen(  # noqa: S603 - our own server
        command, cwd=HERE, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdin is not None  # noqa: S101, PT018 - asked for above
        try:
            yield Serving(int(process.stdout.readline()), version)
        finally:
            process.stdin.close()
