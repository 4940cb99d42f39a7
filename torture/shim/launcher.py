"""A process with the program loaded, which forks for every command that it is asked for, one JSON line each.

Nothing of the program is replaced but its clock, `sqlite3.connect` (so that SQLite tells of its statements), where a
made-up revision is to be applied the list of revisions, and where the other journal is to be tried what decides on it.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import importlib
import json
import mmap
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

from rostersync.cli.app import main as run_command_line
from rostersync.store import connect
from rostersync.store.migrate import migrate
from torture.shim.crowd import Timed, crowd
from torture.shim.layout import OTHER_JOURNAL, Watched
from torture.shim.lines import interrupt_at

_HEAVY = (
    "alembic.command",
    "httpx",
    "rich.table",
    "rostersync.cli.render.records",
    "rostersync.cli.render.runs",
    "rostersync.cli.watching",
    "rostersync.config.load",
    "rostersync.outputs.jsonl",
    "rostersync.outputs.oneroster_csv",
    "rostersync.pipeline.run",
    "rostersync.pipeline.status",
    "rostersync.sources.csv.source",
    "rostersync.sources.rest.source",
    "rostersync.wiring",
    "sqlmodel",
)

Asked = dict[str, Any]


def serve() -> None:
    """Answer until there is nobody left to ask."""
    for name in _HEAVY:
        importlib.import_module(name)
    if os.environ.get(OTHER_JOURNAL):
        safe = connect.wal_is_safe
        patch.object(connect, "wal_is_safe", lambda version: not safe(version)).start()
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        for answer in _answers(asked):
            print(json.dumps(answer), flush=True)


def _answers(asked: Asked) -> Iterator[dict[str, Any]]:
    """Do what is asked; of a crowd there is an answer when it has started, and one for each that has ended."""
    if asked["crowd"]:
        yield from crowd(asked["crowd"], lambda number, timed: _join(asked, number, timed))
    else:
        yield _warmed(asked) if asked["warm"] else _answer(asked)


def _join(asked: Asked, number: int, timed: Timed) -> NoReturn:
    """Be one of a crowd, with words and streams of its own."""
    own = {"words": asked["crowd"][number], "out": f"{asked['out']}-{number}", "err": f"{asked['err']}-{number}"}
    timed.watch()
    _become(asked | own, Watched(), timed.stop)


def _warmed(asked: Asked) -> dict[str, Any]:
    """Be the program once without a fork, so that its caches are filled; what is loaded is then left to the forks."""
    os.chdir(asked["folder"])
    with open(asked["out"], "w", encoding="utf-8") as out, redirect_stdout(out):  # noqa: PTH123 - a name of ours
        status = run_command_line(asked["words"], clock=lambda: datetime.fromisoformat(asked["now"]))
    gc.collect()
    gc.freeze()
    return {"status": status}


def _answer(asked: Asked) -> dict[str, Any]:
    """Fork, harm the child as asked, wait for its end, and say how it ended."""
    shared = mmap.mmap(-1, ctypes.sizeof(Watched))
    watched = Watched.from_buffer(shared)
    for name in ("point", "kinds", "action", "number"):
        setattr(watched, name, asked[name])
    watched.prefix = os.fsencode(asked["prefix"])
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        _become(asked, watched, lambda: None)
    if asked["signal"]:
        time.sleep(asked["after"])
        os.kill(child, asked["signal"])
    _, status = os.waitpid(child, 0)
    found = {name: getattr(watched, name) for name in ("calls", "fired", "statements", "lines")}
    times = {"seconds": time.monotonic() - start, "began": max(0.0, watched.began - start)}
    return found | times | {"status": os.waitstatus_to_exitcode(status), "what": os.fsdecode(watched.what)}


def _become(asked: Asked, watched: Watched, ended: Callable[[], None]) -> NoReturn:
    """Be the program, in the folder and with the streams that were asked for."""
    status = 70
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # as __main__ does
    try:
        os.chdir(asked["folder"])
        for number, path in enumerate((os.devnull, asked["out"], asked["err"])):
            opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(opened, number)
            os.close(opened)
        sys.stdin, sys.stdout, sys.stderr = (
            os.fdopen(number, mode, encoding="utf-8") for number, mode in enumerate(("r", "w", "w"))
        )
        _trace(watched, asked["statement"])
        if asked["line"]:
            interrupt_at(watched, asked["line"])
        if asked["revisions"]:
            known = functools.partial(migrate, revisions=tuple(asked["revisions"]), location=Path(asked["location"]))
            patch.object(connect, "migrate", known).start()
        moment = datetime.fromisoformat(asked["now"])
        ctypes.CDLL(None).torture_arm(ctypes.byref(watched))
        status = run_command_line(asked["words"], clock=lambda: moment)
        sys.stdout.flush()
        ended()
    finally:
        os._exit(status)


def _trace(watched: Watched, last: int) -> None:
    """Count the statements that SQLite runs, on every connection, and die at one of them; 0 for none."""

    def told(statement: str) -> None:
        watched.statements += 1
        if statement == "BEGIN IMMEDIATE" and not watched.began:
            watched.began = time.monotonic()
        if watched.statements == last:
            watched.fired = 1
            watched.what = statement.encode()[:200]
            os.kill(os.getpid(), signal.SIGKILL)

    original: Callable[..., sqlite3.Connection] = sqlite3.connect

    def connected(*arguments: Any, **named: Any) -> sqlite3.Connection:  # noqa: ANN401 - what sqlite3.connect takes
        connection = original(*arguments, **named)
        connection.set_trace_callback(told)
        return connection

    patch.object(sqlite3, "connect", connected).start()


if __name__ == "__main__":
    serve()
