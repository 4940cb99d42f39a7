"""How a fetch can fail, and what a school's IT person can do about it.

Fatal              a collection's own failure: another collection may still be had
├── TooMuch        an answer that is larger than what is accepted at a time
└── FetchOver      a failure that every request would share: token, host, TLS, deadline
StartOver          never leaves this package: the data changed under the fetch (x-perm-rev)
"""

from __future__ import annotations

from rostersync.errors import Fatal, Retriable
from rostersync.model.codes import Code


class FetchOver(Fatal):
    """A failure that no other collection would escape: it ends the whole fetch."""


class TooMuch(Fatal):
    """RS-SRC-001 of an answer that is larger than what is accepted at a time."""


class StartOver(Exception):  # noqa: N818 (named by what is to be done, as the errors of errors.py)
    """The server says that its data changed while it was read: everything is fetched again."""


ASK_VENDOR = (
    "Run `rostersync check`; if it fails again, send this message to the vendor of the student information system."
)


def not_oneroster(what: str) -> Fatal:
    """RS-SRC-001: an answer that no OneRoster server gives."""
    return Fatal(
        Code.SRC_NOT_ONEROSTER,
        what,
        "Check that `source.url` is the root of the OneRoster API and not a login page, and that `version` fits.",
    )


def too_much(what: str) -> TooMuch:
    """RS-SRC-001: more in one answer than is accepted."""
    return TooMuch(
        Code.SRC_NOT_ONEROSTER,
        what,
        "Try a smaller `source.page_size`; if it stays, ask the vendor whether `limit` and `offset` are honored.",
    )


def incomplete(what: str) -> Fatal:
    """RS-SRC-002: the rows of a collection do not add up."""
    return Fatal(
        Code.SRC_INCOMPLETE,
        what,
        "Nothing was changed. Run again when nobody imports into the student information system; "
        "if it stays, try a smaller `source.page_size` and ask the vendor about paging.",
    )


def endpoint_missing(path: str, status: int) -> Fatal:
    """RS-SRC-003: the server does not have the collection."""
    return Fatal(
        Code.SRC_ENDPOINT_MISSING,
        f"/{path} answered {status}: this server does not offer it",
        "Check `source.url` and `source.version`; the vendor may have to switch this OneRoster endpoint on.",
    )


def forbidden(path: str) -> Fatal:
    """RS-AUTH-004: the credentials do not cover the collection."""
    return Fatal(
        Code.AUTH_FORBIDDEN,
        f"/{path} answered 403: these credentials may not read it",
        "In the student information system give this client read access to rostering, "
        "or ask for the scope in `auth.scopes`.",
    )


def unauthorized(path: str) -> FetchOver:
    """RS-AUTH-003: the API does not take the credentials."""
    return FetchOver(
        Code.AUTH_UNAUTHORIZED,
        f"/{path} answered 401: the server does not accept these credentials",
        "Check `auth.type`, the client id and the secret or token; they may have expired or belong to another server. "
        "With oauth1 also check this machine's clock and `signature_method`.",
    )


def still_failing(what: str, retry_after: float | None = None) -> Retriable:
    """RS-NET-003: a failure that may pass, which counts once the retries are used up."""
    return Retriable(
        Code.NET_STILL_FAILING,
        what,
        "The server is down, overloaded or too slow. Try again later; a smaller `source.page_size`, "
        "a lower `concurrency` or a `rate_limit` helps servers that are easily overloaded.",
        retry_after=retry_after,
    )


def unreachable(host: str, why: str) -> Retriable:
    """RS-NET-001: no connection to the server."""
    return Retriable(
        Code.NET_UNREACHABLE,
        f"{host} cannot be reached: {why}",
        "Check the host name in the URL, that this machine may reach it through firewall and proxy, "
        "and that the server is up.",
    )


def tls(host: str, why: str) -> FetchOver:
    """RS-NET-002: the server's certificate or the CA file cannot be trusted."""
    return FetchOver(
        Code.NET_TLS,
        f"no trusted TLS connection to {host}: {why}",
        "Check the server's certificate; a district's own authority goes into `source.ca_file`. Verification stays on.",
    )


def plain_http(url: str) -> FetchOver:
    """RS-NET-002: an URL without TLS, which would give away secrets and pupils' data."""
    return FetchOver(
        Code.NET_TLS,
        f"{url} is plain http, which would send secrets and pupils' data unencrypted",
        "Use https; only where the network is trusted by other means set `source.allow_http = true`.",
    )


def foreign_redirect(url: str, target: str) -> Fatal:
    """RS-NET-005: a redirect that would carry the credentials elsewhere."""
    return Fatal(
        Code.NET_FOREIGN_REDIRECT,
        f"{url} redirects to {target}, which is another server",
        "If that server is the right one, put its address into `source.url` (or `auth.token_url`).",
    )


def deadline_passed() -> FetchOver:
    """RS-NET-003: the whole fetch took longer than allowed."""
    return FetchOver(
        Code.NET_STILL_FAILING,
        "the fetch did not end before its deadline",
        "Raise `source.deadline`, or `page_size` and `concurrency` where the server can bear it.",
    )


def token_refused(status: int, error: str | None) -> FetchOver:
    """RS-AUTH-001: the token endpoint says no."""
    said = f" ({error})" if error else ""
    return FetchOver(
        Code.AUTH_TOKEN_REFUSED,
        f"the token endpoint answered {status}{said}: no token was given",
        'Check `auth.token_url`, `client_id` and `client_secret`; some servers want `client_auth = "body"`, '
        'some refuse scopes (`scopes = [""]`).',
    )


def token_unreadable(why: str) -> FetchOver:
    """RS-AUTH-002: the token endpoint's reply is none."""
    return FetchOver(
        Code.AUTH_TOKEN_UNREADABLE,
        f"the token endpoint's reply was not understood: {why}",
        "Check `auth.token_url`: it must be the OAuth 2 token endpoint, not the API or a login page.",
    )


def token_unusable() -> FetchOver:
    """RS-AUTH-003: a bearer token that no server can have given out."""
    return FetchOver(
        Code.AUTH_UNAUTHORIZED,
        "the bearer token is empty or holds characters that no token has",
        "Check the secret that `auth.token` names: it must be the token alone, on one line.",
    )


def final(error: Retriable) -> Fatal:
    """What a passing failure becomes once the retries are used up."""
    kind = FetchOver if error.code == Code.NET_UNREACHABLE else Fatal
    return kind(error.code, error.message, error.hint)
