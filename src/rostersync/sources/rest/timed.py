"""Bounds a request as a whole: httpx gives every read its own time, so that a server could send a byte now and then.

Everything below httpx goes through a stream of a connection: also headers, interim answers and the frame of chunks,
of which nothing is seen above it before they are complete.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx


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


class _Stream(httpcore.NetworkStream):
    """A connection on which nothing goes on past the moment."""

    def __init__(self, stream: httpcore.NetworkStream, until: Until) -> None:
        """Wrap a stream."""
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come."""
        return self._stream.read(max_bytes, self._until.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        self._stream.write(buffer, self._until.left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Shake hands; the connection goes on inside of TLS."""
        left = self._until.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 (whatever the stream has)
        """Tell about the connection."""
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections whose streams are bounded."""

    def __init__(self, backend: httpcore.NetworkBackend, until: Until) -> None:
        """Wrap the way in which connections are opened."""
        self._backend = backend
        self._until = until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect."""
        left = self._until.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._backend.connect_tcp(host, port, left, local_address, socket_options), self._until)


def bound(client: httpx.Client) -> Until:
    """Bound every connection that the client will open by a moment, which each thread sets for its own request."""
    until = Until()
    # httpx has no public way to hand a backend to the pools that it makes, one for each proxy of the environment.
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
        if isinstance(transport, httpx.HTTPTransport):
            pool: Any = transport._pool  # noqa: SLF001
            pool._network_backend = _Backend(pool._network_backend, until)  # noqa: SLF001
    return until
