"""The REST source: the collections of a OneRoster server as a stream of events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.sources.base import Event, Found, Probe, Request, Restart, Started
from rostersync.sources.rest import failures, probe
from rostersync.sources.rest.ahead import Ahead
from rostersync.sources.rest.asking import Asking
from rostersync.sources.rest.client import Client
from rostersync.sources.rest.codec import Codec
from rostersync.sources.rest.collection import Collections
from rostersync.sources.rest.narrowing import Narrowing
from rostersync.sources.rest.settings import RestSettings


class RestSource:
    """A OneRoster 1.1 or 1.2 server (the protocol `Source`); one fetch at a time."""

    def __init__(self, settings: RestSettings, *, clock: Callable[[], datetime]) -> None:
        """Take the settings and our clock in UTC; nothing is sent yet."""
        self._settings = settings
        self._clock = clock
        self._codec = Codec(settings.version)
        self._ahead = Ahead(settings.concurrency)
        self._opened: Client | None = None

    def fetch(self, request: Request) -> Iterator[Event]:
        """Stream the collections asked for, in that order.

        Raises:
            Fatal: a collection that is not optional cannot be had, or nothing can.
        """
        client = self._client()
        client.begin()
        said: set[Diagnostic] = set()
        events = (event for event in self._twice(client, request) if _is_new(event, said))
        first = next(events, None)
        # Only now has there been an answer, and so a server's clock.
        yield Started(None if client.first_date is None else client.first_date.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
        if first is not None:
            yield first
        yield from events

    def probe(self, collections: Sequence[Kind]) -> Iterator[Probe]:
        """Try what a fetch would need, with a few small requests."""
        yield from probe.run(self._client, self._codec, collections, self._clock)

    def close(self) -> None:
        """Let go of connections and threads."""
        self._ahead.close()
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _client(self) -> Client:
        """The client, opened when it is first needed: what is wrong with the settings is an error of the fetch."""
        if self._opened is None:
            self._opened = Client(self._settings, self._clock)
        return self._opened

    def _twice(self, client: Client, request: Request) -> Iterator[Event]:
        """Everything; and everything again where the server says that its data changed meanwhile."""
        try:
            yield from self._once(client, request)
        except failures.StartOver:
            client.renew()
            yield Restart(None)
            yield from self._again(client, request)

    def _again(self, client: Client, request: Request) -> Iterator[Event]:
        try:
            yield from self._once(client, request)
        except failures.StartOver:
            raise failures.incomplete("the server's data changed twice while it was read (x-perm-rev)") from None

    def _once(self, client: Client, request: Request) -> Iterator[Event]:
        asking = Asking(client, self._settings.page_size)
        narrowing = Narrowing(asking, self._settings.version, wanted=self._settings.fields == "mapped")
        fetch = Collections(asking, narrowing, self._codec, self._ahead, self._settings.concurrency)
        for kind in request.collections:
            yield from fetch.fetch(kind, request)


def _is_new(event: Event, said: set[Diagnostic]) -> bool:
    """Whether it is no diagnostic that was reported before the fetch started over."""
    if not isinstance(event, Found):
        return True
    new = event.diagnostic not in said
    said.add(event.diagnostic)
    return new
