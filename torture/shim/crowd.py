"""Many processes at once, let go at one moment, each of which times what it does after it has asked for the lock."""

from __future__ import annotations

import ctypes
import mmap
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

from rostersync.errors import Locked
from rostersync.store import lock

_NANO = 1_000_000_000


class Timed(ctypes.Structure):
    """When one of them asked for the lock and when it ended, in seconds, each with its time without a processor."""

    asked: float
    asked_idle: float
    ended: float
    ended_idle: float
    _fields_: ClassVar = [(name, ctypes.c_double) for name in ("asked", "asked_idle", "ended", "ended_idle")]

    def watch(self) -> None:
        """Take the time when the process looks for a holder, which is the first that it does about the lock."""
        find = lock.find_holder

        def found(store: Path, name: str) -> Locked | None:
            if not self.asked:
                self.asked, self.asked_idle = time.monotonic(), _idle()
            return find(store, name)

        patch.object(lock, "find_holder", found).start()

    def stop(self) -> None:
        """Take the time of the end."""
        self.ended, self.ended_idle = time.monotonic(), _idle()

    def told(self) -> dict[str, float]:
        """The time between, with and without that in which there was no processor for it."""
        wall = max(0.0, self.ended - self.asked)
        return {"wall": wall, "waited": max(0.0, wall - (self.ended_idle - self.asked_idle))}


def crowd(words: Sequence[Any], join: Callable[[int, Timed], None]) -> Iterator[dict[str, Any]]:
    """Fork one for each of the words, let all go at once, and tell how each ended."""
    timed = (Timed * len(words)).from_buffer(mmap.mmap(-1, ctypes.sizeof(Timed) * len(words)))
    gate, opener = os.pipe()
    numbers: dict[int, int] = {}
    for number in range(len(words)):
        child = os.fork()
        if child == 0:
            os.close(opener)
            os.read(gate, 1)
            os.close(gate)
            join(number, timed[number])
        numbers[child] = number
    os.close(gate)
    yield {"pids": list(numbers)}
    os.close(opener)
    for _ in words:
        child, status = os.wait()
        number = numbers[child]
        yield {"number": number, "status": os.waitstatus_to_exitcode(status), **timed[number].told()}


def _idle() -> float:
    """How long this process was ready to run and had no processor, in seconds (Linux, /proc/PID/schedstat)."""
    return int(Path("/proc/self/schedstat").read_text("ascii").split()[1]) / _NANO
