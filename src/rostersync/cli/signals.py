"""SIGINT and SIGTERM: they end a command in order, wherever they come."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rostersync.errors import Interrupted

_ENDING = (signal.SIGINT, signal.SIGTERM)
_MOMENT = 0.01


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into Interrupted, which rolls the run back; a second one ends the program at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _interrupt) for number in _ENDING}
    told, sys.unraisablehook = sys.unraisablehook, _unheard
    try:
        yield
    finally:
        sys.unraisablehook = told
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupt_behind(error: BaseException) -> Interrupted | None:
    """The interrupt after which something else went wrong, as where a library cannot close what was broken off."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        if isinstance(cause, Interrupted):
            return cause
        seen.add(id(cause))
        cause = cause.__context__
    return None


def _interrupt(number: int, _frame: FrameType | None) -> None:
    for each in _ENDING:
        signal.signal(each, signal.SIG_DFL)
    raise Interrupted(number)


def _unheard(found: sys.UnraisableHookArgs) -> None:
    """Let an interrupt come again in a moment where it came while Python cannot raise, as amid a weak reference."""
    if not isinstance(found.exc_value, Interrupted):
        sys.__unraisablehook__(found)
        return
    for each in _ENDING:
        signal.signal(each, _interrupt)
    again = threading.Timer(_MOMENT, _come_again, (found.exc_value.signal_number,))
    again.daemon = True
    again.start()


def _come_again(number: int) -> None:
    """Send the signal once more, unless the command has ended meanwhile."""
    if signal.getsignal(number) is _interrupt:
        os.kill(os.getpid(), number)
