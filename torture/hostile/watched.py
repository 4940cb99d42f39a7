"""The program under watch: every connection, program and written path is noted before it happens.

`python -m torture.hostile.watched FILE ARGUMENT...` is `rostersync ARGUMENT...`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

_PATHS: Final = {
    "os.rename": 2, "os.remove": 1, "os.mkdir": 1, "os.rmdir": 1, "os.link": 2, "os.symlink": 2, "os.truncate": 1,
    "os.chmod": 1, "shutil.rmtree": 1, "sqlite3.connect": 1,
}  # fmt: skip
_RUN: Final = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.startfile")


def watch(file: str) -> None:
    """Note what is done from now on, each in a line: `connect`, `lookup`, `run`, `write`, `peak`."""
    notes = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        for line in _lines(event, arguments):
            os.write(notes, f"{line}\n".encode("utf-8", "backslashreplace"))

    sys.addaudithook(note)


def _lines(event: str, arguments: tuple[Any, ...]) -> list[str]:  # noqa: PLR0911 - one for each kind
    match event:
        case "socket.connect" | "socket.sendto":
            return [f"connect {arguments[1]!r}"]
        case "socket.getaddrinfo" | "socket.gethostbyname":
            return [f"lookup {arguments[0]!r} {arguments[1]!r}"]
        case "open" if isinstance(arguments[0], str | bytes) and _writes(arguments[1], arguments[2]):
            return [f"write {os.fsdecode(arguments[0])!r}"]
        case "torture.peak":
            return [f"peak {arguments[0]}"]
        case _ if event in _PATHS:
            return [f"write {os.fspath(path)!r}" for path in arguments[: _PATHS[event]] if not isinstance(path, int)]
        case _ if event in _RUN:
            return [f"run {event} {arguments!r:.200}"]
        case _:
            return []


def _writes(mode: object, flags: object) -> bool:
    by_mode = isinstance(mode, str) and not set(mode).isdisjoint("wax+")
    return by_mode or (isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)))


def main() -> int:
    """Watch, and run the program."""
    watch(sys.argv[1])
    from rostersync.__main__ import main as program  # noqa: PLC0415 - what loading it does is watched as well

    try:
        return program(sys.argv[2:])
    finally:
        peak = next(line for line in Path("/proc/self/status").read_text("ascii").splitlines() if "VmHWM" in line)
        sys.audit("torture.peak", int(peak.split()[1]))


if __name__ == "__main__":
    sys.exit(main())
