"""Who may read: OAuth 2 with scopes, OAuth 1.0a signatures, a static bearer token, or everybody (oneroster §3)."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256, RequestValidator, SignatureOnlyEndpoint

from rostersync.demo.faults.base import Fault
from rostersync.demo.replies import Refused, Reply, json_reply

KINDS = ("oauth2", "oauth1", "bearer", "none")
SCOPE = "https://purl.imsglobal.org/spec/or/{}/scope/{}.readonly"
# Which scopes open what: one of them is enough.
OPENS = {
    "core": ("roster-core", "roster"),
    "full": ("roster",),
    "demographics": ("roster-demographics",),
    "resource": ("resource", "resource-core"),
}
ALL_SCOPES = frozenset(
    SCOPE.format(version, name) for version in ("v1p1", "v1p2") for names in OPENS.values() for name in names
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client has to show; `lifetime` is that of a token in seconds."""

    client_id: str = "demo"
    client_secret: str = "demo-secret"  # noqa: S105 - of a sample server
    bearer: str = "demo-bearer"
    lifetime: float = 3600


@dataclass(slots=True)
class Token:
    """A token that was given out: until when it is good, for what, and how often it was used."""

    expires: float
    scopes: frozenset[str]
    uses: int = 0


class Signatures(RequestValidator):  # type: ignore[misc,unused-ignore]
    """Tells oauthlib about the one client that signs its requests, and remembers what was signed before."""

    enforce_ssl = False
    timestamp_lifetime = 300
    allowed_signature_methods = (SIGNATURE_HMAC_SHA256, SIGNATURE_HMAC_SHA1)

    def __init__(self, credentials: Credentials) -> None:
        """Know one client."""
        super().__init__()
        self.credentials = credentials
        self.seen: set[tuple[str, str]] = set()

    @property
    def dummy_client(self) -> str:
        """Give a client that does not exist, for the same work in either case."""
        return "nobody"

    def check_client_key(self, client_key: str) -> bool:
        """Accept a key of any length."""
        return bool(client_key)

    def check_nonce(self, nonce: str) -> bool:
        """Accept a nonce of any length."""
        return bool(nonce)

    def validate_client_key(self, client_key: str, request: object) -> bool:
        """Say whether the client is the one that is known."""
        del request
        return client_key == self.credentials.client_id

    def get_client_secret(self, client_key: str, request: object) -> str:
        """Give the secret to check a signature with."""
        del client_key, request
        return self.credentials.client_secret

    def validate_timestamp_and_nonce(
        self,
        client_key: str,
        timestamp: str,
        nonce: str,
        request: object,
        request_token: str | None = None,
        access_token: str | None = None,
    ) -> bool:
        """Say whether a nonce is new; oauthlib has checked the timestamp against `timestamp_lifetime`."""
        del client_key, request, request_token, access_token
        fresh = (timestamp, nonce) not in self.seen
        self.seen.add((timestamp, nonce))
        return fresh


@dataclass(slots=True)
class Gate:
    """Gives tokens out and lets requests in; `kinds` are the ways of signing in that it takes."""

    credentials: Credentials = field(default_factory=Credentials)
    kinds: Collection[str] = ("oauth2", "oauth1")
    clock: Callable[[], float] = time.monotonic
    tokens: dict[str, Token] = field(default_factory=dict)
    _signatures: Signatures = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the check of signatures."""
        self._signatures = Signatures(self.credentials)

    def give_token(self, authorization: str, form: dict[str, str], faults: Sequence[Fault]) -> Reply:
        """Answer a request for a token as RFC 6749 says."""
        if early := next((reply for fault in faults if (reply := fault.token_asked(form)) is not None), None):
            return early
        if self._client(authorization, form) != (self.credentials.client_id, self.credentials.client_secret):
            return token_error(401, "invalid_client")
        if form.get("grant_type") != "client_credentials":
            return token_error(400, "unsupported_grant_type")
        asked = frozenset(form.get("scope", "").split())
        scopes = asked & ALL_SCOPES if asked else ALL_SCOPES
        if not scopes:
            return token_error(400, "invalid_scope")
        return self._grant(scopes, faults)

    def _grant(self, scopes: frozenset[str], faults: Sequence[Fault]) -> Reply:
        """Give a new token out; older ones stay good."""
        name = f"token-{len(self.tokens) + 1}"
        document: dict[str, Any] = {
            "access_token": name,
            "token_type": "Bearer",
            "expires_in": int(self.credentials.lifetime),
        }
        document["scope"] = " ".join(sorted(scopes))
        for fault in faults:
            fault.token_given(document)
        granted = frozenset(str(document.get("scope", " ".join(scopes))).split())
        self.tokens[name] = Token(self.clock() + self.credentials.lifetime, granted)
        return json_reply(document, headers={"Cache-Control": "no-store"})

    def _client(self, authorization: str, form: dict[str, str]) -> tuple[str, str]:
        """Read the client's id and secret from the Basic header or the body."""
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() != "basic":
            return form.get("client_id", ""), form.get("client_secret", "")
        try:
            name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return unquote_plus(name), unquote_plus(secret)

    def admit(self, url: str, headers: dict[str, str], need: tuple[str, str], faults: Sequence[Fault]) -> None:
        """Let a request in or raise Refused; `need` is the version and what it reads (a key of OPENS)."""
        if "none" in self.kinds:
            return
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "oauth" and "oauth1" in self.kinds:
            self._admit_signed(url, headers)
        elif scheme.lower() == "bearer" and "bearer" in self.kinds and value == self.credentials.bearer:
            return
        elif scheme.lower() == "bearer" and "oauth2" in self.kinds:
            self._admit_token(value, need, faults)
        else:
            raise Refused(
                "unauthorized", "credentials are missing or not understood", headers={"WWW-Authenticate": "Bearer"}
            )

    def _admit_signed(self, url: str, headers: dict[str, str]) -> None:
        """Check the signature over the method, the URL and every parameter."""
        endpoint = SignatureOnlyEndpoint(self._signatures)
        try:
            good, _ = endpoint.validate_request(url, "GET", None, {"Authorization": headers["authorization"]})
        except ValueError:  # oauthlib's word for a header or a query that it cannot read
            good = False
        if not good:
            raise Refused("unauthorized", "the signature is not valid", headers={"WWW-Authenticate": "OAuth"})

    def _admit_token(self, value: str, need: tuple[str, str], faults: Sequence[Fault]) -> None:
        """Check that a token is known, not expired, and given for what is read."""
        token = self.tokens.get(value)
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        if token is None or self.clock() >= token.expires or not all(fault.token_lives(token.uses) for fault in faults):
            raise Refused("unauthorized", "the token is unknown or has expired", headers=challenge)
        token.uses += 1
        version, group = need
        folder = "v1p1" if version == "1.1" else "v1p2"
        if token.scopes.isdisjoint(SCOPE.format(folder, name) for name in OPENS[group]):
            raise Refused("forbidden", "the token's scope does not cover this")


def token_error(status: int, error: str) -> Reply:
    """Make the error reply of the token endpoint."""
    headers = {"WWW-Authenticate": "Basic"} if error == "invalid_client" else {}
    return json_reply({"error": error}, status, headers)
