"""A small configuration that is right, and a way to load a changed one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rostersync.config.load import Config, load
from rostersync.errors import ConfigError, Problem

SMALL = """\
[integrations.springfield]
enabled = true

[integrations.springfield.source]
url = "https://sis.example.org"

[integrations.springfield.source.auth]
token_url = "https://sis.example.org/token"
client_id = "me"
client_secret = "env:SECRET"
"""

Load = Callable[[str], Config]
Faults = Callable[[str], list[Problem]]


@pytest.fixture
def small() -> str:
    """The text of a configuration with one integration, `springfield`, of ten lines."""
    return SMALL


@pytest.fixture
def load_text(tmp_path: Path) -> Load:
    """Write a text to a file and load it."""

    def write_and_load(text: str) -> Config:
        file = tmp_path / "rostersync.toml"
        file.write_text(text, encoding="utf-8")
        return load(file, {}, tmp_path)

    return write_and_load


@pytest.fixture
def faults(load_text: Load) -> Faults:
    """Load a text and give the problems that it has; none is an empty list."""

    def problems(text: str) -> list[Problem]:
        try:
            load_text(text)
        except ConfigError as error:
            return error.problems
        return []

    return problems
