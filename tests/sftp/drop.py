"""Packages in a drop, and what a source makes of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rostersync.model.kind import Kind
from rostersync.sources.base import Batch, Covered, Event, Request
from rostersync.sources.sftp import SftpSettings, SftpSource
from rostersync.ssh.settings import SshSettings
from tests.csv.csv_packages import files_of, to_folder, to_zip

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
KINDS = (Kind.ORGS, Kind.USERS)


def files(people: int = 3) -> dict[str, str]:
    """A package of one school and so many students, whose names do not compress well."""
    base = {"enabledUser": "true", "orgSourcedIds": "s", "role": "student"}
    return files_of(
        {
            "orgs": [{"sourcedId": "s", "name": "North", "type": "school"}],
            "users": [
                {**base, "sourcedId": f"u{number}", "username": f"u{number}", "givenName": os.urandom(40).hex()}
                | {"familyName": "F"}
                for number in range(people)
            ],
        },
        "1.1",
    )


def old(path: Path) -> Path:
    """Let a file, or those of a folder, have been written an hour before now."""
    then = NOW.timestamp() - 3600
    for each in path.iterdir() if path.is_dir() else [path]:
        os.utime(each, (then, then))
    return path


def drop_zip(path: Path, people: int = 3) -> Path:
    """Put a zip into a drop, an hour ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return old(to_zip(path, files(people)))


def drop_folder(path: Path, people: int = 3) -> Path:
    """Put a folder of files into a drop, an hour ago."""
    return old(to_folder(path, files(people)))


def source_of(ssh: SshSettings, path: str, pause: Callable[[float], None] | None = None, **more: float) -> SftpSource:
    """A source that may not pause, unless the test says how."""

    def never(seconds: float) -> None:
        raise AssertionError(seconds)

    settings = SftpSettings(ssh, path, retries=int(more.get("retries", 5)), deadline=more.get("deadline", 60.0))
    return SftpSource(settings, clock=lambda: NOW, pause=pause or never)


def fetched(source: SftpSource, package: str | None = None) -> list[Event]:
    """Everything that a fetch says."""
    try:
        return list(source.fetch(Request(KINDS, package=package)))
    finally:
        source.close()


def ids(events: Sequence[Event], kind: Kind = Kind.USERS) -> list[str]:
    """The sourcedIds that came of a collection."""
    return [row.sourced_id for event in events if isinstance(event, Batch) and event.kind is kind for row in event.rows]


def covered(events: Sequence[Event]) -> dict[Kind, str]:
    """What a fetch says that it covers."""
    return {event.kind: event.coverage.name for event in events if isinstance(event, Covered)}
