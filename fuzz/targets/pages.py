"""Pages of a OneRoster server into records: the first byte chooses version and collection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Final, get_args

from rostersync.errors import RostersyncError
from rostersync.model.kind import Kind
from rostersync.model.snapshot import Received
from rostersync.sources.rest.codec import PATHS, Codec
from rostersync.sources.rest.settings import Version
from rostersync.store.codec import encode

_CODECS: Final = [Codec(version) for version in get_args(Version)]
_KINDS: Final = list(PATHS)
_BASE: Final = {"sourcedId": "a", "status": "active", "dateLastModified": "2026-11-21T18:00:00.000Z"}
_REF: Final = {"sourcedId": "b", "href": "https://sis.example.org/b", "type": "org"}
_ROWS: Final[dict[Kind, dict[str, object]]] = {
    Kind.ORGS: {"name": "North", "type": "school", "identifier": "1", "parent": _REF},
    Kind.SESSIONS: {
        "title": "T",
        "type": "term",
        "startDate": "2026-08-01",
        "endDate": "2027-06-01",
        "schoolYear": 2027,
    },
    Kind.COURSES: {"title": "Math", "courseCode": "M1", "org": _REF},
    Kind.CLASSES: {"title": "M", "classType": "scheduled", "school": _REF, "terms": [_REF], "grades": ["01"]},
    Kind.USERS: {
        "username": "ann",
        "email": "ann@example.org",
        "enabledUser": "true",
        "role": "student",
        "orgs": [_REF],
        "roles": [{"role": "teacher", "org": _REF, "beginDate": "2026-08-01"}],
        "agents": [_REF, "c"],
    },
    Kind.ENROLLMENTS: {"user": _REF, "class": _REF, "school": "b", "role": "student", "primary": "false"},
}


def seeds() -> Iterator[bytes]:
    """A page of every collection in both versions, and pages that are odd."""
    for place, kind in enumerate(_KINDS):
        page = {PATHS[kind]: [_BASE | _ROWS[kind], {"sourcedId": "z", "status": "tobedeleted"}, _BASE, None]}
        for version in range(len(_CODECS)):
            yield bytes([place * len(_CODECS) + version]) + json.dumps(page).encode()
    odd = ('{"users": [{"sourcedId": "\\ud800", "role": "student"}]}', "{}", "[]", '{"users": [{"grades": NaN}]}')
    yield from (b"\x08" + body.encode() for body in odd)
    yield b'\x08\xef\xbb\xbf{"students": [], "teachers": [{"sourcedId": 1e400}]}'
    yield b"\x09" + b'{"users": ' + b"[" * 2_000


def one(data: bytes) -> None:
    """Decode a page, and write what came of it as the store would."""
    kind, version = divmod(data[0] if data else 0, len(_CODECS))
    with suppress(RostersyncError):
        for row in _CODECS[version].read(_KINDS[kind % len(_KINDS)], data[1:]) or ():
            _keep(row)


def _keep(row: Received) -> None:
    row.sourced_id.encode()
    for part in (row.record, row.rejection):
        if part is not None:
            encode(part).decode()
