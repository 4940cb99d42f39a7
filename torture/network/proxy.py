"""A proxy on a real socket between client and server, which does harm to chosen exchanges byte by byte."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

HOST = "127.0.0.1"
_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)
_RESET = struct.pack("ii", 1, 0)


class Answer(NamedTuple):
    """What the server has answered: the head up to its empty line, and the body."""

    head: bytes
    body: bytes

    @property
    def whole(self) -> bytes:
        """All of it."""
        return self.head + self.body

    def headed(self, *lines: bytes, length: bool = True) -> bytes:
        """The head with these lines, and without its Content-Length where that is not wanted."""
        head = self.head if length else _LENGTH.sub(b"", self.head)
        return head.removesuffix(b"\r\n") + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


class Lost(Exception):  # noqa: N818 (no error: the connection is meant to end here)
    """The connection is over."""


@dataclass
class Exchange:
    """One request that came through, and how its answer can be harmed; `struck` counts the harmed ones from 0."""

    request: bytes
    struck: int
    _client: socket.socket
    _server: tuple[str, int]
    _over: threading.Event
    _vanish: Callable[[], None]
    late: bytes = b""

    @property
    def path(self) -> str:
        """The path that was asked for, with its query."""
        return self.request.split(b" ", 2)[1].decode("ascii", "replace")

    def ask(self) -> Answer:
        """Ask the server."""
        asked = _CONNECTION.sub(b"", self.request).replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        with socket.create_connection(self._server) as server:
            server.sendall(asked)
            answer = b"".join(iter(lambda: server.recv(65536), b""))
        head, gap, body = answer.partition(b"\r\n\r\n")
        return Answer(_CONNECTION.sub(b"", head) + gap, body)

    def send(self, data: bytes) -> None:
        """Send bytes to the client."""
        self._client.sendall(data)

    def dribble(self, data: bytes, pause: float) -> None:
        """Send byte by byte as long as the client listens."""
        for place in range(len(data)):
            if self._over.wait(pause):
                raise Lost
            self.send(data[place : place + 1])

    def hold(self) -> None:
        """Say nothing more, until the client has had enough."""
        self._client.settimeout(0.05)
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                if not self._client.recv(65536):
                    raise Lost
        raise Lost

    def reset(self) -> None:
        """Break the connection."""
        self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        raise Lost

    def end(self) -> None:
        """Close the connection in order."""
        raise Lost

    def vanish(self) -> None:
        """Break the connection, and take no other."""
        self._vanish()
        self.reset()


Act = Callable[[Exchange], None]
"""Answers one request in its own way; the connection goes on unless it raises Lost."""


@dataclass(frozen=True)
class Strike:
    """Which requests are harmed, counted from 0, and how; `at_connect` harms the connection before any request."""

    act: Act
    first: int
    forever: bool
    at_connect: bool = False

    def hits(self, number: int) -> bool:
        """Whether it harms this request."""
        return number >= self.first if self.forever else number == self.first


@dataclass
class Proxy:
    """Hands requests on, counts them, and strikes."""

    server: tuple[str, int]
    listener: socket.socket
    port: int
    strike: Strike | None = None
    asked: list[str] = field(default_factory=list)
    _struck: int = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def origin(self) -> str:
        """Where the client finds it."""
        return f"http://{HOST}:{self.port}"

    def begin(self, strike: Strike | None = None) -> None:
        """Start to count anew, with another strike; what is still held from before is let go."""
        self._over.set()
        if self.listener.fileno() < 0:
            self.listener = socket.create_server((HOST, self.port))
            self.listen()
        with self._lock:
            self._over = threading.Event()
            self.strike, self._struck, self.asked = strike, 0, []

    def stop(self) -> None:
        """Let go of everything."""
        self._over.set()
        self.vanish()

    def vanish(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def listen(self) -> None:
        """Take connections from now on."""
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = listener.accept()[0]
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError, Lost):
            self._meet(client)
            late = b""
            while request := _read_request(client):
                if late:
                    client.sendall(late)
                late = self._hand_on(client, request)

    def _meet(self, client: socket.socket) -> None:
        """Break a connection before it says anything, where that is the harm."""
        strike = self.strike
        with self._lock:
            harmed = strike is not None and strike.at_connect and strike.hits(len(self.asked))
            if harmed:
                self.asked.append("(connection)")
        if harmed and strike is not None:
            strike.act(Exchange(b"- - -", 0, client, self.server, self._over, self.vanish))

    def _hand_on(self, client: socket.socket, request: bytes) -> bytes:
        """Answer one request; returns what is to be sent before the next answer."""
        with self._lock:
            strike, number = self.strike, len(self.asked)
            harmed = strike is not None and not strike.at_connect and strike.hits(number)
            exchange = Exchange(request, self._struck, client, self.server, self._over, self.vanish)
            self._struck += harmed
            self.asked.append(exchange.path)
        if strike is not None and harmed:
            strike.act(exchange)
            return exchange.late
        exchange.send(exchange.ask().whole)
        if strike is not None and strike.at_connect and strike.hits(number + 1):
            exchange.end()
        return b""


def _read_request(client: socket.socket) -> bytes:
    """One request with its body; nothing where the client is gone."""
    request = b""
    while b"\r\n\r\n" not in request:
        if not (more := client.recv(65536)):
            return b""
        request += more
    found = _LENGTH.search(request)
    end = request.index(b"\r\n\r\n") + 4 + (int(found[1]) if found else 0)
    while len(request) < end:
        if not (more := client.recv(65536)):
            return b""
        request += more
    return request


@contextmanager
def between(server: tuple[str, int]) -> Iterator[Proxy]:
    """Run a proxy in front of a server."""
    listener = socket.create_server((HOST, 0))
    proxy = Proxy(server, listener, listener.getsockname()[1])
    proxy.listen()
    try:
        yield proxy
    finally:
        proxy.stop()
