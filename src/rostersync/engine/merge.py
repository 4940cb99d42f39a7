"""A fetch merged into the snapshot: rules 0.4 (rejections), 0.5 (one sourcedId several times) and 11 (absence)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import attrgetter

import msgspec

from rostersync.engine.align import align
from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.snapshot import NAMELESS, Drop, Entry, Op, Put, Received

_BY_ID = attrgetter("sourced_id")
_MANY = 100


def merge(
    kind: Kind,
    previous: Iterable[Entry],
    received: Iterable[Received],
    coverage: Coverage,
    report: Callable[[Diagnostic], None],
) -> Iterator[Op]:
    """Yield what changes in the snapshot, in key order; both streams come sorted by sourcedId.

    Only Coverage.FULL lets absence mean deletion (rule 11); Coverage.NONE changes nothing.
    """
    if coverage is Coverage.NONE:
        return
    groups = (_one_of(kind, rows, report) for _, rows in groupby(received, key=_BY_ID))
    for entry, row in align(previous, groups, _BY_ID, _BY_ID):
        if row is not None:
            merged = _remember(entry, row)
            if merged != entry:
                yield Put(merged)
        elif entry is not None and coverage is Coverage.FULL:
            yield Drop(entry.sourced_id)


def _remember(earlier: Entry | None, row: Received) -> Entry:
    """Put a row in force; a rejected one leaves the earlier accepted version in force (rule 0.4).

    It also ends a deletion: the source has the record again, so that nothing may be removed for it.
    """
    if row.rejection is not None:
        return Entry(row.sourced_id, earlier.record if earlier is not None else None, rejection=row.rejection)
    return Entry(row.sourced_id, row.record, deleted=row.deleted_at is not None)


def _one_of(kind: Kind, rows: Iterator[Received], report: Callable[[Diagnostic], None]) -> Received:
    """Choose the row that counts among all with one sourcedId, and report where they differ (rule 0.5).

    There may be any number of them, so only some are kept to be told apart.
    """
    best = next(rows)
    different: set[Received] = set()
    for row in rows:
        if row != best:
            if len(different) <= _MANY:
                different |= {best, row}
            best = max(best, row, key=_weight)
    if different:
        report(_duplicate(kind, best, len(different)))
    return best


def _weight(row: Received) -> tuple[bool, str, bytes]:
    """Order rows of one sourcedId: accepted over rejected, then the later dateLastModified, then the greater JSON."""
    return row.rejection is None, _modified(row), canonical(row)


def _modified(row: Received) -> str:
    """The row's dateLastModified, "" (the oldest) where there is none."""
    if row.deleted_at is not None:
        return row.deleted_at
    held = row.record or row.rejection
    return held.modified if held is not None else ""


def canonical(row: Received) -> bytes:
    """The row as JSON with sorted keys and no spaces, named as OneRoster names its fields (rule 0.5)."""
    held = row.record or row.rejection
    fields = {_WIRE.get(name, name): value for name, value in msgspec.structs.asdict(held).items()} if held else {}
    status = "tobedeleted" if row.deleted_at is not None else "active"
    named = {"sourcedId": row.sourced_id, "status": status, **fields}
    return _SORTED.encode({name: value for name, value in named.items() if value not in (None, ())})


def _duplicate(kind: Kind, best: Received, count: int) -> Diagnostic:
    """Say that one sourcedId came with different content, and which version counts."""
    sourced_id = best.sourced_id
    often = f"{count}" if count <= _MANY else f"more than {_MANY}"
    return Diagnostic(
        Code.DATA_DUPLICATE,
        f"{sourced_id} came {often} times with different content; the version of {_modified(best) or 'no date'} counts",
        "Ask the SIS vendor why one sourcedId is sent more than once; identifiers must be unique within their kind.",
        kind,
        None if sourced_id.startswith(NAMELESS) else sourced_id,
    )


_SORTED = msgspec.json.Encoder(order="sorted")
_WIRE = {
    "start_date": "startDate", "end_date": "endDate", "begin_date": "beginDate", "school_year": "schoolYear",
    "course_code": "courseCode", "class_code": "classCode", "class_type": "classType", "sessions": "terms",
    "primary_org": "primaryOrg", "enabled": "enabledUser", "given_name": "givenName", "middle_name": "middleName",
    "family_name": "familyName", "master_identifier": "userMasterIdentifier", "class_": "class",
    "modified": "dateLastModified",
}  # fmt: skip
