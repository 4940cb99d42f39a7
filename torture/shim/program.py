"""Asks the launcher for commands, and tells how they ended."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from torture.shim.layout import EVERY, OTHER_JOURNAL, Action

ROOT: Final = Path(__file__).parents[2]
COMPILER: Final = shutil.which("cc")
"""The C compiler, without which nothing can be harmed from outside; scripts/install-test-servers installs one."""


@dataclass(frozen=True)
class Harm:
    """What is done to a command.

    `point` is the call (from 1) to which `action` is done, among the calls of these `kinds` on paths that begin with
    `prefix`; `statement` the statement at which the process dies, 0 for none; `signal` what is sent `after` seconds;
    `line` the line of Python at which SIGINT comes, among those that are come to, 0 for none, -1 to count them.
    """

    point: int = 0
    action: Action = Action.COUNT
    kinds: int = int(EVERY)
    number: int = 0
    prefix: str = ""
    statement: int = 0
    signal: int = 0
    after: float = 0.0
    line: int = 0


UNHARMED: Final = Harm()


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code or minus the signal, what it said, and what was counted on the way.

    `seconds` is how long it took, `began` when its first transaction began; `what` is the call or statement harmed.
    """

    status: int
    out: str
    err: str
    calls: int
    statements: int
    lines: int
    fired: int
    what: str
    seconds: float
    began: float

    @cached_property
    def document(self) -> dict[str, Any]:
        """The JSON document that was printed whole; empty where there is none."""
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(self.out, type=dict[str, Any])
        return {}

    @property
    def run(self) -> dict[str, Any]:
        """The one Run of the document, or the document where it has none."""
        found: dict[str, Any] = self.document.get("runs", [self.document])[0]
        return found


@dataclass(frozen=True)
class Member:
    """How one of a crowd ended.

    `waited` is how long it took, in seconds, from the moment when it asked for the lock to its end, without the time
    in which it could have run and had no processor; `wall` is with it. Both are 0 where it was killed.
    """

    number: int
    status: int
    out: str
    err: str
    waited: float
    wall: float

    @property
    def run(self) -> dict[str, Any]:
        """The one Run that was told; empty where there is none."""
        with suppress(msgspec.DecodeError):
            found: dict[str, Any] = msgspec.json.decode(self.out, type=dict[str, Any])["runs"][0]
            return found
        return {}


@dataclass(frozen=True)
class Crowd:
    """Commands that were started at once: their process ids, and how they end, in the order of their ends."""

    pids: tuple[int, ...]
    ends: Iterator[Member]


class Program:
    """The program, ready to be forked; its temporary files go to `temporary`."""

    def __init__(self, folder: Path, shim: Path, *, other_journal: bool = False) -> None:
        """Start the launcher with the shim under it; what belongs to it is kept in `folder`.

        With `other_journal` SQLite keeps a WAL where the program would let it keep a rollback journal, or the reverse.
        """
        self.folder, self.temporary = folder, folder / "tmp"
        self._out, self._err = folder / "out", folder / "err"
        self.temporary.mkdir(parents=True)
        env = os.environ | {
            "LD_PRELOAD": str(shim),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "TMPDIR": str(self.temporary),
            "ROSTERSYNC_DEMO": "demo-secret",
            OTHER_JOURNAL: "yes" if other_journal else "",
        }
        argv = [sys.executable, "-m", "torture.shim.launcher"]
        self._launcher = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, text=True)
        self._answer()

    def __enter__(self) -> Self:
        """Use the program as a context manager that ends its process."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the launcher."""
        self._launcher.communicate()

    def call(
        self, words: Sequence[str], now: str, folder: Path, harm: Harm = UNHARMED, revisions: Sequence[str] = ()
    ) -> Ended:
        """Run a command in a folder at a moment (RFC 3339); the first of `revisions` is where they stand."""
        known = {"location": "".join(revisions[:1]), "revisions": list(revisions[1:])}
        found = self._ask({"warm": False, "crowd": []} | asdict(harm) | known, words, now, folder)
        return Ended(out=_text(self._out), err=_text(self._err), **found)

    def warm(self, words: Sequence[str], now: str, folder: Path) -> None:
        """Let the launcher itself run a command once, so that what it fills is not filled by every fork again."""
        if self._ask({"warm": True, "crowd": []}, words, now, folder)["status"]:
            raise RuntimeError(f"the launcher cannot be warmed: {_text(self._out)}")

    def crowd(self, words: Sequence[Sequence[str]], now: str, folder: Path) -> Crowd:
        """Start several commands at once; every one that ends has to be taken before anything else is asked."""
        more = {"crowd": [list(each) for each in words], "statement": 0, "line": 0, "revisions": []}
        pids: list[int] = self._ask(more, [], now, folder)["pids"]
        return Crowd(tuple(pids), (self._member() for _ in pids))

    def _member(self) -> Member:
        """Wait for the next of a crowd to end."""
        found = json.loads(self._answer())
        out, err = (path.with_name(f"{path.name}-{found['number']}") for path in (self._out, self._err))
        return Member(out=_text(out), err=_text(err), **found)

    def _ask(self, more: dict[str, Any], words: Sequence[str], now: str, folder: Path) -> dict[str, Any]:
        """Send a request, and wait for its answer."""
        for said in (self._out, self._err):
            said.unlink(missing_ok=True)  # one that dies at once must not seem to have said what the last one said
        places = {"folder": str(folder), "out": str(self._out), "err": str(self._err)}
        assert self._launcher.stdin is not None  # noqa: S101 - it was asked for
        print(json.dumps(more | places | {"words": list(words), "now": now}), file=self._launcher.stdin, flush=True)
        found: dict[str, Any] = json.loads(self._answer())
        return found

    def _answer(self) -> str:
        """Read a line of the launcher."""
        assert self._launcher.stdout is not None  # noqa: S101 - it was asked for
        line = self._launcher.stdout.readline()
        if not line:
            raise RuntimeError("the launcher has died")
        return line


def compiled(folder: Path) -> Path:
    """Compile the shim into a folder."""
    if COMPILER is None:
        raise RuntimeError("there is no C compiler: scripts/install-test-servers installs one")
    made = folder / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run([COMPILER, "-O2", "-shared", "-fPIC", "-o", str(made), str(source)], check=True)
    return made


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""
