"""Faults of single records: other forms of the same facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from rostersync.demo.call import Call
from rostersync.demo.faults.base import Fault
from rostersync.demo.fields import known_fields
from rostersync.demo.wire import Wire

DATES = frozenset({"startDate", "endDate", "beginDate", "birthDate"})
BOOLEANS = frozenset({"enabledUser", "primary"})


@dataclass(frozen=True)
class RecordFault(Fault):
    """A fault that changes each record of a page by itself."""

    def rows(self, call: Call) -> None:
        """Change the records."""
        call.page = [self.change(row, call) for row in call.page]

    def change(self, row: Wire, call: Call) -> Wire:
        """Give the record in its other form."""
        del call
        return row


@dataclass(frozen=True)
class FlatObjects(RecordFault):
    """Objects are flat as in CSV: `schoolSourcedId`, `termSourcedIds`, `orgSourcedIds` instead of references."""

    def change(self, row: Wire, call: Call) -> Wire:
        """Write every reference as a sourcedId, and lists of them joined by commas."""
        del call
        return dict(_flat(name, value) for name, value in row.items())


@dataclass(frozen=True)
class GradesAsText(RecordFault):
    """`grades` is text joined by commas."""

    def change(self, row: Wire, call: Call) -> Wire:
        """Join the grades."""
        del call
        return {**row, "grades": ",".join(row["grades"])} if isinstance(row.get("grades"), list) else row


@dataclass(frozen=True)
class JsonBooleans(RecordFault):
    """Yes and no are JSON booleans."""

    def change(self, row: Wire, call: Call) -> Wire:
        """Turn the strings into booleans."""
        del call
        return {name: value == "true" if name in BOOLEANS else value for name, value in row.items()}


@dataclass(frozen=True)
class ExplicitNulls(RecordFault):
    """Absent fields are there as null."""

    def change(self, row: Wire, call: Call) -> Wire:
        """Add what is absent."""
        return {**dict.fromkeys(known_fields(call.version, call.kind)), **row}


@dataclass(frozen=True)
class EmptyStrings(RecordFault):
    """Absent fields are there as empty strings."""

    def change(self, row: Wire, call: Call) -> Wire:
        """Add what is absent."""
        return {**dict.fromkeys(known_fields(call.version, call.kind), ""), **row}


@dataclass(frozen=True)
class DateTimesForDates(RecordFault):
    """Dates are dateTimes at midnight."""

    suffix: str = "T00:00:00.000Z"

    def change(self, row: Wire, call: Call) -> Wire:
        """Add the time, in roles too."""
        del call
        return _mapped(row, DATES, lambda value: f"{value}{self.suffix}")


@dataclass(frozen=True)
class DatesWithOffset(RecordFault):
    """Dates are dateTimes with an offset, and dateLastModified has one instead of the Z (the same moment)."""

    def change(self, row: Wire, call: Call) -> Wire:
        """Write +00:00 for Z, and midnight in Chicago for dates."""
        del call
        changed = _mapped(row, DATES, lambda value: f"{value}T00:00:00-05:00")
        return _mapped(changed, frozenset({"dateLastModified"}), lambda value: str(value).replace("Z", "+00:00"))


@dataclass(frozen=True)
class SchoolYearAsNumber(RecordFault):
    """`schoolYear` of a session is a number."""

    def change(self, row: Wire, call: Call) -> Wire:
        """Turn the text into a number."""
        return _mapped(row, _school_year(call), lambda value: int(str(value)))


@dataclass(frozen=True)
class SchoolYearAsSpan(RecordFault):
    """`schoolYear` of a session is `2026-2027`."""

    def change(self, row: Wire, call: Call) -> Wire:
        """Name both years."""
        return _mapped(row, _school_year(call), lambda value: f"{int(str(value)) - 1}-{value}")


@dataclass(frozen=True)
class CapitalRoles(RecordFault):
    """Roles begin with a capital."""

    def change(self, row: Wire, call: Call) -> Wire:
        """Capitalize them."""
        del call
        return _mapped(row, frozenset({"role"}), lambda value: str(value)[:1].upper() + str(value)[1:])


@dataclass(frozen=True)
class RelativeHrefs(RecordFault):
    """The hrefs of references have no origin, and begin with `~`."""

    def change(self, row: Wire, call: Call) -> Wire:
        """Cut the origin off."""
        del call
        return _mapped(row, frozenset({"href"}), lambda value: f"~{urlsplit(str(value)).path}")


def _mapped(row: Wire, names: frozenset[str], change: Callable[[object], object]) -> Wire:
    """Change the values of some keys of a record, at any depth."""
    return {key: change(value) if key in names else _deep(value, names, change) for key, value in row.items()}


def _deep(value: object, names: frozenset[str], change: Callable[[object], object]) -> object:
    """Change the values of some keys below a value."""
    if isinstance(value, list):
        return [_deep(one, names, change) for one in value]
    return _mapped(value, names, change) if isinstance(value, dict) else value


def _school_year(call: Call) -> frozenset[str]:
    """Name the field, where it is a year and not a reference."""
    return frozenset({"schoolYear"}) if call.kind == "academicSessions" else frozenset()


def _flat(name: str, value: object) -> tuple[str, object]:
    """Flatten one field."""
    if isinstance(value, dict) and "sourcedId" in value:
        return f"{name}SourcedId", value["sourcedId"]
    if isinstance(value, list) and value and isinstance(value[0], dict) and "sourcedId" in value[0]:
        return f"{name.removesuffix('s')}SourcedIds", ",".join(str(one["sourcedId"]) for one in value)
    return name, value
