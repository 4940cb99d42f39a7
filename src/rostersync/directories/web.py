"""HTTP for directories in the cloud: TLS always, answers with a cap, retries where they help, our errors only.

It is much less than what the REST source does (no redirects, no threads, no clock), and siblings share nothing.
"""

from __future__ import annotations

import logging
import re
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn, Protocol

import httpx
import msgspec
import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

import rostersync
from rostersync.errors import DirectoryError

_LOG = logging.getLogger(__name__)

CAP = 64 * 1024 * 1024
"""The largest answer that is accepted, in bytes after inflation."""

LONGEST_PAUSE = 300.0
"""Retry-After is honored up to five minutes; a longer one counts as a failure, as for sources (contract §1)."""

_REPEAT = frozenset({408, 425, 429})
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_AGENT = f"rostersync/{rostersync.__version__} (gzip)"  # Google compresses only for agents that say gzip
_SAID = 300
_PROOF = re.compile(r"[\w+=~%-]{32,}", re.ASCII)
"""A token, a signature or the like: no word or number that is meant for people is that long, nor any name of a host."""

_OAUTH = frozenset(
    {
        *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"),
        *("invalid_scope", "access_denied", "server_error", "temporarily_unavailable", "interaction_required"),
        *("invalid_resource", "invalid_tenant", "org_internal", "disabled_client", "deleted_client"),
        *("admin_policy_enforced", "internal_failure"),
    }
)


