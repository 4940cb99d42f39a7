"""Reads a package in both ways that the program has: as a source, and as `validate` does."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rostersync.errors import RostersyncError
from rostersync.model.kind import Kind
from rostersync.sources.base import Request
from rostersync.sources.csv.settings import CsvSettings
from rostersync.sources.csv.source import CsvSource
from rostersync.sources.csv.validate import validate

_NOW: Final = datetime(2026, 11, 21, tzinfo=UTC)


def read(path: Path) -> None:
    """Read the package at a path to its end, or to one of our errors."""
    source = CsvSource(CsvSettings(path), clock=lambda: _NOW)
    with suppress(RostersyncError):
        for _ in source.fetch(Request((Kind.ORGS, Kind.USERS, Kind.ENROLLMENTS))):
            continue
    source.close()
    with suppress(RostersyncError):
        for finding in validate(path):
            str(finding)
