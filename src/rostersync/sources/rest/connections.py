"""The connections below httpx, of which two things are asked that it does not see to.

A request is bounded as a whole: httpx gives every read its own time, so that a server could send a byte now and then in
headers, interim answers and the frame of chunks, of which nothing is seen above before they are complete. And a
connection that may hold the answer to an earlier request, which a proxy has sent twice, is never used again.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

_BEGINNING = b"HTTP/1."
"""How every answer begins."""


class Until(threading.local):
    """The moment on the monotonic clock by which the request of this thread must have ended."""

    moment: float | None = None

    def left(self, timeout: float | None, late: type[httpcore.TimeoutException]) -> float | None:
        """The seconds that one step may take; raises `late` where there are none."""
        if self.moment is None:
            return timeout
        left = self.moment - time.monotonic()
        if left <= 0:
            raise late
        return left if timeout is None else min(left, timeout)


class Connections:
    """What all connections of a client share: the moment, and which of them are too old to be used again."""

    def __init__(self) -> None:
        """Begin with connections that may be used again."""
        self.until = Until()
        self.age = 0

    def begin(self, seconds: float) -> float:
        """Give the request of this thread that many seconds; returns the moment when they are over."""
        self.until.moment = time.monotonic() + seconds
        return self.until.moment

    def renew(self) -> None:
        """Use none of the connections again that there are now."""
        self.age += 1


class _Stream(httpcore.NetworkStream):
    """A connection on which nothing goes on past the moment."""

    def __init__(self, stream: httpcore.NetworkStream, shared: Connections) -> None:
        """Wrap a stream."""
        self._stream = stream
        self._shared = shared
        self._until = shared.until
        self._age = shared.age
        self._expected = 0
        self._mixed = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come; a second beginning in it may be that of an answer which nobody has asked for."""
        data = self._stream.read(max_bytes, self._until.left(timeout, httpcore.ReadTimeout))
        self._mixed = self._mixed or data.find(_BEGINNING, self._expected) >= 0
        self._expected = 0
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        self._expected = len(_BEGINNING)
        self._stream.write(buffer, self._until.left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Shake hands; the connection goes on inside of TLS."""
        left = self._until.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._shared)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 (whatever the stream has)
        """Tell about the connection; one that is readable while nothing is asked is closed by the pool."""
        if info == "is_readable" and (self._mixed or self._age != self._shared.age):
            return True
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections whose streams are bounded."""

    def __init__(self, backend: httpcore.NetworkBackend, shared: Connections) -> None:
        """Wrap the way in which connections are opened."""
        self._backend = backend
        self._shared = shared

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect."""
        left = self._shared.until.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._backend.connect_tcp(host, port, left, local_address, socket_options), self._shared)


def watch(client: httpx.Client) -> Connections:
    """Watch every connection that the client will open."""
    shared = Connections()
    # httpx has no public way to hand a backend to the pools that it makes, one for each proxy of the environment.
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
        if isinstance(transport, httpx.HTTPTransport):
            pool: Any = transport._pool  # noqa: SLF001
            pool._network_backend = _Backend(pool._network_backend, shared)  # noqa: SLF001
    return shared
