"""Accounts of a Microsoft Entra tenant (`directory.type = "microsoft"`), by Microsoft Graph."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import httpx
import msgspec

from rostersync.directories.base import addresses, count, smtp_addresses
from rostersync.directories.microsoft_refusals import NO_RIGHTS, needs_index, refused
from rostersync.directories.pages import Reading, User, account_id, flag, string, strings
from rostersync.directories.web import Reply, Web, broken, origin
from rostersync.errors import DirectoryError
from rostersync.model.directory import Account
from rostersync.model.policy import MatchKey
from rostersync.model.probe import Probe

if TYPE_CHECKING:
    from rostersync.directories.microsoft_tokens import Application

PAGE = 999
"""Accounts in a page: the most that /users gives."""

DEFAULTS: Mapping[MatchKey, str] = {
    "email": "mail",
    "username": "userPrincipalName",
    "identifier": "employeeId",
}
"""Where the keys are read from."""

Cloud = Literal["global", "us-government", "us-government-dod", "china"]

_ALWAYS = ("id", "proxyAddresses", "accountEnabled")
_INDEX = {"ConsistencyLevel": "eventual"}


class Endpoints(NamedTuple):
    """Where to sign in and where Graph is; tests put a server of their own here."""

    login: str
    graph: str


CLOUDS: Mapping[Cloud, Endpoints] = {
    "global": Endpoints("https://login.microsoftonline.com", "https://graph.microsoft.com"),
    "us-government": Endpoints("https://login.microsoftonline.us", "https://graph.microsoft.us"),
    "us-government-dod": Endpoints("https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    "china": Endpoints("https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"),
}
"""Microsoft's clouds (source: "Microsoft Graph national cloud deployments")."""


@dataclass(frozen=True, slots=True)
class MicrosoftSettings:
    """Whose accounts to read, and as which app (contract §1, `directory`).

    Either `client_secret` or `certificate_file`, a PEM file with the certificate and its private key. `attributes` says
    where keys are read from: a property of a user, or one inside it, such as `onPremisesExtensionAttributes.
    extensionAttribute1`. `needed` are the keys that are matched by (`match.by`).
    """

    tenant: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    certificate_file: Path | None = None
    filter: str | None = None
    attributes: Mapping[MatchKey, str] = field(default_factory=dict)
    needed: Sequence[MatchKey] = ()
    cloud: Cloud = "global"
    retries: int = 6
    timeout: float = 60.0


class MicrosoftDirectory:
    """The users of a Microsoft Entra tenant."""

    def __init__(
        self, settings: MicrosoftSettings, *, endpoints: Endpoints | None = None, trust: ssl.SSLContext | None = None
    ) -> None:
        """Keep the settings; `endpoints` and `trust` replace Microsoft and the usual authorities."""
        self._settings = settings
        self._endpoints = endpoints or CLOUDS[settings.cloud]
        self._trust = trust
        self._places = {**DEFAULTS, **settings.attributes}
        self._web: Web | None = None

    def accounts(self) -> Iterator[Account]:
        """Stream the accounts, those that may not sign in as disabled.

        RS-DIR-001: no answer. RS-DIR-002: the app, its consent or the request is refused. RS-DIR-003: cut short.
        """
        self.close()
        settings = self._settings
        self._web = web = Web(trust=self._trust, retries=settings.retries, timeout=settings.timeout)
        application = _sign_in(settings, self._endpoints, web)
        reading = Reading(self._places, settings.needed)
        yield from reading.stream(self._pages(_Graph(web, application), reading))

    def probe(self) -> Iterator[Probe]:
        """Read everything once; say who read it."""
        (counted,) = count(self)
        if counted.ok:
            settings = self._settings
            message = f"Microsoft Entra, tenant {settings.tenant}, as app {settings.client_id}"
            yield Probe("directory server", ok=True, message=message)
        yield counted

    def close(self) -> None:
        """Close the connections."""
        if self._web is not None:
            self._web.close()
            self._web = None

    def _pages(self, graph: _Graph, reading: Reading) -> Iterator[list[Account]]:
        url = f"{self._endpoints.graph}/v1.0/users"
        page = graph.first(url, self._params())
        states: set[bool | None] = set()
        while True:
            states |= {flag(user, "accountEnabled") for user in page.value}
            yield [self._account(user) for user in page.value]
            if page.next_link is None:
                break
            page = graph.page(reading.step(_same_origin(url, page.next_link)))
        if states == {None}:
            raise DirectoryError("RS-DIR-002", "Graph does not say which accounts are enabled", NO_RIGHTS)

    def _params(self) -> dict[str, str]:
        """What is asked for: only the properties that are read."""
        selected = sorted({*_ALWAYS, *(place.partition(".")[0] for place in self._places.values())})
        params = {"$select": ",".join(selected), "$top": str(PAGE)}
        return params | ({"$filter": self._settings.filter} if self._settings.filter else {})

    def _account(self, user: User) -> Account:
        keys = {name: _value(user, place) for name, place in self._places.items()}
        return Account(
            id=account_id(user),
            emails=addresses([keys["email"], *smtp_addresses(strings(user, "proxyAddresses"))]),
            username=keys["username"],
            identifier=keys["identifier"],
            master_identifier=keys.get("userMasterIdentifier"),
            sourced_id=keys.get("sourcedId"),
            disabled=flag(user, "accountEnabled") is False,
        )


