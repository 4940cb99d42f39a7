"""Configuration files: read, checked, and edited as `remove` does."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from rostersync.config.edit import remove_integration
from rostersync.config.load import load
from rostersync.errors import RostersyncError

_EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "config.toml"
_SMALL: Final = """\
[integrations.a]
[integrations.a.source]
url = "https://sis.example.org"
[integrations.a.source.auth]
token_url = "https://sis.example.org/token"
client_id = "me"
client_secret = "env:S"
"""
_MORE: Final = (
    '[integrations.a.schedule]\ncron = "0 18 * * 2,5"\ntimezone = "America/Chicago"\n',
    "[integrations.a.sync]\nfull_every = '7d'\nroles = ['student', 1, {x = 2}]\nmode = 1979-05-27T07:32:00Z\n",
    '[integrations.a.directory]\ntype = "ldap"\nurl = "ldaps://h"\npassword = ["x"]\n',
    '[[integrations.a.outputs]]\nformat = "jsonl"\npath = "o"\nsftp = {host = "h", user = "u", password = "p"}\n',
    "[store]\nretain_runs_days = 99999999999999999999\nurl = 'sqlite:///\\u0000'\n",
    "a.b.c = [1, [2, {d = nan}]]\n[a]\n",
    "x = " + "[" * 500,
)


def seeds() -> Iterator[bytes]:
    """The example, the least that works, and pieces that are right or wrong."""
    yield _EXAMPLE.read_bytes()
    yield _SMALL.encode()
    yield from ((_SMALL + more).encode() for more in _MORE)
    yield _SMALL.encode("utf-16")


def one(data: bytes) -> None:
    """Load a file; take an integration out of what could be loaded, and load the rest."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "rostersync.toml"
        path.write_bytes(data)
        with suppress(RostersyncError):
            config = load(path, {}, Path(name))
            for integration in list(config.integrations)[:1]:
                remove_integration(path, integration)
                load(path, {}, Path(name))
