"""What a command costs, run as a process of its own: the one place where it is measured."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

HERE = Path(__file__).parents[1]
ENVIRONMENT = os.environ | {"PYTHONPATH": f"{HERE / 'src'}{os.pathsep}{HERE}", "NO_COLOR": "1", "NO_PROXY": "127.0.0.1"}
"""That of the programs that are measured: the package of this checkout, whatever is installed."""


@dataclass(frozen=True)
class Cost:
    """Seconds on the wall and of the processor (of user and system), and the peak of the resident set in megabytes."""

    wall: float
    cpu: float
    peak_mb: float
    exit_code: int


def measure(command: Sequence[str], *, folder: Path, out: IO[str] | None = None) -> Cost:
    """Run a command in a folder, with its standard output into a file or nowhere, and give what it cost.

    The peak is that of the one process, not of its children. A process begins with the peak of the one that started it:
    whoever measures must stay small.
    """
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own programs
        command,
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if out is None else out,
    )
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)


def python(*words: str) -> tuple[str, ...]:
    """A command that runs this Python with these words."""
    return (sys.executable, *words)
