"""SIGINT and SIGTERM: they end a command in order, wherever they come."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

from rostersync.errors import Interrupted

_ENDING: Final = (signal.SIGINT, signal.SIGTERM)
_MOMENT: Final = 0.01


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into Interrupted, which rolls the run back; a second one ends the program at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _now.disturbing, _now.waiting, _now.ending = True, None, False
    before = {number: signal.signal(number, _interrupt) for number in _ENDING}
    told, sys.unraisablehook = sys.unraisablehook, _unheard
    try:
        yield
    except BaseException as error:
        interrupt = interrupt_behind(error)
        if interrupt is not None:
            # What was broken off on its way in or out is held by its frames: it ends here, where nobody has to hear it.
            traceback.clear_frames(interrupt.__traceback__)
        raise
    finally:
        sys.unraisablehook = told
        for number, handler in before.items():
            signal.signal(number, handler)


def undisturbed() -> _Turned:
    """Hold an interrupt back to the end of a step that must not be left halfway; only for steps that never wait."""
    return _Turned(disturbing=False)


def disturbed() -> _Turned:
    """Let interrupts come again amid what is undisturbed, and raise at once the one that was held back."""
    return _Turned(disturbing=True)


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


@dataclass
class _Now:
    """What is with interrupts: `waiting` is the one held back, `ending` whether one has been raised."""

    disturbing: bool = True
    waiting: int | None = None
    ending: bool = False

    def let_in(self) -> None:
        """Raise the interrupt that was held back, unless it still is to be."""
        if self.disturbing and self.waiting is not None:
            number, self.waiting, self.ending = self.waiting, None, True
            raise Interrupted(number)


_now: Final = _Now()
"""Signals come to a process, so there is one."""


class _Turned:
    """Interrupts held back or let in; a class, as in a generator's context there are moments that belong to nobody."""

    def __init__(self, *, disturbing: bool) -> None:
        self._disturbing = disturbing
        self._before = disturbing

    def __enter__(self) -> None:
        self._before, _now.disturbing = _now.disturbing, self._disturbing
        _now.let_in()

    def __exit__(self, *_: object) -> None:
        _now.disturbing = self._before
        _now.let_in()


def _interrupt(number: int, _frame: FrameType | None) -> None:
    for each in _ENDING:
        signal.signal(each, signal.SIG_DFL)
    _now.waiting = number
    _now.let_in()


def _unheard(found: sys.UnraisableHookArgs) -> None:
    """Let an interrupt come again in a moment where it came while Python cannot raise, as amid a weak reference.

    What cannot be ended because all around it has ended, as after an interrupt amid `__exit__`, tells nobody anything.
    """
    if not isinstance(found.exc_value, Interrupted):
        if not _now.ending:
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
