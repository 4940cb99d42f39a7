"""A server that sends a byte now and then: the time for one request and the deadline hold as a whole."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import stamina

from rostersync.errors import SourceError
from rostersync.model.kind import Kind
from rostersync.sources.base import Request
from rostersync.sources.rest import RestSource
from tests.rest.rest_api import NOW, settings

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SLOW = {
    "headers": (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
    "interim answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "body": (HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
    "body of unknown length": (HEAD + b"\r\n", b" "),
    "frame of a chunk": (CHUNKED + b"1;", b"a"),
    "trailers": (CHUNKED + b"1\r\n{\r\n0\r\nX-Slow: ", b"a"),
    "nothing": (b"", b""),
}


@contextmanager
def dribbling(first: bytes, again: bytes, pause: float = 0.02) -> Iterator[str]:
    """Answer every request with these bytes, and then with those again and again."""
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(first)
            while not over.wait(pause):
                connection.sendall(again)

    def accept(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/ims/oneroster/v1p1"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)


def refused(url: str, **changes: object) -> tuple[SourceError, float]:
    """What a fetch from there ends with, and after how many seconds."""
    source = RestSource(settings(url=url, **changes), clock=lambda: NOW)
    began = time.monotonic()
    try:
        with pytest.raises(SourceError) as caught:
            list(source.fetch(Request((Kind.ORGS,))))
    finally:
        source.close()
    return caught.value, time.monotonic() - began


@pytest.mark.parametrize("slow", SLOW)
@pytest.mark.parametrize(
    "limits",
    [{"timeout": 0.3, "retries": 1, "deadline": 60.0}, {"timeout": 60.0, "retries": 1, "deadline": 0.6}],
    ids=["timeout", "deadline"],
)
def test_a_byte_now_and_then_does_not_prolong_a_request(slow: str, limits: dict[str, float]) -> None:
    with dribbling(*SLOW[slow]) as url:
        error, seconds = refused(url, **limits)
    assert error.code == "RS-NET-003"
    assert seconds < 5


def test_no_pause_between_tries_leads_past_the_deadline() -> None:
    unavailable = b"HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n"
    with stamina.set_testing(testing=False), dribbling(unavailable, b"") as url:
        error, seconds = refused(url, retries=20, deadline=1.5)
    assert error.code == "RS-NET-003"
    assert 1 < seconds < 2.4
