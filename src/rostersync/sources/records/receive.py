"""What becomes of one row: accepted, marked deleted, or rejected (rules 0.2 to 0.5)."""

from __future__ import annotations

import hashlib
import json

from rostersync.model.codes import Code
from rostersync.model.snapshot import NAMELESS, Received, Rejection
from rostersync.sources.records import wire
from rostersync.sources.records.fields import Refused, stamp, text
from rostersync.sources.records.readings import Named, Reading


def receive(sourced_id: str, sent: wire.Base, reading: Reading) -> Received:
    """A row with a sourcedId: accepted, marked deleted or rejected (rules 0.2, 0.3)."""
    modified = stamp(sent.date_last_modified)
    if sent.status != "active":
        status = (text(sent.status) or "active").lower()
        if status in {"tobedeleted", "inactive"}:
            return Received(sourced_id, deleted_at=modified)
        if status != "active":
            why = Refused("status", f"is {status[:40]!a}, which OneRoster does not have")
            return reject(sourced_id, why, Code.DATA_UNKNOWN_STATUS, modified, reading.named(sent))
    try:
        return Received(sourced_id, reading.record(sent, modified))
    except Refused as why:
        return reject(sourced_id, why, Code.DATA_REJECTED, modified, reading.named(sent))


def reject(sourced_id: str, why: Refused, code: Code, modified: str, named: Named) -> Received:
    """A row that is not accepted, with its reason and what it names."""
    rejection = Rejection(str(code), why.field, why.why, named.schools, named.class_, modified)
    return Received(sourced_id, rejection=rejection)


def nameless_key(row: object) -> str:
    """The key of a row without a sourcedId, out of its JSON value: equal rows have equal keys (rule 0.5)."""
    canonical = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return NAMELESS + hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
