"""Asks for the mapped fields alone (`fields`, oneroster-reference §2), where the server has shown that it honors it.

A server that left out a field which it should give would make people vanish, so nobody is taken at their word: the
first page is read whole, and only where there are more pages, and it has fields that nobody needs, is the same page
asked for once more with `fields`. Every row has to come again, with every mapped field as it was and without any other.
Whatever else happens, the collection is read whole, as it would have been without this module.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from rostersync.errors import SourceError
from rostersync.model.kind import Kind
from rostersync.sources.records.readings import Reading
from rostersync.sources.rest import bounds
from rostersync.sources.rest.asking import Asking, Query
from rostersync.sources.rest.codec import PATHS, envelopes
from rostersync.sources.rest.reply import Reply
from rostersync.sources.rest.settings import Version

_OF_OTHER_VERSION: dict[Version, frozenset[str]] = {
    "1.1": frozenset({"roles", "primaryOrg", "userMasterIdentifier"}),
    "1.2": frozenset({"role", "orgs"}),
}
"""Fields of a user that only the other version has: they are asked for where the server sends them nevertheless."""

_BOM = b"\xef\xbb\xbf"
_Rows = list[dict[str, Any]]


class FieldsLost(Exception):  # noqa: N818 (the collection is read whole instead)
    """A page under `fields` is not what the first one promised."""


class Narrowing:
    """What one fetch has learned about `fields`; a server that failed once is not asked again."""

    def __init__(self, asking: Asking, version: Version, *, wanted: bool) -> None:
        """Begin a fetch; nothing is narrowed unless it is wanted."""
        self._asking = asking
        self._version = version
        self._wanted = wanted

    def stop(self) -> None:
        """Read everything whole from now on."""
        self._wanted = False

    def narrow(self, query: Query, first: Reply, reading: Reading) -> Query:
        """The query for the pages after the first: with `fields` where that has been shown to lose nothing."""
        if not self._wanted or len(first.body) > bounds.AHEAD:
            return query
        rows = _rows(query.kind, first.body)
        mapped = frozenset(reading.wire.__struct_encode_fields__)
        if not rows or not any(row.keys() - mapped for row in rows):
            return query
        narrowed = replace(query, fields=_asked(rows, reading, self._version))
        if self._honored(narrowed, rows, mapped):
            return narrowed
        self.stop()
        return query

    def _honored(self, query: Query, rows: _Rows, mapped: frozenset[str]) -> bool:
        """Ask for the first page again and compare; this request alone is never a reason to fail."""
        try:
            reply = self._asking.narrowed(query)
        except SourceError:
            return False
        return reply.ok and _rows(query.kind, reply.body) == [_cut(row, mapped) for row in rows]


def _asked(rows: _Rows, reading: Reading, version: Version) -> str:
    """The names to ask for: those of the version, and whichever other mapped ones the server has sent."""
    seen: set[str] = set().union(*rows)
    other = _OF_OTHER_VERSION[version]
    return ",".join(
        name for name in reading.wire.__struct_encode_fields__ if name in seen or not (_is_flat(name) or name in other)
    )


def _is_flat(name: str) -> bool:
    """Whether it is a field of the CSV form, such as `orgSourcedIds`, which the standard does not have over REST."""
    return name.endswith(("SourcedId", "SourcedIds"))


def _cut(row: dict[str, Any], mapped: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name in mapped}


def _rows(kind: Kind, body: bytes) -> _Rows | None:
    """The rows of a page as they were sent; None where it is not made as the standard says."""
    try:
        page = msgspec.json.decode(body.removeprefix(_BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    found = [page[name] for name in envelopes(kind) if name in page] if isinstance(page, dict) else []
    if len(found) != 1 or not isinstance(found[0], list) or not all(isinstance(row, dict) for row in found[0]):
        return None
    return found[0]


def lost(kind: Kind, status: int) -> FieldsLost:
    """Make the exception that tells what a page under `fields` was like."""
    return FieldsLost(f"/{PATHS[kind]} answered {status} under `fields`, without what the first page had")
