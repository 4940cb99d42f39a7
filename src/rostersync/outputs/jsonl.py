"""JSON lines: one file a kind, one object a line, keys as the views of contract §4 have them.

Lists are JSON lists and booleans JSON booleans here; what is absent is null. Only what is active goes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from rostersync.model.kind import Kind
from rostersync.model.roster import Row
from rostersync.outputs.base import RosterReader, Written
from rostersync.outputs.files import Package, replacing
from rostersync.outputs.ids import any_id
from rostersync.outputs.left_out import LeftOut
from rostersync.outputs.selection import Rules, Selection

_BOOLEANS = ("enabled", "is_primary")
_WITH_TENANT = (Kind.ORGS, Kind.USERS)
_RULES = Rules(any_id, homeless=frozenset({"student", "teacher", "staff", "parent"}))


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One set of JSON lines; every object says its integration, and orgs and users their tenant."""

    path: Path
    integration: str
    tenant: str | None = None

    @property
    def format(self) -> str:
        """The name of the format."""
        return "jsonl"

    def write(self, roster: RosterReader) -> Written:
        """Write the seven files (base.Output)."""
        left_out = LeftOut()
        with replacing(self.path) as package:
            selection = Selection(roster, _RULES, left_out)
            for kind in sorted(Kind):
                self._write(package, kind, _rows(selection, kind))
            rows = package.rows
        return Written(rows, left_out.diagnostics(self.format, self.path))

    def _write(self, package: Package, kind: Kind, rows: Iterator[Row]) -> None:
        """Write one kind."""
        encode = msgspec.json.Encoder().encode
        with package.create(f"{kind}.jsonl") as file:
            for row in rows:
                file.write(encode(self._object(kind, row)) + b"\n")
                package.rows += 1

    def _object(self, kind: Kind, row: Row) -> dict[str, Any]:
        """Lay out one row."""
        values = {"integration": self.integration, **row._asdict()}
        for name in _BOOLEANS:
            if name in values:
                values[name] = bool(values[name])
        if kind in _WITH_TENANT:
            values["tenant"] = self.tenant
        return values


def _rows(selection: Selection, kind: Kind) -> Iterator[Row]:
    """Yield what goes out of one kind."""
    match kind:
        case Kind.CLASSES:
            return selection.class_rows()
        case Kind.USERS:
            return selection.user_rows()
        case Kind.ENROLLMENTS:
            return selection.enrollment_rows()
        case Kind.RELATIONSHIPS:
            return selection.relationship_rows()
        case Kind.ORGS | Kind.SESSIONS | Kind.COURSES:
            return selection.roster.rows(kind)
