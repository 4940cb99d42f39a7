"""Stores for tests: one in a file, and one that leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rostersync.store.connect import open_store
from rostersync.store.database import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store of a test is."""
    return tmp_path / "roster.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """Open a new store in a file."""
    with open_store(path) as opened:
        yield opened


@pytest.fixture
def throwaway(tmp_path: Path) -> Iterator[Store]:
    """Open a store that has no file."""
    with open_store(tmp_path / "absent.db", create=False) as opened:
        yield opened
