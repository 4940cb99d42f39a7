"""Asks for pages before they are needed, in threads that never keep the program from ending."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future

from rostersync.sources.rest.failures import TooMuch
from rostersync.sources.rest.reply import Reply

Ask = Callable[[int], Reply]
"""Asks for the page at an offset."""

_Job = tuple["Future[Reply]", Ask, int]


class Ahead:
    """Pages under way or waiting, by their offset.

    Its threads are daemons: a server that hangs cannot hold up an interrupt.
    """

    def __init__(self, width: int) -> None:
        """Take how many pages may be under way; the threads start with the first."""
        self._width = width
        # As many again may wait, so that the server is asked on while a page is being read.
        self.room = 2 * width
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._pages: dict[int, Future[Reply]] = {}

    def plan(self, ask: Ask, offsets: Iterable[int]) -> None:
        """Ask for the pages at these offsets that are not under way yet, as far as there is room."""
        for offset in offsets:
            if len(self._pages) >= self.room:
                return
            if offset not in self._pages:
                self._start()
                future: Future[Reply] = Future()
                self._pages[offset] = future
                self._jobs.put((future, ask, offset))

    def take(self, offset: int) -> Reply | None:
        """The page at this offset, waiting for it; None, and everything thrown away, where it is not under way.

        None as well where it is larger than what is accepted ahead: it is to be asked for again, alone.

        Raises:
            SourceError: what asking for that page raised.
        """
        future = self._pages.pop(offset, None)
        if future is None:
            self.drop()
            return None
        try:
            return future.result()
        except TooMuch:
            self.drop()
            return None

    def drop(self) -> None:
        """Throw away what is under way."""
        for future in self._pages.values():
            future.cancel()
        self._pages.clear()

    def close(self) -> None:
        """Let the threads end once they are done with what they are at."""
        self.drop()
        for _ in self._threads:
            self._jobs.put(None)
        self._threads.clear()

    def _start(self) -> None:
        if len(self._threads) < self._width:
            thread = threading.Thread(target=_work, args=(self._jobs,), daemon=True, name="rostersync-page")
            self._threads.append(thread)
            thread.start()


def _work(jobs: queue.SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        future, ask, offset = job
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(ask(offset))
        except Exception as error:  # noqa: BLE001 (handed to whoever takes the page)
            future.set_exception(error)
