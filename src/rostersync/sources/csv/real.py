"""What a package of rostersync's own says beside the standard's columns (docs/outputs.md), put in their place.

It is taken only where it can be understood and where the record is accepted with it; else the columns count alone, as
for everybody else.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rostersync.model.metadata import REAL_COLUMN
from rostersync.model.snapshot import Received
from rostersync.sources.csv.header import Header
from rostersync.sources.records import wire
from rostersync.sources.records.fields import unclean
from rostersync.sources.records.readings import Reading
from rostersync.sources.records.receive import receive

_Value = str | list[str | dict[str, str]] | None
_DECODER = msgspec.json.Decoder(dict[str, _Value])
_KEPT = frozenset({"sourcedId", "status", "dateLastModified"})
_ROLES = "roles"
_LISTS = frozenset({_ROLES, "agentSourcedIds", "grades", "orgSourcedIds", "termSourcedIds"})


class Real:
    """Reads the column of one file; most files have none."""

    def __init__(self, header: Header, reading: Reading) -> None:
        """Look for the column under a header, for records of this kind."""
        self._reading = reading
        self._place = header.names.index(REAL_COLUMN) if REAL_COLUMN in header.names else None
        names = zip(reading.wire.__struct_encode_fields__, reading.wire.__struct_fields__, strict=True)
        columns = header.places.keys() - _KEPT | {_ROLES}
        self._attributes = {name: attribute for name, attribute in names if name in columns}

    def told(self, cells: list[str]) -> dict[str, Any]:
        """What is told of one row, by column; nothing where that cannot be understood."""
        if self._place is None or not cells[self._place]:
            return {}
        try:
            found = _DECODER.decode(cells[self._place])
        except (msgspec.DecodeError, UnicodeEncodeError):
            return {}
        return {} if unclean(found) else found

    def instead(self, found: Received, sent: wire.Base, told: dict[str, Any]) -> Received:
        """A record that was accepted by its columns, with what is told put in their place."""
        right = (name for name, value in told.items() if name in self._attributes and _fits(name, value))
        values = {self._attributes[name]: told[name] for name in right}
        if found.record is None or not values:
            return found
        better = receive(found.sourced_id, msgspec.structs.replace(sent, **values), self._reading)
        return found if better.record is None else better


def _fits(name: str, value: _Value) -> bool:
    """Whether a value is of the kind that the column holds; roles are texts, or each with its org."""
    if value is None or name not in _LISTS:
        return not isinstance(value, list)
    return isinstance(value, list) and (name == _ROLES or all(isinstance(item, str) for item in value))


def is_made_up(told: dict[str, Any]) -> bool:
    """Whether a record is there only because another one has to refer to something."""
    return told.get("sourcedId", "") is None
