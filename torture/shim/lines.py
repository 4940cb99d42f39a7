"""The lines of Python that a process comes to: countable places for a signal, in place of random moments."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

from torture.shim.layout import Watched

_OURS: Final = re.compile(r"/rostersync/|/contextlib\.py$")
"""Whose lines count: those of the program, and of the module that its ways in and out go through."""

Place = tuple[str, int, str, int]
"""A line and the line that called it: path and number of both."""


def follow(files: re.Pattern[str], come: Callable[[Place], None]) -> None:
    """Tell of every line of these files when this thread comes to it for the first time from where it is called.

    What `come` raises is raised at that line, and nothing is followed any more.
    """
    known: set[Place] = set()

    def entered(frame: FrameType, _event: str, _what: Any) -> Any:  # noqa: ANN401 - what sys.settrace takes
        return within if files.search(frame.f_code.co_filename) else None

    def within(frame: FrameType, event: str, _what: Any) -> Any:  # noqa: ANN401 - as above
        place = _place(frame)
        if event == "line" and place not in known:
            known.add(place)
            come(place)
        return within

    sys.settrace(entered)


def interrupt_at(watched: Watched, last: int) -> None:
    """Count the lines of the program, and send SIGINT at one of them."""

    def come(place: Place) -> None:
        watched.lines += 1
        if watched.lines == last:
            watched.fired = 1
            watched.what = "SIGINT at {}:{}, called at {}:{}".format(*place).encode()
            os.kill(os.getpid(), signal.SIGINT)

    follow(_OURS, come)


def _place(frame: FrameType) -> Place:
    caller = frame.f_back or frame
    return frame.f_code.co_filename, frame.f_lineno, caller.f_code.co_filename, caller.f_lineno
