"""The kinds of values that the configuration knows beside plain text and numbers."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

NAME = re.compile(r"[a-z0-9-]+")
REFERENCES = "env:NAME, file:PATH, cred:NAME, cmd:COMMAND or keyring:SERVICE/USER"

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_REFERENCE = re.compile(r"(env|file|cred|cmd|keyring):(.+)", re.DOTALL)
_CENTURY = timedelta(days=36525)


def wrong(message: str, hint: str = "", code: str = "RS-CFG-003") -> PydanticCustomError:
    """Make the error of a value: what is wrong and allowed, what to do, and the code of contract §5."""
    return PydanticCustomError("rostersync", "{message}", {"message": message, "hint": hint, "code": code})


class SecretReference(str):
    """Where a secret is kept, such as `env:SPRINGFIELD_SECRET`; never the secret itself."""

    __slots__ = ()


def is_reference(text: str) -> bool:
    """Tell whether a text has the form of a secret reference."""
    return _REFERENCE.fullmatch(text) is not None


def parse_duration(value: object) -> timedelta:
    """Read a number with `s`, `m`, `h` or `d` as a span of time."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?) ?([smhd])", value, re.ASCII) if isinstance(value, str) else None
    if match is None:
        raise wrong('must be a duration: a number with s, m, h or d in quotes, such as "4h"')
    span = timedelta(**{_UNITS[match[2]]: min(float(match[1]), _CENTURY.total_seconds())})
    if span > _CENTURY:
        raise wrong("must be a duration of less than a century")
    return span


def _positive(span: timedelta) -> timedelta:
    if not span:
        raise wrong("must be longer than nothing")
    return span


def _reference(value: object) -> SecretReference:
    """Accept a reference and refuse anything else without ever repeating it."""
    if not isinstance(value, str):
        raise wrong(f"must be a reference to a secret in quotes: {REFERENCES}")
    if not is_reference(value):
        raise wrong(
            f"a secret must not stand in the file; allowed: {REFERENCES}",
            'keep it in the environment, say, and write "env:NAME" here; what stood in a file should be replaced',
        )
    return SecretReference(value)


def _header(text: str) -> str:
    if is_reference(text):
        return SecretReference(text)
    if not re.fullmatch(r"[\x20-\x7e\t]*", text):
        raise wrong("must be printable ASCII on one line")
    return text


def _path(value: object, info: ValidationInfo) -> Path:
    """Read a path, relative to the folder of the configuration file."""
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise wrong("must be a path in quotes")
    base = (info.context or {}).get("base", Path())
    return Path(base) / value


def split_url(text: str, schemes: Collection[str] = ("http", "https")) -> SplitResult | None:
    """Take a URL apart, or give None where it is none of these schemes with a host."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises where the port is no number
    except ValueError:
        return None
    bad = re.search(r"[\s\x00-\x1f\x7f\\]", text) or parts.scheme not in schemes or not parts.hostname
    return None if bad else parts


def is_loopback(host: str | None) -> bool:
    """Tell whether a host is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _url(text: str) -> str:
    parts = split_url(text)
    if parts is None:
        raise wrong("must be a URL that begins with https:// and names a host")
    if parts.username is not None or parts.password is not None:
        raise wrong("must not hold a user name or password", "credentials belong under source.auth")
    if parts.fragment or "#" in text:
        raise wrong("must not have a fragment (#…)")
    return text


def _url_without_query(text: str) -> str:
    if "?" in _url(text):
        raise wrong("must not have a query (?…)", "the root of the API is enough; rostersync adds the parameters")
    return text


def _ldap_url(text: str) -> str:
    if split_url(text, ("ldap", "ldaps")) is None or not re.fullmatch(r"ldaps?://[^\s/?#@,]+/?", text):
        raise wrong("must be a URL that begins with ldaps:// or ldap:// and names a host only")
    return text


def _domain(text: str) -> str:
    if not re.fullmatch(r"[^\s@.]+(\.[^\s@.]+)*", text):
        raise wrong('must be a domain alone, such as "example.org"')
    return text


def _attribute(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*|\d+(\.\d+)+", text):
        raise wrong('must be the name of one attribute, such as "mail"')
    return text


def _google_attribute(text: str) -> str:
    if not re.fullmatch(r"id|primaryEmail|externalIds\.[^.]+|customSchemas\.[\w-]+\.[\w-]+", text):
        raise wrong("must be primaryEmail, id, externalIds.TYPE or customSchemas.SCHEMA.FIELD")
    return text


def _graph_property(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]\w*(\.[A-Za-z]\w*)?", text, re.ASCII):
        raise wrong('must be the name of one property, such as "employeeId"')
    return text


def _tenant(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]+", text) or text.casefold() in {"common", "organizations", "consumers"}:
        raise wrong("must be the ID of one tenant, or one of its domains")
    return text


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        near = difflib.get_close_matches(text, available_timezones(), n=1)
        meant = f', did you mean "{near[0]}"?' if near else ""
        allowed = 'names of the IANA list, such as "America/Chicago"'
        raise wrong(f'"{text}" is no time zone{meant or "; allowed: " + allowed}', f"allowed: {allowed}") from None
    return text


def _header_name(text: str) -> str:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", text):
        raise wrong("is no name of an HTTP header")
    return text


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise wrong("the name of an integration has only small letters, digits and hyphens")
    return text


# TOML has lists where we keep tuples; what is in them stays strict.
AS_TUPLE: Any = Field(strict=False)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Texts = Annotated[tuple[Text, ...], AS_TUPLE]
Name = Annotated[str, AfterValidator(_name)]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
PositiveDuration = Annotated[timedelta, AfterValidator(_positive), BeforeValidator(parse_duration)]
Secret = Annotated[InstanceOf[SecretReference], BeforeValidator(_reference)]
FilePath = Annotated[Path, BeforeValidator(_path)]
Url = Annotated[str, AfterValidator(_url)]
LdapUrl = Annotated[str, AfterValidator(_ldap_url)]
LdapAttribute = Annotated[str, AfterValidator(_attribute)]
GoogleAttribute = Annotated[str, AfterValidator(_google_attribute)]
GraphProperty = Annotated[str, AfterValidator(_graph_property)]
Tenant = Annotated[str, AfterValidator(_tenant)]
Domain = Annotated[str, AfterValidator(_domain)]
RootUrl = Annotated[str, AfterValidator(_url_without_query)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[str, AfterValidator(_header)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)]
Port = Annotated[int, Field(ge=1, le=65535)]
AccountField = Literal[
    "id", "email", "aliases", "username", "identifier", "userMasterIdentifier", "sourcedId", "disabled"
]
