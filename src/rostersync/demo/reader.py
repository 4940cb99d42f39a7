"""Reads a district as one version serves it: the 41 reads of rostering and those of resources (oneroster §1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from rostersync.demo.district import District, Record
from rostersync.demo.wire import Wire1p2

Keep = Callable[[Record], bool]


class Flat(NamedTuple):
    """A collection at the root: the kind of its records, the envelopes, and which of the kind belong to it."""

    kind: str
    envelope: str
    single: str
    scope: str = "core"
    keep: Keep | None = None


def _of_type(type_: str) -> Keep:
    """Keep the records of a type."""
    return lambda record: record.get("type") == type_


def _with_role(role: str) -> Keep:
    """Keep the users who hold a role."""
    return lambda record: any(one.get("role") == role for one in record.get("roles") or ())


FLAT: dict[str, Flat] = {
    "academicSessions": Flat("academicSessions", "academicSessions", "academicSession"),
    "terms": Flat("academicSessions", "academicSessions", "academicSession", keep=_of_type("term")),
    "gradingPeriods": Flat("academicSessions", "academicSessions", "academicSession", keep=_of_type("gradingPeriod")),
    "orgs": Flat("orgs", "orgs", "org"),
    "schools": Flat("orgs", "orgs", "org", keep=_of_type("school")),
    "courses": Flat("courses", "courses", "course"),
    "classes": Flat("classes", "classes", "class"),
    "enrollments": Flat("enrollments", "enrollments", "enrollment"),
    "users": Flat("users", "users", "user"),
    "students": Flat("users", "users", "user", keep=_with_role("student")),
    "teachers": Flat("users", "users", "user", keep=_with_role("teacher")),
    "demographics": Flat("demographics", "demographics", "demographics", "demographics"),
    "resources": Flat("resources", "resources", "resource", "resource"),
}


class Reader:
    """Selects the records that a path asks for; the order of a whole collection is kept until its edition changes."""

    def __init__(self, district: District, wire: Wire1p2) -> None:
        """Read a district in the form of a version."""
        self.district = district
        self.wire = wire
        self._kept: dict[tuple[str, bool], tuple[int, list[Record]]] = {}

    def rows(self, name: str, *, by_id: bool = False) -> list[Record]:
        """Give the records of a collection at the root, in the district's order or by sourcedId."""
        edition = self.district.collection(FLAT[name].kind).edition
        kept = self._kept.get((name, by_id))
        if kept is None or kept[0] != edition:
            rows = (
                sorted(self.rows(name), key=lambda row: str(row.get("sourcedId", ""))) if by_id else self._select(name)
            )
            kept = self._kept[name, by_id] = (edition, rows)
        return kept[1]

    def one(self, name: str, sourced_id: str) -> Record | None:
        """Find one record of a collection."""
        flat = FLAT[name]
        record = self.district.collection(flat.kind).get(sourced_id)
        if record is None or flat.kind == "users":
            return next((row for row in self.rows(name) if row.get("sourcedId") == sourced_id), None)
        return record if flat.keep is None or flat.keep(record) else None

    def _select(self, name: str) -> list[Record]:
        """Walk through the records of a collection."""
        flat = FLAT[name]
        records: Iterable[Record] = list(self.district.collection(flat.kind).data.values())
        if flat.kind == "users":
            records = [part for record in records for part in self.wire.people(record)]
        return [record for record in records if flat.keep(record)] if flat.keep else list(records)
