"""Pages into received rows: one code path, with the version's way to read a user.

A page is decoded straight into wire records. Where it does not fit (a row without a sourcedId or that is no object, NUL
or lone surrogates, unusual types), the same page is read again value by value.
"""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec

from rostersync.errors import Fatal
from rostersync.model.codes import Code
from rostersync.model.kind import Kind
from rostersync.model.snapshot import Received
from rostersync.sources.records import v1p1, v1p2, wire
from rostersync.sources.records.fields import Refused, stamp, text, unclean
from rostersync.sources.records.readings import Named, Reading
from rostersync.sources.records.receive import nameless_key, receive, reject
from rostersync.sources.rest import bounds, failures
from rostersync.sources.rest.settings import Version

PATHS: dict[Kind, str] = {
    Kind.ORGS: "orgs",
    Kind.SESSIONS: "academicSessions",
    Kind.COURSES: "courses",
    Kind.CLASSES: "classes",
    Kind.USERS: "users",
    Kind.ENROLLMENTS: "enrollments",
}
"""The path of each collection, which is its envelope as well."""

_OTHER_ENVELOPES: dict[Kind, tuple[str, ...]] = {
    Kind.ORGS: ("schools",),
    Kind.SESSIONS: ("terms", "gradingPeriods"),
    Kind.USERS: ("students", "teachers"),
}
_LONGEST_INTEGER = 40
_BOM = b"\xef\xbb\xbf"


class Codec:
    """Reads the pages of one version."""

    def __init__(self, version: Version) -> None:
        """Prepare a decoder for each collection."""
        self._readings = v1p1.READINGS if version == "1.1" else v1p2.READINGS
        self._decoders = {kind: _decoder(kind, reading) for kind, reading in self._readings.items()}

    def reading(self, kind: Kind) -> Reading:
        """How the rows of a collection are read."""
        return self._readings[kind]

    def read(self, kind: Kind, body: bytes) -> list[Received] | None:
        """The rows of a page; None for `{}`, which is an empty page or none, depending on where it stands.

        Raises:
            Fatal: RS-SRC-001 where it is no JSON, or has not the envelope of the collection.
        """
        body = body.removeprefix(_BOM)
        bounds.check_density(PATHS[kind], body)
        rows = self._at_once(kind, body)
        if rows is not None:
            return rows
        try:
            return self._one_by_one(kind, body)
        except RecursionError:
            raise failures.not_oneroster(f"/{PATHS[kind]} answered with JSON that is nested too deeply") from None

    def _at_once(self, kind: Kind, body: bytes) -> list[Received] | None:
        """Decode the page in one go; None where that cannot be done."""
        if b"\\u0000" in body:
            return None
        try:
            envelope = self._decoders[kind].decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        sent = _rows_in(envelope, kind)
        if sent is None:
            return None
        bounds.check_rows(PATHS[kind], len(sent))
        if bounds.is_large(body) and any(map(bounds.is_beyond_reason, sent)):
            return None
        reading = self._readings[kind]
        received: list[Received] = []
        for row in sent:
            sourced_id = text(row.sourced_id)
            if sourced_id is None:
                return None
            received.append(receive(sourced_id, row, reading))
        return received

    def _one_by_one(self, kind: Kind, body: bytes) -> list[Received] | None:
        page = _parse(kind, body)
        if not isinstance(page, dict):
            raise failures.not_oneroster(f"/{PATHS[kind]} answered with JSON that has no envelope")
        if not page:
            return None
        found = [page[name] for name in envelopes(kind) if name in page]
        rows = found[:1] if PATHS[kind] in page else found
        if not rows or not all(isinstance(part, list) for part in rows):
            raise failures.not_oneroster(f"/{PATHS[kind]} answered without a list `{PATHS[kind]}`")
        bounds.check_rows(PATHS[kind], sum(map(len, rows)))
        reading = self._readings[kind]
        return [_receive_loosely(row, reading) for part in rows for row in part]


