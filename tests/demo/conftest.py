"""A district and a running server that wants no credentials, for the tests of the demo."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rostersync.demo import District, Server, make_district, serve


@pytest.fixture
def district() -> District:
    return make_district()


@pytest.fixture
def server(district: District) -> Iterator[Server]:
    with serve(district, auth=("none",)) as running:
        yield running


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as one:
        yield one


class Get:
    """Reads from the running server: a path below the base of a version, or a whole URL."""

    def __init__(self, server: Server, client: httpx.Client) -> None:
        """Read from a server with a client."""
        self.server = server
        self.client = client

    def __call__(self, version: str, path: str, **params: object) -> httpx.Response:
        texts = {name: str(value) for name, value in params.items()}
        return self.client.get(f"{self.server.base(version)}/{path}", params=texts)

    def url(self, url: str) -> httpx.Response:
        return self.client.get(url)


@pytest.fixture
def get(server: Server, client: httpx.Client) -> Get:
    return Get(server, client)


@pytest.fixture(params=["1.1", "1.2"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)
