"""The `filter` parameter: `field predicate 'value'`, at most two clauses joined by AND or OR (oneroster §2)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from rostersync.demo.fields import is_known
from rostersync.demo.replies import Refused
from rostersync.demo.wire import Wire

CLAUSE = re.compile(r"(?P<field>[A-Za-z][\w.\-]*)(?P<predicate>!=|>=|<=|=|>|<|~)'(?P<value>(?:[^']|'')*)'")
JOINT = re.compile(r" (AND|OR) ")
FULL = len("2026-11-21T18:00:00.000Z")
ORDER: dict[str, Callable[[str, str], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class Clause(NamedTuple):
    """One comparison of a filter."""

    path: str
    predicate: str
    value: str


class Filter(NamedTuple):
    """A parsed filter: its clauses, whether all or any must hold, and whether times are compared as mere text."""

    clauses: tuple[Clause, ...]
    every: bool = True
    as_text: bool = False

    def holds(self, record: Wire) -> bool:
        """Say whether a rendered record passes."""
        found = (_holds(clause, record, as_text=self.as_text) for clause in self.clauses)
        return all(found) if self.every else any(found)


def parse_filter(text: str, version: str, kind: str, *, as_text: bool = False) -> Filter:
    """Read a filter; raises Refused for bad syntax, a second AND or OR, and fields that the version lacks."""
    first = CLAUSE.match(text)
    if first is None:
        raise Refused("invalid_data", f"filter not understood: {text}")
    clauses, every = [_clause(first)], True
    rest = text[first.end() :]
    if rest:
        joint = JOINT.match(rest)
        second = CLAUSE.fullmatch(rest[joint.end() :]) if joint else None
        if joint is None or second is None:
            raise Refused("invalid_data", f"filter not understood: {text}")
        clauses.append(_clause(second))
        every = joint[1] == "AND"
    for clause in clauses:
        if not is_known(version, kind, clause.path):
            raise Refused("invalid_filter", f"unknown field {clause.path} in filter")
    return Filter(tuple(clauses), every, as_text)


def _clause(match: re.Match[str]) -> Clause:
    """Make a clause of its match; a doubled quote stands for one."""
    return Clause(match["field"], match["predicate"], match["value"].replace("''", "'"))


def values_at(record: object, path: str) -> list[str]:
    """Collect the values at a dotted path as text, going through lists."""
    if isinstance(record, list):
        return [value for one in record for value in values_at(one, path)]
    if not path:
        return [] if record is None else [_text(record)]
    if not isinstance(record, dict):
        return []
    name, _, rest = path.partition(".")
    return values_at(record.get(name), rest)


def _text(value: object) -> str:
    """Write a value as text; a reference is its sourcedId."""
    if isinstance(value, dict):
        return str(value.get("sourcedId", ""))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _holds(clause: Clause, record: Wire, *, as_text: bool) -> bool:
    """Say whether a record passes one clause: `=` wants every item of a list, `~` any, whatever the case."""
    found = values_at(record, clause.path)
    if clause.predicate == "~":
        return any(clause.value.lower() in value.lower() for value in found)
    if clause.predicate in ("=", "!="):
        wanted = [clause.value] if len(found) <= 1 else clause.value.split(",")
        same = bool(found) and all(any(_same(value, one, as_text=as_text) for value in found) for one in wanted)
        return same == (clause.predicate == "=")
    compare = ORDER[clause.predicate]
    return any(compare(*_comparable(value, clause.value, as_text=as_text)) for value in found)


def _same(value: str, wanted: str, *, as_text: bool) -> bool:
    """Compare two values for equality, times as moments."""
    left, right = _comparable(value, wanted, as_text=as_text)
    return left == right


def _comparable(left: str, right: str, *, as_text: bool) -> tuple[str, str]:
    """Bring two dateTimes to one form; a bare date is midnight UTC, and dates among themselves compare as they are."""
    if as_text or "T" not in left or (len(left) == len(right) == FULL and left[-1] == right[-1] == "Z"):
        return left, right
    try:
        return _moment(left), _moment(right)
    except ValueError:
        return left, right


def _moment(text: str) -> str:
    """Give a dateTime as UTC text with microseconds; ValueError where it is none."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).isoformat(timespec="microseconds")
