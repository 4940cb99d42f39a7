"""A district and a running server that wants no credentials, for the tests of the demo."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rostersync.demo import District, Server, make_district, serve
from tests.demo.demo_get import Get


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


@pytest.fixture
def get(server: Server, client: httpx.Client) -> Get:
    return Get(server, client)


@pytest.fixture(params=["1.1", "1.2"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)
