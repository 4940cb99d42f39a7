"""The contradictions between the sections of an integration.

The checks read the table as it stands in the file, with its vendor's defaults, so that they speak up also where the
schema has found something wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rostersync.config.problems import Spot, not_allowed
from rostersync.config.values import is_loopback, is_reference, split_url
from rostersync.config.vendors import PROFILES
from rostersync.errors import Problem

Table = Mapping[str, Any]

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})


def contradictions(table: Table, spot: Spot) -> Iterator[Problem]:
    """Yield everything in an integration's table that is wrong beyond single values."""
    yield from _vendor(table, spot)
    yield from _schools(table, spot)
    yield from _missing_users(table, spot)
    yield from _plain_http(table, spot)
    yield from _headers(table, spot)
    yield from _choices(table, spot)
    yield from _overrides(table, spot)
    if _table(table.get("directory")).get("type") == "ldap":
        yield from _ldap(table, spot)


def _table(value: object) -> Table:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _vendor(table: Table, spot: Spot) -> Iterator[Problem]:
    vendor = table.get("vendor", "other")
    if isinstance(vendor, str) and vendor not in PROFILES:
        yield spot.problem(("vendor",), not_allowed(vendor, PROFILES), '"other" works with any server')


def _schools(table: Table, spot: Spot) -> Iterator[Problem]:
    schools = _table(table.get("schools"))
    included = [entry.strip() for entry in _list(schools.get("include")) if isinstance(entry, str)]
    for index, entry in enumerate(_list(schools.get("exclude"))):
        if isinstance(entry, str) and entry.strip() in included:
            message = f'"{entry.strip()}" stands in include and in exclude'
            yield spot.problem(("schools", "exclude", index), message, "one org can be in one of the lists only")


def _missing_users(table: Table, spot: Spot) -> Iterator[Problem]:
    if _table(table.get("sync")).get("missing_users") == "ignore" and "directory" not in table:
        message = '"ignore" needs a directory to miss the users in; allowed without one: "create"'
        yield spot.problem(("sync", "missing_users"), message, "add a directory, or take the line out")


def _plain_http(table: Table, spot: Spot) -> Iterator[Problem]:
    source = _table(table.get("source"))
    if source.get("allow_http") is True:
        return
    auth = _table(source.get("auth"))
    places = (("source", "url"), source.get("url")), (("source", "auth", "token_url"), auth.get("token_url"))
    for key, url in places:
        parts = split_url(url) if isinstance(url, str) else None
        if parts is not None and parts.scheme == "http" and not is_loopback(parts.hostname):
            message = "plain http is refused: students' data and the secret would travel in the clear"
            yield spot.problem(key, message, "use https, or set source.allow_http = true where the network is your own")


def _headers(table: Table, spot: Spot) -> Iterator[Problem]:
    for name, value in _table(_table(table.get("source")).get("headers")).items():
        if name.lower() in _SECRET_HEADERS and isinstance(value, str) and not is_reference(value):
            message = "this header is a secret, which must not stand in the file"
            yield spot.problem(("source", "headers", name), message, 'write a reference such as "env:NAME" instead')


def _choices(table: Table, spot: Spot) -> Iterator[Problem]:
    """Check what needs one of two keys, or one key beside another."""
    source, directory = _table(table.get("source")), _table(table.get("directory"))
    if source.get("type") == "sftp":
        yield from _sftp(source, spot.below("source"))
    for index, output in enumerate(_list(table.get("outputs"))):
        if delivery := _table(_table(output).get("sftp")):
            yield from _sftp(delivery, spot.below("outputs", index, "sftp"))
    if directory.get("type") == "microsoft":
        yield from _one_of(directory, spot.below("directory"), "client_secret", "certificate_file")
    if directory.get("type") == "ldap":
        yield from _needs(directory, spot.below("directory"), "bind_dn", "password")
        yield from _needs(directory, spot.below("directory"), "password", "bind_dn")


def _sftp(table: Table, spot: Spot) -> Iterator[Problem]:
    yield from _one_of(table, spot, "password", "key_file")
    yield from _needs(table, spot, "key_passphrase", "key_file")


def _overrides(table: Table, spot: Spot) -> Iterator[Problem]:
    if "overrides" in _table(table.get("match")) and "directory" not in table:
        message = "needs a directory that has the accounts"
        yield spot.problem(("match", "overrides"), message, "add a directory, or take the line out")


def _ldap(table: Table, spot: Spot) -> Iterator[Problem]:
    """Check that nobody on the way can read along, and that the keys that are matched by are somewhere."""
    directory = _table(table["directory"])
    url, start_tls = directory.get("url"), directory.get("start_tls") is True
    parts = split_url(url, ("ldap", "ldaps")) if isinstance(url, str) else None
    if parts is not None and parts.scheme == "ldap" and not start_tls and not is_loopback(parts.hostname):
        message = "plain ldap:// is refused: accounts and the password would travel in the clear"
        yield spot.problem(("directory", "url"), message, "use ldaps://, or set directory.start_tls = true")
    if parts is not None and parts.scheme == "ldaps" and start_tls:
        message = "makes no sense with ldaps://, which is TLS from the start"
        yield spot.problem(("directory", "start_tls"), message, "use ldap:// with start_tls, or ldaps:// without it")
    mapped = _table(directory.get("attributes"))
    for index, key in enumerate(_list(_table(table.get("match")).get("by"))):
        if key in {"userMasterIdentifier", "sourcedId"} and key not in mapped:
            hint = f'say where it is: directory.attributes = {{ {key} = "…" }}'
            yield spot.problem(("match", "by", index), f"the directory has no attribute for {key}", hint)


def _one_of(table: Table, spot: Spot, first: str, second: str) -> Iterator[Problem]:
    if (first in table) == (second in table):
        what = "only one of the two is allowed" if first in table else f"is missing; {second} would do as well"
        yield spot.problem((first,), what, f"give either {first} or {second}")


def _needs(table: Table, spot: Spot, key: str, other: str) -> Iterator[Problem]:
    if key in table and other not in table:
        yield spot.problem((key,), f"makes no sense without {other}", f"add {other}, or take {key} out")
