"""The fixtures of the commands that look after an integration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rostersync.demo import Server, make_district, serve
from tests.cli.world import NOW, World


@pytest.fixture
def offline(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> World:
    """A folder with a configuration whose server is not there."""
    for name in ("ROSTERSYNC_CONFIG", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    world = World(tmp_path, capsys, monkeypatch)
    world.configure()
    return world


@pytest.fixture
def server() -> Iterator[Server]:
    """The sample district on a server that asks for no credentials."""
    with serve(make_district(year=2026), auth=("none",), clock=NOW.timestamp) as running:
        yield running


@pytest.fixture
def world(offline: World, server: Server) -> World:
    """A folder with a configuration for a running server."""
    offline.server = server
    offline.configure()
    return offline


@pytest.fixture
def synced(world: World) -> World:
    """A world in which one run has been."""
    assert world("run", "springdale", "-q").code == 0
    return world
