"""Fixtures of the tests of the REST source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import respx
import stamina

from rostersync.sources.rest import RestSource
from tests.rest.rest_api import NOW, ROOT, settings


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """Retries do not wait."""
    with stamina.set_testing(testing=True, attempts=10, cap=True):
        yield


@pytest.fixture
def mocked() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
def source_of(mocked: respx.MockRouter) -> Iterator[Callable[..., RestSource]]:
    """Make sources over mocked collections: `source_of(orgs=handler, **settings)`."""
    made: list[RestSource] = []

    def make(*, clock: Callable[[], datetime] = lambda: NOW, **given: Any) -> RestSource:  # noqa: ANN401
        names = {"orgs", "academicSessions", "courses", "classes", "users", "enrollments"}
        for name in names & given.keys():
            mocked.get(f"{ROOT}/{name}").mock(side_effect=given.pop(name))
        made.append(RestSource(settings(**given), clock=clock))
        return made[-1]

    yield make
    for source in made:
        source.close()
