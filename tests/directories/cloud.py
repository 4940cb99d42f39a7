"""A service on this machine, over TLS: what the local Google and the local Microsoft have in common."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import anyio
import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from rostersync.demo.server import Runner
from tests.directories.authority import Authority, Certificate

HOST = "127.0.0.1"
User = dict[str, Any]


class Asked(NamedTuple):
    """A request: its path, its parameters, its headers in small letters, and its form."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]

    @property
    def token(self) -> str:
        """The bearer token."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")


Odd = Callable[[Asked], Response | None]
"""Answers in the place of the service, or leaves it to the service."""


class Cloud:
    """A service with users; `odd` answers come first, one a request for users, and the last is kept if `stuck`."""

    def __init__(self) -> None:
        """Have no users yet, and no address."""
        self.url = ""
        self.users: list[User] = []
        self.tokens: dict[str, float] = {}
        self.asked: list[Asked] = []
        self.odd: deque[Odd] = deque()
        self.stuck = False
        self.token_answer: Response | None = None
        self.life = 3600
        self.next_token = ""

    def pages(self) -> list[Asked]:
        """The requests for users so far."""
        return [asked for asked in self.asked if asked.path.endswith("/users")]

    def sign_ins(self) -> list[Asked]:
        """The requests for tokens so far."""
        return [asked for asked in self.asked if asked.path.endswith("/token")]

    async def handle(self, request: Request) -> Response:
        """Answer a request."""
        form = dict(parse_qsl((await request.body()).decode()))
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.url.path, dict(request.query_params), headers, form)
        self.asked.append(asked)
        if asked.path.endswith("/users") and self.odd:
            odd = self.odd[0] if self.stuck and len(self.odd) == 1 else self.odd.popleft()
            answered = odd(asked)
            if answered is not None:
                return answered
        return self.answer(asked)

    def answer(self, asked: Asked) -> Response:
        """Answer as the service does."""
        raise NotImplementedError

    def give_token(self) -> Response:
        """Give a token that is good from now on."""
        token = self.next_token or f"token-{len(self.tokens) + 1}-of-{id(self)}"
        self.tokens[token] = time.monotonic() + self.life
        return document({"access_token": token, "expires_in": self.life, "token_type": "Bearer"})

    def knows(self, asked: Asked) -> bool:
        """Whether a request has a token that is good."""
        return self.tokens.get(asked.token, 0) > time.monotonic()


def document(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return Response(msgspec.json.encode(content), status, {"Content-Type": "application/json", **(headers or {})})


class Cut(Response):
    """A response that ends after what its headers promise has half come."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


async def drip() -> AsyncIterator[bytes]:
    """Give spaces for two seconds."""
    for _ in range(20):
        yield b" "
        await anyio.sleep(0.1)


def always(response: Response) -> Odd:
    """Answer so whatever is asked."""
    return lambda _asked: response


def honest(_asked: Asked) -> Response | None:
    """Leave this one to the service."""
    return None


def trusting(authority: Authority) -> ssl.SSLContext:
    """Trust this authority and no other."""
    return ssl.create_default_context(cafile=authority.file)


@contextmanager
def running(cloud: Cloud, certificate: Certificate) -> Iterator[None]:
    """Run a service on a free port while the context lasts."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind((HOST, 0))
        cloud.url = f"https://{HOST}:{listener.getsockname()[1]}"
        app = Starlette(routes=[Route("/{path:path}", cloud.handle, methods=["GET", "POST"])])
        config = uvicorn.Config(
            app, log_config=None, log_level="critical", access_log=False, lifespan="off", http="h11", loop="asyncio",
            ssl_certfile=str(certificate.file), ssl_keyfile=str(certificate.key_file),
        )  # fmt: skip
        runner = Runner(config)
        thread = threading.Thread(target=runner.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not runner.started and thread.is_alive():
            time.sleep(0.005)
        try:
            yield
        finally:
            runner.should_exit = runner.force_exit = True
            thread.join(10)


def closed_port() -> int:
    """Find a port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