class Reply(NamedTuple):
    """An answer, read whole: its status, headers and inflated body."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return self.status == httpx.codes.OK

    def error(self) -> dict[str, Any]:
        """The `error` object of a refusal in JSON, as Google and Microsoft write it; empty where there is none."""
        try:
            said = msgspec.json.decode(self.body, type=dict[str, Any]).get("error")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}


class Tokens(Protocol):
    """Where access tokens come from; both raise DirectoryError."""

    def token(self) -> str:
        """Give a token that is good for now."""
        ...

    def renew(self) -> None:
        """Forget the token that was refused."""
        ...


class Web:
    """Sends requests to one service."""

    def __init__(
        self,
        *,
        trust: ssl.SSLContext | None = None,
        retries: int = 6,
        timeout: float = 60.0,
        passing: Callable[[Reply], bool] = lambda _reply: False,
    ) -> None:
        """Prepare connections.

        `trust` replaces the usual authorities, `retries` last for more than a minute (quotas are a minute's), `timeout`
        (seconds) is for a request as a whole, and `passing` tells which refusals may pass beside 408, 429 and 5xx.
        """
        self._retries = retries
        self._timeout = timeout
        self._passing = passing
        self._http = httpx.Client(
            headers={"User-Agent": _AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"},
            verify=trust or _usual_trust(),
            follow_redirects=False,
            mounts={f"all://{host}": None for host in _LOOPBACK},
        )
        set_on_retry_hooks([_log_retry])

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, url: str, headers: Mapping[str, str]) -> Reply:
        """GET, trying again what may pass; raises DirectoryError RS-DIR-001 where it does not."""
        return self._persist("GET", url, headers, None)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """POST, trying again what may pass; raises DirectoryError RS-DIR-001 where it does not."""
        return self._persist("POST", url, headers, body)

    def get_with(self, tokens: Tokens, url: str, headers: Mapping[str, str]) -> Reply:
        """GET with a token, and once more with a new one where it is refused (401)."""
        reply = self.get(url, {**headers, "Authorization": _bearer(tokens)})
        if reply.status != httpx.codes.UNAUTHORIZED:
            return reply
        tokens.renew()
        return self.get(url, {**headers, "Authorization": _bearer(tokens)})

    def _persist(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        try:
            return self._trying(lambda: self._exchange(method, url, headers, body))
        except _Passing as failure:
            raise unreachable(str(failure)) from None

    def _trying(self, call: Callable[[], Reply]) -> Reply:
        for attempt in stamina.retry_context(
            on=_pause, attempts=self._retries + 1, timeout=None, wait_initial=1.0, wait_max=60.0
        ):
            with attempt:
                return call()
        raise unreachable("no answer")  # stamina always tries once: this is for the type checker

    def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        """One request and its answer; raises _Passing for what may pass, DirectoryError for what does not."""
        host = httpx.URL(url).host
        try:
            with self._http.stream(method, url, headers=dict(headers), content=body, timeout=self._timeout) as response:
                reply = Reply(response.status_code, response.headers, self._read(response))
        except httpx.TimeoutException:
            raise _Passing(f"{host} did not answer in time") from None
        except httpx.HTTPError as error:
            _fail(host, error)
        if reply.status in _REPEAT or httpx.codes.is_server_error(reply.status) or self._passing(reply):
            raise _Passing(f"{host} answered {reply.status}", _retry_after(reply))
        return reply

    def _read(self, response: httpx.Response) -> bytes:
        """Read the body within the time and the cap; httpx inflates at most 64 KiB of it at once."""
        until = time.monotonic() + self._timeout
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > CAP:
                raise broken(f"{response.url.host} sent more than {CAP // 1024**2} MiB at once")
            if time.monotonic() > until:
                raise httpx.ReadTimeout("the answer took too long")
        return bytes(body)


def _usual_trust() -> ssl.SSLContext:
    """The usual authorities, or those that the environment names."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        hint = "Check SSL_CERT_FILE and SSL_CERT_DIR where rostersync is started."
        raise DirectoryError("RS-DIR-001", f"the authorities to trust cannot be read: {error}", hint) from error


def _bearer(tokens: Tokens) -> str:
    """The header with a token; one that cannot stand in a header was not given by the service."""
    token = tokens.token()
    if not token.isascii() or not token.isprintable() or not token or " " in token:
        hint = "Something between this machine and the service answers in its place: ask who runs proxy or firewall."
        raise DirectoryError("RS-DIR-002", "the answer to the sign-in holds no token that can be used", hint)
    return f"Bearer {token}"


class _Passing(Exception):  # noqa: N818 (named by what it is: a failure that may pass)
    """A failure that may pass, and the pause in seconds that was asked for; it never leaves this module."""

    def __init__(self, what: str, pause: float | None = None) -> None:
        super().__init__(what if pause is None else f"{what} and asks to come back in {pause:.0f} seconds")
        self.pause = pause


def _pause(error: Exception) -> bool | float:
    """Whether to try again, and after how many seconds where the server named a pause."""
    if not isinstance(error, _Passing) or (error.pause or 0) > LONGEST_PAUSE:
        return False
    return error.pause or True


def _retry_after(reply: Reply) -> float | None:
    """The seconds of Retry-After; the other form, a date, is not used by these services and gives None."""
    text = reply.headers.get("retry-after", "").strip()
    return float(text[:9]) if text.isascii() and text.isdecimal() else None


def _fail(host: str, error: httpx.HTTPError) -> NoReturn:
    """Tell a certificate that cannot be trusted, which stays so, from a connection that broke."""
    causes: list[BaseException] = []  # such chains can go round in circles
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            hint = (
                "Something between this machine and the service answers in its place: ask who runs proxy or firewall."
            )
            message = f"the certificate of {host} cannot be trusted: {cause.verify_message}"
            raise DirectoryError("RS-DIR-001", message, hint) from None
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    raise _Passing(f"the connection to {host} failed: {type(error).__name__}") from None


def unreachable(what: str) -> DirectoryError:
    """RS-DIR-001: the service cannot be reached, or does not answer as it should."""
    hint = "Check that this machine may reach it through firewall and proxy, and try again later."
    return DirectoryError("RS-DIR-001", f"the directory cannot be reached: {what}", hint)


def broken(what: str) -> DirectoryError:
    """RS-DIR-003: what came is not whole, or makes no sense."""
    hint = "Nothing was changed. Run again; if it stays so, send this message to the maintainers of rostersync."
    return DirectoryError("RS-DIR-003", f"the directory was not read whole: {what}", hint)


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of a URL; raises httpx.InvalidURL for what is none."""
    parts = httpx.URL(url)
    return parts.scheme, parts.host, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def said(text: object, *secrets: str) -> str:
    """What a server said, on one line, cut, printable, and without these secrets or any proof should it repeat them."""
    words = " ".join(str(text or "").split())
    for secret in filter(None, secrets):
        words = words.replace(secret, "…")
    words = _PROOF.sub("…", words)
    return "".join(letter for letter in words if letter.isprintable())[:_SAID]


def named(error: object) -> str:
    """The error of a refusal to sign in, where it is one that OAuth 2, Google or Microsoft have; else nothing."""
    return error if isinstance(error, str) and error in _OAUTH else ""


def _log_retry(details: RetryDetails) -> None:
    """Say that there will be another try: our own words, which hold no secret."""
    _LOG.info("%s; trying again in %.1f s", details.caused_by, details.wait_for)
