"""Fixtures of the whole runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """Retries do not wait."""
    with stamina.set_testing(testing=True, attempts=10, cap=True):
        yield
