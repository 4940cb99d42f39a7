"""What a value must look like, by the type of its column (oneroster-reference §4 and §5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache, partial

from rostersync.sources.csv.layout import Version

Said = tuple[str, str] | None
"""The rule that a value breaks, and how; None where it is right."""

Check = Callable[[str], Said]

_EXT = re.compile(r"ext:[a-zA-Z0-9.\-_]+")
_ID = re.compile(r"[A-Za-z0-9.\-_/@]+")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
_USER_ID = r"\{[^:{},]+:[^{},]+\}"
_USER_IDS = re.compile(f"{_USER_ID}(?:,{_USER_ID})*")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)?")
_DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ].*")
_LONGEST_ID = 255
_YEARS = range(1900, 2200)

GRADES = frozenset({"IT", "PR", "PK", "TK", "KG", *(f"{n:02}" for n in range(1, 14)), "PS", "UG", "Other"})
_OLD_ROLES = ("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher")
_NEW_ROLES = (
    *("aide", "counselor", "districtAdministrator", "guardian", "parent", "principal", "proctor", "relative"),
    *("siteAdministrator", "student", "systemAdministrator", "teacher"),
)
ENUMERATIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]] = {
    "session": (("gradingPeriod", "semester", "schoolYear", "term"),) * 2 + (True,),
    "org": (("department", "school", "district", "local", "state", "national"),) * 2 + (True,),
    "class": (("homeroom", "scheduled"),) * 2 + (True,),
    "role": (_OLD_ROLES, _NEW_ROLES, True),
    "enrollment": (_OLD_ROLES, ("administrator", "proctor", "student", "teacher"), True),
    "roleType": (("primary", "secondary"),) * 2 + (False,),
    "importance": (("primary", "secondary"),) * 2 + (False,),
    "sex": (("male", "female"), ("male", "female", "unspecified", "other"), True),
}
"""Values before 1.2, values of 1.2, and whether 1.2 may extend them by `ext:`."""


def enumeration(name: str, version: Version) -> Check:
    """A check of an enumeration's values."""
    old, new, extensible = ENUMERATIONS[name]
    values = new if version == "1.2" else old
    return lru_cache(256)(partial(_enumerated, values=values, extensible=extensible and version == "1.2"))


def _enumerated(value: str, *, values: tuple[str, ...], extensible: bool) -> Said:
    if value in values or (extensible and _EXT.fullmatch(value)):
        return None
    spelled = {each.casefold(): each for each in values}.get(value.strip().casefold())
    if spelled is not None:
        return "value-case", f"is written {value[:40]!a}, and in the standard {spelled}"
    return "unknown-value", f"is {value[:40]!a}, and not one of {', '.join(values)}"


@lru_cache(4096)
def day(value: str) -> Said:
    """A date, `YYYY-MM-DD`."""
    said = value.strip()
    with_time = _DATE_TIME.fullmatch(said)
    if with_time and _is_date(with_time[1]):
        return "date-with-time", "has a time, where a date belongs"
    return None if _is_date(said) else ("bad-date", f"is {value[:40]!a}, which is no date")


def _is_date(value: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


@lru_cache(4096)
def moment(value: str) -> Said:
    """A dateTime with its zone."""
    said = value.strip()
    match = _TIME.fullmatch(said)
    if match is None and not _is_date(said):
        return "bad-datetime", f"is {value[:40]!a}, which is no dateTime"
    try:
        datetime.fromisoformat(said)
    except ValueError:
        return "bad-datetime", f"is {value[:40]!a}, which is no dateTime"
    if match is None or match[1] is None:
        return "datetime-zone", "tells no time zone"
    return None


@lru_cache(64)
def truth(value: str) -> Said:
    """A boolean, `true` or `false`."""
    if value in {"true", "false"}:
        return None
    if value.strip().lower() in {"true", "false", "yes", "no", "y", "n", "1", "0"}:
        return "boolean-spelling", f"is {value[:40]!a}, where true or false belongs"
    return "bad-boolean", f"is {value[:40]!a}, which is neither true nor false"


def year(value: str) -> Said:
    """A year, `YYYY`."""
    right = re.fullmatch(r"\d{4}", value, re.ASCII) and int(value) in _YEARS
    return None if right else ("bad-year", f"is {value[:40]!a}, which is no year")


def identifier(value: str, version: Version) -> Said:
    """A sourcedId: 1.2 says which characters it may have, the versions before do not."""
    if len(value) > _LONGEST_ID:
        return "id-too-long", f"has {len(value)} characters"
    wrong = not _ID.fullmatch(value) if version == "1.2" else set(value) & set(',"{}\t')
    return ("id-characters", f"{value[:60]!a} has characters that it may not have") if wrong else None


def email(value: str) -> Said:
    """One email address."""
    return None if _EMAIL.fullmatch(value.strip()) else ("bad-email", f"{value[:60]!a} is no email address")


def user_ids(value: str) -> Said:
    """`{type:identifier}`, any number of them."""
    right = _USER_IDS.fullmatch(value)
    return None if right else ("user-ids-form", f"{value[:60]!a} is not of the form {{type:identifier}}")


def password(value: str) -> Said:
    """Nothing is the right value."""
    return "password-sent", f"the file has a password of {len(value)} characters"


def items(value: str) -> Said:
    """A list with commas."""
    if "," not in value:
        return None
    parts = value.split(",")
    trimmed = [part.strip() for part in parts]
    if not all(trimmed):
        return "list-empty-item", "has an empty item in its list"
    if trimmed != parts:
        return "list-space", "has spaces around the items of its list"
    if len(set(parts)) < len(parts):
        return "list-item-twice", "has an item twice in its list"
    return None


@lru_cache(1024)
def grades(value: str, version: Version) -> Said:
    """Grades: before 1.2 they are CEDS codes."""
    if version == "1.2":
        return items(value)
    wrong = [part.strip() for part in value.split(",") if part.strip() not in GRADES]
    return items(value) or (("grade-unknown", f"has {wrong[0][:20]!a}, which is no CEDS code") if wrong else None)


def members(value: str, *, check: Check) -> Said:
    """A list whose items are all of one type."""
    found = items(value)
    return found or next((said for part in value.split(",") if (said := check(part.strip()))), None)
