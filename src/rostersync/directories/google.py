"""Accounts of a Google Workspace (`directory.type = "google"`), by the Directory API of the Admin SDK."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx
import msgspec

from rostersync.directories.base import addresses, count, text
from rostersync.directories.google_refusals import may_pass, refused
from rostersync.directories.pages import Reading, User, account_id, flag, string, strings
from rostersync.directories.web import Web, broken
from rostersync.errors import DirectoryError
from rostersync.model.directory import Account
from rostersync.model.policy import MatchKey
from rostersync.model.probe import Probe

if TYPE_CHECKING:
    from rostersync.directories.google_tokens import ServiceAccount

PAGE = 500
"""Accounts in a page: the most that users.list gives."""

DEFAULTS: Mapping[MatchKey, str] = {
    "email": "primaryEmail",
    "username": "primaryEmail",
    "identifier": "externalIds.organization",
}
"""Where the keys are read from; the admin console calls `externalIds.organization` the employee ID."""

_ALWAYS = ("id", "aliases", "nonEditableAliases", "suspended", "archived")
_KIND = "admin#directory#users"


class Endpoints(NamedTuple):
    """Where Google is; tests put a server of their own here."""

    users: str = "https://admin.googleapis.com/admin/directory/v1/users"
    token: str = "https://oauth2.googleapis.com/token"  # noqa: S105 (an address)


@dataclass(frozen=True, slots=True)
class GoogleSettings:
    """Whose accounts to read, and as whom (contract §1, `directory`).

    `subject` is the administrator to act for. `attributes` says where keys are read from: `primaryEmail`, `id`,
    `externalIds.TYPE` or `customSchemas.SCHEMA.FIELD`. With `domain`, `customer` is not sent. `needed` are the keys
    that are matched by (`match.by`).
    """

    key_file: Path
    subject: str
    customer: str = "my_customer"
    domain: str | None = None
    query: str | None = None
    attributes: Mapping[MatchKey, str] = field(default_factory=dict)
    needed: Sequence[MatchKey] = ()
    retries: int = 6
    timeout: float = 60.0


class GoogleDirectory:
    """The users of a Google Workspace, or of one of its domains."""

    def __init__(
        self, settings: GoogleSettings, *, endpoints: Endpoints | None = None, trust: ssl.SSLContext | None = None
    ) -> None:
        """Keep the settings; `endpoints` and `trust` replace Google and the usual authorities."""
        self._settings = settings
        self._endpoints = endpoints or Endpoints()
        self._trust = trust
        self._places = {**DEFAULTS, **settings.attributes}
        self._web: Web | None = None

    def accounts(self) -> Iterator[Account]:
        """Stream the accounts, those that are suspended or archived as disabled.

        RS-DIR-001: no answer. RS-DIR-002: the key, the delegation or the request is refused. RS-DIR-003: cut short.
        """
        self.close()
        settings = self._settings
        self._web = web = Web(trust=self._trust, retries=settings.retries, timeout=settings.timeout, passing=may_pass)
        signed = _sign_in(settings, self._endpoints.token, web)
        reading = Reading(self._places, settings.needed)
        yield from reading.stream(self._pages(web, signed, reading))

    def probe(self) -> Iterator[Probe]:
        """Read everything once; say who read it."""
        (counted,) = count(self)
        if counted.ok:
            settings = self._settings
            where = f"domain {settings.domain}" if settings.domain else f"customer {settings.customer}"
            yield Probe("directory server", ok=True, message=f"Google Workspace, {where}, as {settings.subject}")
        yield counted

    def close(self) -> None:
        """Close the connections."""
        if self._web is not None:
            self._web.close()
            self._web = None

    def _pages(self, web: Web, signed: ServiceAccount, reading: Reading) -> Iterator[list[Account]]:
        params = self._params()
        while True:
            url = str(httpx.URL(self._endpoints.users, params=params))
            reply = web.get_with(signed, url, {})
            if not reply.ok:
                raise refused(reply, self._settings.subject, signed.current)
            page = _page(reply.body)
            yield [self._account(user) for user in page.users]
            if not page.next_page_token:
                return
            params["pageToken"] = reading.step(page.next_page_token)

    def _params(self) -> dict[str, str]:
        """What is asked for: only the fields that are read."""
        settings = self._settings
        fields = sorted({*_ALWAYS, *(place.partition(".")[0] for place in self._places.values())})
        params = {"maxResults": str(PAGE), "fields": f"kind,nextPageToken,users({','.join(fields)})"}
        params |= {"domain": settings.domain} if settings.domain else {"customer": settings.customer}
        if settings.query:
            params["query"] = settings.query
        schemas = {place.split(".")[1] for place in self._places.values() if place.startswith("customSchemas.")}
        if schemas:
            params |= {"projection": "custom", "customFieldMask": ",".join(sorted(schemas))}
        return params

    def _account(self, user: User) -> Account:
        keys = {name: _value(user, place) for name, place in self._places.items()}
        return Account(
            id=account_id(user),
            emails=addresses([keys["email"], *strings(user, "aliases"), *strings(user, "nonEditableAliases")]),
            username=keys["username"],
            identifier=keys["identifier"],
            master_identifier=keys.get("userMasterIdentifier"),
            sourced_id=keys.get("sourcedId"),
            disabled=bool(flag(user, "suspended")) or bool(flag(user, "archived")),
        )


class _Page(msgspec.Struct, rename="camel"):
    """An answer of users.list; an empty directory has no `users`."""

    kind: str
    users: list[dict[str, object]] = []
    next_page_token: str | None = None


def _page(body: bytes) -> _Page:
    try:
        page = msgspec.json.decode(body, type=_Page)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise broken("an answer is no page of users") from None
    if page.kind != _KIND:
        raise broken("an answer is no page of users")
    return page


def _value(user: User, place: str) -> str | None:
    """A key of an account; of several values the smallest, on every day the same."""
    first, _, rest = place.partition(".")
    if first == "externalIds":
        return min(_external(user, rest), default=None)
    if first == "customSchemas":
        return _custom(user, *rest.split(".", 1))
    return string(user, place)


def _external(user: User, kind: str) -> Iterator[str]:
    """The external ids of a type, or of a custom type of that name."""
    for entry in _objects(user.get("externalIds")):
        named = string(entry, "customType") if entry.get("type") == "custom" else string(entry, "type")
        value = string(entry, "value")
        if named is not None and named.casefold() == kind.casefold() and value is not None:
            yield value


def _custom(user: User, schema: str, name: str) -> str | None:
    """A field of a custom schema: one text or whole number, or several in objects."""
    schemas = user.get("customSchemas")
    fields = schemas.get(schema) if isinstance(schemas, dict) else None
    value = fields.get(name) if isinstance(fields, dict) else None
    if isinstance(value, list):
        return min(filter(None, (string(entry, "value") for entry in _objects(value))), default=None)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is not None and not isinstance(value, str):
        raise broken(f"customSchemas.{schema}.{name} of an account is no text")
    return text(value)


def _objects(value: object) -> list[dict[str, object]]:
    entries = value or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise broken("a list of an account is no list of objects")
    return entries


def _sign_in(settings: GoogleSettings, token_url: str, web: Web) -> ServiceAccount:
    """Read the key; google-auth is loaded only here."""
    try:
        from rostersync.directories.google_tokens import ServiceAccount  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        hint = "Install rostersync[google]."
        raise DirectoryError("RS-DIR-001", "google-auth is not installed", hint) from error
    return ServiceAccount(settings.key_file, settings.subject, token_url, web)