class _Page(msgspec.Struct):
    """An answer of /users."""

    value: list[dict[str, object]]
    next_link: str | None = msgspec.field(default=None, name="@odata.nextLink")


class _Graph:
    """Asks Graph for pages, with the header that some filters need and no other request should have."""

    def __init__(self, web: Web, application: Application) -> None:
        self._web = web
        self._application = application
        self._headers: dict[str, str] = {}

    def first(self, url: str, params: Mapping[str, str]) -> _Page:
        """The first page; of Graph's index of eventual consistency where the filter cannot be had without it."""
        reply = self._ask(str(httpx.URL(url, params=params)))
        if "$filter" in params and needs_index(reply):
            self._headers = _INDEX
            reply = self._ask(str(httpx.URL(url, params={**params, "$count": "true"})))
        return self._read(reply)

    def page(self, link: str) -> _Page:
        """A page that another one has led to."""
        return self._read(self._ask(link))

    def _ask(self, url: str) -> Reply:
        return self._web.get_with(self._application, url, self._headers)

    def _read(self, reply: Reply) -> _Page:
        if not reply.ok:
            raise refused(reply, self._application.current)
        try:
            return msgspec.json.decode(reply.body, type=_Page)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise broken("an answer is no page of users") from None


def _same_origin(url: str, link: str) -> str:
    """The link to the next page, which may lead nowhere but to Graph: the token goes with it."""
    try:
        same = origin(link) == origin(url)
    except (httpx.InvalidURL, ValueError):
        same = False
    if not same:
        raise broken("the link to the next page leads to another server")
    return link


def _value(user: User, place: str) -> str | None:
    """A key of an account, inside a property where the place has a dot."""
    first, dot, rest = place.partition(".")
    if not dot:
        return string(user, place)
    inner = user.get(first)
    if inner is not None and not isinstance(inner, dict):
        raise broken(f"{first} of an account is no object")
    return string(inner or {}, rest)


def _sign_in(settings: MicrosoftSettings, endpoints: Endpoints, web: Web) -> Application:
    """Prepare to sign in; msal is loaded only here."""
    try:
        from rostersync.directories.microsoft_tokens import Application, certificate  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        hint = "Install rostersync[microsoft]."
        raise DirectoryError("RS-DIR-001", "msal is not installed", hint) from error
    file = settings.certificate_file
    credential = certificate(file) if file is not None else settings.client_secret or ""
    authority = f"{endpoints.login}/{settings.tenant}"
    return Application(settings.client_id, credential, authority, f"{endpoints.graph}/.default", web)
