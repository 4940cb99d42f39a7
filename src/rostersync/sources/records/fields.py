"""How one value of the wire is read: rule 0.1 and the quirks of vendors.md, whatever type the server chose.

Every function takes any JSON value and raises nothing but `Refused`; what cannot be read is absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import msgspec

from rostersync.model.snapshot import Role


class Refused(Exception):  # noqa: N818 (the record is refused, nothing went wrong)
    """A record cannot be accepted (rule 0.3): the field, and why."""

    def __init__(self, field: str, why: str) -> None:
        """Keep the field in the wire's spelling."""
        super().__init__(field, why)
        self.field = field
        self.why = why


class Ref(msgspec.Struct, gc=False):
    """A GUIDRef: only its sourcedId is of use."""

    sourced_id: Any = msgspec.field(name="sourcedId", default=None)


def _spellings(*names: str) -> dict[str, str]:
    return {spelling: name for name in names for spelling in (name, name.lower())}


ROLES = _spellings(
    *("administrator", "aide", "counselor", "districtAdministrator", "guardian", "parent", "principal"),
    *("proctor", "relative", "siteAdministrator", "student", "systemAdministrator", "teacher"),
)
ORG_TYPES = _spellings("department", "school", "district", "local", "state", "national")
SESSION_TYPES = _spellings("gradingPeriod", "semester", "schoolYear", "term")
CLASS_TYPES = _spellings("homeroom", "scheduled")

_BOOLEANS = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}
_AFTER_DATE = re.compile(r"[T ]\d\d:?\d\d.*|Z|[+-]\d\d:?\d\d", re.IGNORECASE | re.ASCII)
_DATE_LENGTH = len("2026-11-21")
_USUAL_LENGTH = len("2026-11-21T18:00:00.000Z")


def text(value: object) -> str | None:
    """Trimmed text, None where it is absent; numbers and booleans become text."""
    if type(value) is str:
        return value.strip() or None
    if value is None or not isinstance(value, str | int | float):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def truth(value: object) -> bool | None:
    """A boolean in any of the spellings of rule 0.1, None for anything else."""
    if type(value) is str and value in _BOOLEANS:
        return _BOOLEANS[value]
    if type(value) is bool:
        return value
    said = text(value)
    return None if said is None else _BOOLEANS.get(said.lower())


def spelled(value: object, spellings: dict[str, str]) -> str | None:
    """An enumeration's value in the standard's spelling; an unknown one as it came (rule 0.7)."""
    if type(value) is str and value in spellings:
        return spellings[value]
    said = text(value)
    if said is None:
        return None
    return spellings.get(said) or spellings.get(said.lower(), said)


def day(value: object, field: str) -> str | None:
    """A date as `YYYY-MM-DD`, the date part of a dateTime.

    Raises:
        Refused: it is there, but no date.
    """
    said = None if value is None else text(value)
    if said is None:
        return None
    read = _day(said)
    if read is None:
        raise Refused(field, "is no date")
    return read


@lru_cache(maxsize=4096)
def _day(said: str) -> str | None:
    head, rest = said[:_DATE_LENGTH], said[_DATE_LENGTH:]
    if not _is_date(head) or (rest and not _AFTER_DATE.fullmatch(rest)):
        return None
    return head


def _is_date(head: str) -> bool:
    """Whether it is a calendar date written `YYYY-MM-DD`, not one of ISO 8601's other forms."""
    if len(head) != _DATE_LENGTH or head[4] != "-" or head[7] != "-":
        return False
    try:
        date.fromisoformat(head)
    except ValueError:
        return False
    return True


def stamp(value: object) -> str:
    """A dateTime as UTC text `YYYY-MM-DDTHH:MM:SS.ffffffZ`, "" where it is absent or unreadable; no zone means UTC."""
    return _stamp(value) if type(value) is str else ""


@lru_cache(maxsize=8192)
def _stamp(said: str) -> str:
    # The form of the standard needs no arithmetic: it only has to be a moment that exists.
    usual = said[4:20:3] == "--T::." and len(said) == _USUAL_LENGTH and said[-1] == "Z"
    try:
        if usual:
            datetime.fromisoformat(said)
            return f"{said[:-1]}000Z"
        moment = datetime.fromisoformat(said.strip().upper())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return moment.isoformat(timespec="microseconds")[:-6] + "Z"


def ref(value: object, flat: object = None) -> str | None:
    """The sourcedId that a GUIDRef names, or a bare id, or else the flat field beside it."""
    found: str | None
    if type(value) is Ref:
        sent = value.sourced_id
        found = (sent.strip() or None) if type(sent) is str else text(sent)
    elif isinstance(value, dict):
        found = text(value.get("sourcedId"))
    else:
        found = text(value)
    return found if found is not None or flat is None else text(flat)


def refs(value: object, flat: object = None) -> tuple[str, ...]:
    """The sourcedIds that a list of GUIDRefs names, or else the flat field: a list or comma text."""
    if type(value) is list:
        found = tuple(identifier for item in value if (identifier := ref(item)) is not None)
    elif isinstance(value, Ref | dict):
        found = tuple(identifier for identifier in (ref(value),) if identifier is not None)
    else:
        found = texts(value)
    return found or (texts(flat) if flat is not None else ())


def texts(value: object) -> tuple[str, ...]:
    """A list of texts, given as a list or as comma text."""
    if value is None:
        return ()
    if type(value) is list:
        return tuple(said for item in value if (said := text(item)) is not None)
    said = text(value)
    return () if said is None else tuple(part for piece in said.split(",") if (part := piece.strip()))


def needed(value: str | None, field: str) -> str:
    """What rule 0.3 requires.

    Raises:
        Refused: it is absent.
    """
    if value is None:
        raise Refused(field, "is missing")
    return value


@lru_cache(maxsize=256)
def one_role(role: str) -> tuple[Role, ...]:
    """The roles of a user who has this one in all their orgs; the same object for all such users."""
    return (Role(role),)


def unclean(value: object) -> bool:
    """Whether any text in a JSON value has what no store can keep: NUL or a lone surrogate."""
    if isinstance(value, str):
        return "\0" in value or _has_surrogate(value)
    if isinstance(value, dict):
        return any(map(unclean, value.keys())) or any(map(unclean, value.values()))
    return isinstance(value, list) and any(map(unclean, value))


def _has_surrogate(value: str) -> bool:
    return not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value)


def clean(identifiers: Iterable[str | None]) -> tuple[str, ...]:
    """The ids that are there and can be kept, each once."""
    return tuple(dict.fromkeys(one for one in identifiers if one is not None and not unclean(one)))