def modified_of(received: Received) -> str:
    """The dateLastModified of a row, whatever became of it."""
    if received.record is not None:
        return received.record.modified
    return received.rejection.modified if received.rejection is not None else received.deleted_at or ""


def _receive_loosely(row: object, reading: Reading) -> Received:
    """A row of any shape."""
    if not isinstance(row, dict):
        return reject(
            nameless_key(row), Refused("sourcedId", "is missing: the row is no object"), Code.DATA_REJECTED, "", Named()
        )
    long = next(
        (name for name in reading.wire.__struct_encode_fields__ if bounds.is_beyond_reason(row.get(name))), None
    )
    if long is not None:
        return _reject_beyond_reason(row, long, reading)
    sent = wire.loosely(reading.wire, row)
    sourced_id = text(sent.sourced_id)
    modified = stamp(sent.date_last_modified)
    if sourced_id is None or unclean(sourced_id):
        why = Refused("sourcedId", "is missing" if sourced_id is None else "has characters that no text may have")
        return reject(nameless_key(row), why, Code.DATA_REJECTED, modified, reading.named(sent))
    received = receive(sourced_id, sent, reading)
    field = next((name for name, value in row.items() if unclean(value) or unclean(name)), None)
    if field is None or received.deleted_at is not None:
        return received
    why = Refused(ascii(field)[1:-1], "has characters that no text may have")
    return reject(sourced_id, why, Code.DATA_REJECTED, modified, reading.named(sent))


def _reject_beyond_reason(row: dict[str, Any], field: str, reading: Reading) -> Received:
    """A row with a text or a list that is too long, of which nothing is kept but what tells it from others."""
    kept = {name: row.get(name) for name in reading.wire.__struct_encode_fields__}
    kept = {name: value for name, value in kept.items() if not bounds.is_beyond_reason(value)}
    sourced_id = text(kept.get("sourcedId"))
    key = nameless_key(kept) if sourced_id is None or unclean(sourced_id) else sourced_id
    why = Refused(field, f"is longer than {bounds.LONGEST:,} characters or {bounds.ENTRIES:,} entries")
    return reject(key, why, Code.DATA_REJECTED, stamp(kept.get("dateLastModified")), Named())


def envelopes(kind: Kind) -> tuple[str, ...]:
    """The names that the list of a page may have, its own first."""
    return (PATHS[kind], *_OTHER_ENVELOPES.get(kind, ()))


def _decoder(kind: Kind, reading: Reading) -> msgspec.json.Decoder[Any]:
    rows = list[reading.wire] | msgspec.UnsetType  # type: ignore[name-defined]
    fields = [(name, rows, msgspec.UNSET) for name in envelopes(kind)]
    return msgspec.json.Decoder(msgspec.defstruct("Envelope", fields))


def _rows_in(envelope: object, kind: Kind) -> list[wire.Base] | None:
    """The rows under the collection's own name, else those under all of the names that are used instead."""
    found = [rows for name in envelopes(kind) if (rows := getattr(envelope, name)) is not msgspec.UNSET]
    if not found:
        return None
    if getattr(envelope, PATHS[kind]) is not msgspec.UNSET:
        return list(found[0])
    return [row for rows in found for row in rows]


def _parse(kind: Kind, body: bytes) -> Any:  # noqa: ANN401 (any JSON value)
    """Parse JSON, also with the lone surrogates that only the standard library takes."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        return json.loads(body.decode(), parse_int=_integer, parse_float=_fraction, parse_constant=_no_json)
    except (ValueError, UnicodeDecodeError):
        raise _no_json_at(kind, body) from None


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


def _fraction(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _no_json(constant: str) -> Any:  # noqa: ANN401 (it never returns)
    raise ValueError(constant)


def _no_json_at(kind: Kind, body: bytes) -> Fatal:
    looks = "a web page" if body.lstrip()[:1] == b"<" else "what is no JSON" if body.strip() else "nothing at all"
    return failures.not_oneroster(f"/{PATHS[kind]} answered with {looks}")
