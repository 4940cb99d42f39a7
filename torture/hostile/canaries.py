"""Listeners where nobody should ever ask: other ports of this machine, by IPv4 and, where there is one, IPv6."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Canaries:
    """Where they listen, and what came."""

    port: int
    port6: int
    asked: list[bytes] = field(default_factory=list)

    def listen(self, listener: socket.socket) -> None:
        """Keep whatever is said, and answer with what looks like an empty collection."""
        with contextlib.suppress(OSError):
            while True:
                client = listener.accept()[0]
                self.asked.append(b"(connection)")
                with client, contextlib.suppress(OSError):
                    client.settimeout(1)
                    self.asked.append(client.recv(65536))
                    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


@contextmanager
def canaries() -> Iterator[Canaries]:
    """Listen while the context lasts."""
    listeners = [socket.create_server(("127.0.0.1", 0))]
    if socket.has_ipv6:
        with contextlib.suppress(OSError):
            listeners.append(socket.create_server(("::1", 0), family=socket.AF_INET6))
    ports = [listener.getsockname()[1] for listener in listeners]
    made = Canaries(ports[0], ports[-1])
    for listener in listeners:
        threading.Thread(target=made.listen, args=(listener,), daemon=True).start()
    try:
        yield made
    finally:
        for listener in listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
