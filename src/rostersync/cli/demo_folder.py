"""The folder of a demo: its configuration, its secret and its store; nobody else's files are ever touched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from rostersync.errors import UsageError

CONFIG = "rostersync.toml"
_SECRET = "demo-secret"  # noqa: S105 - the name of a file
_STORE = "rostersync.db"
_PORT = re.compile(r"(?<=http://127\.0\.0\.1:)\d+")
_TEMPLATE = """\
# The sample district of `rostersync demo`, which keeps its server running with --serve.
# Every key is explained in examples/config.toml.

[store]
url = "sqlite:///rostersync.db"

[integrations.springdale]
name = "Springdale Unified (sample)"

[integrations.springdale.source]
type = "rest"
version = "1.2"
url = "http://127.0.0.1:0/ims/oneroster/rostering/v1p2"

[integrations.springdale.source.auth]
type = "oauth2"
token_url = "http://127.0.0.1:0/token"
client_id = "demo"
client_secret = "file:demo-secret"   # a file beside this one that only you can read

[integrations.springdale.schools]
exclude = ["sch-annex"]

[integrations.springdale.sync]
respect_enrollment_dates = true
parents = true

[integrations.springdale.schedule]
cron = "0 18 * * 1-5"
timezone = "America/Chicago"
"""


def prepare(folder: Path) -> None:
    """Make the folder, or empty one that an earlier demo has made; raises UsageError where it holds anything else."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        entries = sorted(folder.iterdir())
        _check_earlier(folder, entries)
        for entry in entries:
            entry.unlink()
    except OSError as error:
        hint = "Name a folder that can be made or written to."
        raise UsageError(f"{folder} cannot be used: {error.strerror or error}", hint) from error


def write(folder: Path, origin: str, secret: str) -> Path:
    """Write configuration and secret for the server at an origin, and give the path of the configuration."""
    kept = folder / _SECRET
    kept.touch(mode=0o600)
    kept.write_text(f"{secret}\n", encoding="utf-8")
    config = folder / CONFIG
    config.write_text(_PORT.sub(origin.rpartition(":")[2], _TEMPLATE), encoding="utf-8")
    return config


def _check_earlier(folder: Path, entries: list[Path]) -> None:
    """Raise UsageError unless the folder is empty, or has what a demo has written and nothing else."""
    others = list(_others(entries))
    if not others and entries and not _is_ours(folder / CONFIG):
        others = [CONFIG]
    if others:
        what = ", ".join(others[:3]) + (", …" if len(others) > 3 else "")  # noqa: PLR2004 - enough to recognize it
        message = f"{folder} has something of yours in it: {what}"
        raise UsageError(message, "Name a new folder, or the folder of an earlier demo that has not been changed.")


def _others(entries: list[Path]) -> Iterator[str]:
    """The names of what no demo writes."""
    for entry in entries:
        known = entry.name in {CONFIG, _SECRET} or entry.name == _STORE or entry.name.startswith(f"{_STORE}-")
        if not known or entry.is_symlink() or not entry.is_file():
            yield entry.name


def _is_ours(config: Path) -> bool:
    """Whether the configuration is the one that a demo writes, whatever the port of its server was."""
    return config.is_file() and _PORT.sub("0", config.read_text("utf-8", errors="replace")) == _TEMPLATE
