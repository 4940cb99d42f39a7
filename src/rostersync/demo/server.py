"""Runs the OneRoster server on a port of this machine, in a thread of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from rostersync.demo.app import BASES, TOKEN_PATH, Asked, Roster, read_params
from rostersync.demo.auth import Credentials, Gate
from rostersync.demo.district import District
from rostersync.demo.faults.base import Fault, Faults
from rostersync.demo.replies import Reply
from rostersync.errors import UsageError

HOST = "127.0.0.1"
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]


class Logged(NamedTuple):
    """A request that the server has answered: raw path and query, parameters, headers in lower case, and the status."""

    method: str
    path: str
    query: str
    params: dict[str, str]
    headers: dict[str, str]
    status: int


class Server:
    """A running server; `faults`, `clock` (seconds since 1970, for `Date`) and the district may change meanwhile."""

    def __init__(self, roster: Roster, credentials: Credentials) -> None:
        """Keep what is served."""
        self._roster = roster
        self.url = roster.origin
        self.token_url = roster.origin + TOKEN_PATH
        self.district = roster.district
        self.credentials = credentials
        self.faults = roster.faults
        self.gate = roster.gate
        self.requests: list[Logged] = []
        self.errors: list[Exception] = []

    @property
    def clock(self) -> Callable[[], float]:
        """Give the clock of the Date header."""
        return self._roster.clock

    @clock.setter
    def clock(self, clock: Callable[[], float]) -> None:
        """Put the clock of the Date header to another time."""
        self._roster.clock = clock

    def base(self, version: str) -> str:
        """Give the base URL of a version, `1.1` or `1.2`; KeyError for another."""
        return self.url + BASES[version]

    def paths(self) -> list[str]:
        """Give the paths of the requests so far, without query, in order."""
        return [logged.path for logged in self.requests]

    async def handle(self, request: Request) -> Response:
        """Answer a request and log it."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        path = request.scope["raw_path"].partition(b"?")[0].decode("ascii", "replace")
        body = await request.body() if request.method == "POST" else b""
        asked = Asked(request.method, path, request.url.query, headers, body)
        reply = self._roster.answer(asked)
        params = read_params(asked.query)
        self.requests.append(Logged(asked.method, asked.path, asked.query, params, headers, reply.status))
        if reply.delay:
            await anyio.sleep(reply.delay)
        return respond(reply)

    async def crashed(self, request: Request, error: Exception) -> Response:
        """Remember a mistake of the server itself, which `serve` raises at its end: no test takes it for a fault."""
        del request
        if not isinstance(error, ClientDisconnect):
            self.errors.append(error)
        return Response(repr(error), 500)


class Runner(uvicorn.Server):
    """A uvicorn that stops within a hundredth of a second, for tests that start many."""

    async def main_loop(self) -> None:
        """Wait until it is to stop."""
        while not self.should_exit:  # noqa: ASYNC110 - another thread says so
            await anyio.sleep(0.01)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening and break all connections at once."""
        del sockets
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await anyio.sleep(0.001)


class CutResponse(Response):
    """A response whose connection breaks in the middle of the body."""

    def __init__(self, reply: Reply, share: float) -> None:
        """Send that share of the body, after headers that promise all of it."""
        super().__init__(reply.body, reply.status, reply.headers)
        self.share = share

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the part and stop: the server then closes the connection."""
        del scope, receive
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        part = bytes(self.body)[: int(len(self.body) * self.share)]
        await send({"type": "http.response.body", "body": part, "more_body": True})


def respond(reply: Reply) -> Response:
    """Turn a reply into a response; an empty header is not sent."""
    reply.headers = {name: value for name, value in reply.headers.items() if value}
    if reply.cut is not None:
        return CutResponse(reply, reply.cut)
    if reply.drip:
        return StreamingResponse(_drip(reply), reply.status, reply.headers)
    return Response(reply.body, reply.status, reply.headers)


async def _drip(reply: Reply) -> AsyncIterator[bytes]:
    """Give the body in about a hundred parts with pauses between them."""
    size = max(1, len(reply.body) // 100)
    for start in range(0, len(reply.body), size):
        yield reply.body[start : start + size]
        await anyio.sleep(reply.drip)


@contextmanager
def serve(
    district: District,
    faults: Iterable[Fault] = (),
    *,
    auth: Collection[str] = ("oauth2", "oauth1"),
    credentials: Credentials | None = None,
    clock: Callable[[], float] = time.time,
    port: int = 0,
) -> Iterator[Server]:
    """Serve a district on 127.0.0.1 while the context lasts; port 0 takes a free one.

    `auth` names the ways of signing in that are accepted: `oauth2`, `oauth1`, `bearer`, `none`. Raises UsageError
    where the port is taken.
    """
    known = credentials or Credentials()
    with _listen(port) as listener:
        origin = f"http://{HOST}:{listener.getsockname()[1]}"
        server = Server(Roster(district, origin, Gate(known, auth), Faults(*faults), clock), known)
        with _running(server, listener):
            yield server
        if server.errors:
            raise server.errors[0]


def _listen(port: int) -> socket.socket:
    """Open a listening socket; only where it is said to be TCP does asyncio switch off Nagle's delay of 40 ms."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        message = f"Port {port} of {HOST} cannot be used: {error.strerror}"
        raise UsageError(message, "Choose another port, or 0 for any free one.") from error
    return listener


@contextmanager
def _running(server: Server, listener: socket.socket) -> Iterator[None]:
    """Run uvicorn on a listening socket in a thread, and stop it cleanly."""
    routes = [Route("/{path:path}", server.handle, methods=METHODS)]
    app = Starlette(routes=routes, exception_handlers={Exception: server.crashed})
    config = uvicorn.Config(
        app, log_config=None, log_level="critical", access_log=False, lifespan="off", http="h11", loop="asyncio",
        date_header=False, server_header=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    runner = Runner(config)
    thread = threading.Thread(target=runner.run, kwargs={"sockets": [listener]}, name="oneroster", daemon=True)
    thread.start()
    while not runner.started and thread.is_alive():
        time.sleep(0.005)
    try:
        yield
    finally:
        runner.should_exit = runner.force_exit = True
        thread.join(10)
