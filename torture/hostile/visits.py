"""One command in a process of its own against a hostile server, and what it did beside answering."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from torture.hostile.canaries import Canaries
from torture.network.scenes import Scene

ROOT: Final = Path(__file__).parents[2]
MEMORY: Final = 300
"""Megabytes that the program may take at its peak."""

_CODES: Final = ("RS-NET-", "RS-SRC-", "RS-AUTH-", "RS-LIMIT-")
_PATIENCE: Final = 90


@dataclass(frozen=True)
class Visit:
    """How a command ended: its exit code, what it said, megabytes at its peak, seconds, and what it did."""

    code: int
    out: bytes
    err: bytes
    peak: float
    seconds: float
    notes: tuple[str, ...]

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document."""
        return msgspec.json.decode(self.out, type=dict[str, Any])


def visit(made: Scene, *words: str) -> Visit:
    """Run a command and measure it."""
    scratch = made.site.folder / "tmp"
    scratch.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / name for name in ("notes", "out", "err")}
        began = time.monotonic()
        with files["out"].open("wb") as out, files["err"].open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "torture.hostile.watched", str(files["notes"]), *_words(made, words)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=made.site.folder, env=_environment(scratch),
            )  # fmt: skip
            status = _wait(process)
        notes = files["notes"].read_text("utf-8").splitlines() if files["notes"].exists() else []
        texts = (files["out"].read_bytes(), files["err"].read_bytes())
        seconds = time.monotonic() - began
        # Not what wait4 says: that begins with the memory of the process that started it.
        peak = max((int(note.split()[1]) / 1024 for note in notes if note.startswith("peak ")), default=math.inf)
        return Visit(status, *texts, peak, seconds, tuple(note for note in notes if not note.startswith("peak ")))


def _words(made: Scene, words: tuple[str, ...]) -> list[str]:
    return ["--config", str(made.site.config), *words]


def _environment(scratch: Path) -> dict[str, str]:
    own = {
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src"))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(scratch),
        "ROSTERSYNC_DEMO": "demo-secret",
        "NO_COLOR": "1",
    }
    return {name: value for name, value in os.environ.items() if "proxy" not in name.lower()} | own


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end; one that never ends is ended."""
    try:
        return process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def misdeeds(made: Scene, asked: Canaries, done: Visit) -> Iterator[str]:
    """What no server may bring the program to do."""
    if done.peak > MEMORY:
        yield f"{done.peak:.0f} MB"
    if asked.asked:
        yield f"another server was asked: {asked.asked!r:.200}"
    if b"Traceback" in done.err or b"unexpected " in done.err or done.code < 0:
        yield f"exit {done.code}: {done.err[-400:]!r}"
    yield from _elsewhere(made, done.notes)


def _elsewhere(made: Scene, notes: tuple[str, ...]) -> Iterator[str]:
    """Connections but to the server, programs, and whatever was written but in the folder of the store."""
    folder = str(made.site.folder)
    for note in notes:
        kind, _, what = note.partition(" ")
        fine = {
            "connect": what == repr(("127.0.0.1", made.proxy.port)),
            "lookup": what.startswith("'127.0.0.1'"),
            "write": what.strip("'\"b").startswith((folder, "/dev/null", ":memory:", f"file:{folder}")) or what == "''",
            # What croniter asks once when it is loaded, by the standard library: how wide the interpreter is.
            "run": "['file', '-b', " in what,
        }
        if not fine[kind]:
            yield f"it did {note}"


def judged(made: Scene, done: Visit, *, roster: str) -> Iterator[str]:
    """Whether a run ended with a code or in order; `roster` is `same`, `before` (it must fail) or `any`."""
    if done.code not in {0, 1, 3, 4}:
        yield f"exit {done.code}"
        return
    run = done.document["runs"][0]
    if done.code == 1 and (not run["error"]["code"].startswith(_CODES) or not run["error"]["hint"]):
        yield f"it failed with {run['error']}"
    if done.code in {1, 4} and made.site.mark() != made.marks:
        yield "a run that failed changed the store"
    if roster == "same" and (done.code not in {0, 3} or made.site.roster() != made.roster):
        yield f"exit {done.code}, or another roster: {run['error']}"
    if roster == "before" and done.code != 1:
        yield f"it went on with exit {done.code}"
