"""How requests prove who asks: OAuth 2 client credentials, OAuth 1.0a, a bearer token, or nothing."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Generator
from typing import Any, NamedTuple
from urllib.parse import quote_plus

import httpx
import msgspec
from oauthlib import oauth1

from rostersync.errors import Retriable
from rostersync.sources.rest import failures
from rostersync.sources.rest.reply import Reply
from rostersync.sources.rest.settings import Auth, Bearer, NoAuth, OAuth1, OAuth2, Version

PostForm = Callable[[str, dict[str, str], dict[str, str]], Reply]
"""Posts a form: URL, fields, headers."""

Send = Callable[[], Reply]
"""Sends a request once more, with whatever credentials there are now."""

MARGIN = 60.0
"""A token is renewed this many seconds before it expires, or a tenth of its life where that is shorter."""

_ERRORS = frozenset(
    {
        *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"),
        *("invalid_scope", "access_denied", "unsupported_response_type", "server_error", "temporarily_unavailable"),
        *("invalid_token", "insufficient_scope"),
    }
)
"""What OAuth 2 (RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1) can say; another word might repeat a secret."""


class Token(NamedTuple):
    """An access token and the monotonic second from which it is renewed; None: only after a 401."""

    value: str
    renew_at: float | None


class ApiAuth(httpx.Auth):
    """The base of all, and what sends nothing; `ready` is called before a request's time starts to run."""

    def ready(self) -> None:
        """Fetch what a request will need, where it needs anything."""

    def again(self, refused: str, send: Send) -> Reply | None:
        """After a 401 for this Authorization: the answer with other credentials, None where there are no others."""
        del refused, send
        return None


class BearerAuth(ApiAuth):
    """A token that was handed out."""

    def __init__(self, settings: Bearer) -> None:
        """Refuse a token that cannot stand in a header."""
        if not _printable(settings.token):
            raise failures.token_unusable()
        self._header = _bearer(settings.token)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the token along."""
        request.headers["Authorization"] = self._header
        yield request


class OAuth1Auth(ApiAuth):
    """OAuth 1.0a: a signature over the URL with every query parameter, fresh for every request."""

    def __init__(self, settings: OAuth1) -> None:
        """Keep the key and the secret."""
        self._settings = settings

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign the request as it will be sent."""
        request.headers["Authorization"] = sign(str(request.url), self._settings)
        yield request


def sign(url: str, settings: OAuth1, nonce: str | None = None, timestamp: str | None = None) -> str:
    """The Authorization header for a GET of the URL (oneroster-reference §3); nonce and timestamp are for test vectors.

    Raises:
        FetchOver: RS-AUTH-003 where key or URL cannot be signed.
    """
    client = oauth1.Client(
        settings.client_id,
        client_secret=settings.client_secret,
        signature_method=settings.signature_method,
        nonce=nonce,
        timestamp=timestamp,
    )
    try:
        return str(client.sign(url, http_method="GET")[1]["Authorization"])
    except ValueError:
        raise failures.unauthorized("(unsigned)") from None


class OAuth2Auth(ApiAuth):
    """Client credentials: one token for all threads, renewed before it expires and once on a 401."""

    def __init__(self, settings: OAuth2, version: Version, post: PostForm) -> None:
        """Keep the client and how to reach the token endpoint; nothing is asked yet."""
        self._settings = settings
        self._scope = settings.scope(version)
        self._post = post
        self._lock = threading.RLock()
        self._token: Token | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the token along."""
        request.headers["Authorization"] = _bearer(self._current().value)
        yield request

    def ready(self) -> None:
        """Have a token that is good for now."""
        self._current()

    def again(self, refused: str, send: Send) -> Reply | None:
        """Try the token that another thread has fetched meanwhile, if there is one, and at last one of our own.

        No other thread gets at a token before it has been tried here: a server may let it wear off with use.
        """
        with self._lock:
            if self._token is not None and _bearer(self._token.value) != refused:
                reply = send()
                if reply.status != httpx.codes.UNAUTHORIZED:
                    return reply
            self._token = self._fetch()
            return send()

    def _current(self) -> Token:
        with self._lock:
            if self._token is None or (self._token.renew_at is not None and time.monotonic() >= self._token.renew_at):
                self._token = self._fetch()
            return self._token

    def _fetch(self) -> Token:
        try:
            reply = self._ask()
            if _error(reply) == "invalid_scope" and self._scope:
                self._scope = ""
                reply = self._ask()
        except failures.TooMuch as error:
            raise failures.token_unreadable(error.message) from None
        except Retriable as error:
            raise failures.FetchOver(error.code, f"no token: {error.message}", error.hint) from error
        if not reply.ok:
            raise failures.token_refused(reply.status, _error(reply))
        return read_token(reply.body, time.monotonic())

    def _ask(self) -> Reply:
        form = {"grant_type": "client_credentials"}
        headers = {"Accept": "application/json"}
        if self._scope:
            form["scope"] = self._scope
        if self._settings.client_auth == "body":
            form |= {"client_id": self._settings.client_id, "client_secret": self._settings.client_secret}
        else:
            headers["Authorization"] = _basic(self._settings)
        return self._post(self._settings.token_url, form, headers)


def read_token(body: bytes, now: float) -> Token:
    """Read a token reply (oneroster-reference §3) that arrived at `now` on the monotonic clock.

    Raises:
        FetchOver: RS-AUTH-002 where it holds no bearer token.
    """
    try:
        reply: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise failures.token_unreadable("it is no JSON") from None
    value = reply.get("access_token") if isinstance(reply, dict) else None
    if not isinstance(value, str) or not _printable(value):
        raise failures.token_unreadable("it has no usable access_token")
    kind = reply.get("token_type") or "bearer"
    if not isinstance(kind, str) or not kind.strip().lower().startswith("bearer"):
        raise failures.token_unreadable("its token_type is not bearer")
    return Token(value, _renew_at(reply.get("expires_in"), now))


def _renew_at(expires_in: object, now: float) -> float | None:
    """When to renew; a life that is absent, unreadable or not positive is not known."""
    try:
        life = float(expires_in) if isinstance(expires_in, str | int | float) else 0.0
    except (ValueError, OverflowError):
        return None
    return now + life - min(MARGIN, life / 10) if life > 0 else None


def _error(reply: Reply) -> str | None:
    """The OAuth error of a refused token, where it is one of the words that the standard has."""
    if reply.ok:
        return None
    try:
        said = msgspec.json.decode(reply.body, type=dict[str, Any]).get("error")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return said if isinstance(said, str) and said in _ERRORS else None


def _basic(settings: OAuth2) -> str:
    """Basic credentials as RFC 6749 §2.3.1 wants them: form-urlencoded, then base64."""
    pair = f"{quote_plus(settings.client_id)}:{quote_plus(settings.client_secret)}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _printable(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def _bearer(token: str) -> str:
    return f"Bearer {token}"


def build(settings: Auth, version: Version, post: PostForm) -> ApiAuth:
    """The auth for the settings; `post` reaches the token endpoint."""
    match settings:
        case OAuth2():
            return OAuth2Auth(settings, version, post)
        case OAuth1():
            return OAuth1Auth(settings)
        case Bearer():
            return BearerAuth(settings)
        case NoAuth():
            return ApiAuth()
