"""A proxy that answers twice: no later request is given the answer to an earlier one as if it were its own."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest

from rostersync.model.kind import Coverage, Kind
from rostersync.sources.rest import RestSource
from tests.rest.rest_api import NOW, STAMP, fetch, org, settings

SINCE = "2026-11-20T00:00:00.000Z"
SESSION = {
    "sourcedId": "s1",
    "status": "active",
    "dateLastModified": STAMP,
    "type": "term",
    "startDate": "2026-08-01",
    "endDate": "2027-06-01",
}
ROWS = {"orgs": [org("o1")], "academicSessions": [SESSION]}


def answer(target: str) -> bytes:
    """What a sound server says, which honors the filter."""
    name = urlsplit(target).path.rpartition("/")[2]
    asked = parse_qs(urlsplit(target).query)
    rows = [] if "filter" in asked or asked.get("offset", ["0"]) != ["0"] else ROWS[name]
    body = json.dumps({name: rows}).encode()
    return b"HTTP/1.1 200 OK\r\nX-Total-Count: %d\r\nContent-Length: %d\r\n\r\n%b" % (len(rows), len(body), body)


@contextmanager
def proxied(send: Callable[[socket.socket, int, bytes], None]) -> Iterator[tuple[str, list[int]]]:
    """Answer by `send`, which is given the number of the request; the list tells the connection of each."""
    numbers, connections = itertools.count(), itertools.count()
    seen: list[int] = []

    def serve(client: socket.socket, connection: int) -> None:
        with client, contextlib.suppress(OSError):
            while data := client.recv(65536):
                seen.append(connection)
                send(client, next(numbers), answer(data.split(b" ")[1].decode()))

    def accept(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0], next(connections)), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/ims/oneroster/v1p1", seen
        listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def source_at(url: str) -> Iterator[RestSource]:
    source = RestSource(settings(url=url, concurrency=1), clock=lambda: NOW)
    try:
        yield source
    finally:
        source.close()


def test_a_connection_with_more_than_one_answer_is_not_used_again() -> None:
    def twice(client: socket.socket, number: int, said: bytes) -> None:
        client.sendall(said * (2 if number == 0 else 1))

    with proxied(twice) as (url, seen), source_at(url) as source:
        fetched = fetch(source, Kind.ORGS, Kind.SESSIONS)
    assert fetched.ids(Kind.SESSIONS) == ["s1"]
    assert len(set(seen)) == 2


@pytest.mark.parametrize("place", range(3))
def test_nothing_is_fetched_in_full_by_the_answer_to_a_delta(place: int) -> None:
    late: dict[socket.socket, bytes] = {}

    def again(client: socket.socket, number: int, said: bytes) -> None:
        client.sendall(late.pop(client, b"") + said)
        if number == place:
            late[client] = said

    with proxied(again) as (url, _), source_at(url) as source:
        fetched = fetch(source, Kind.ORGS, Kind.SESSIONS, since=SINCE)
    for kind, ids in ((Kind.ORGS, ["o1"]), (Kind.SESSIONS, ["s1"])):
        assert fetched.coverage[kind] is Coverage.DELTA or fetched.ids(kind) == ids
