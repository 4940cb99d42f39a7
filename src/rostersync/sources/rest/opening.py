"""How connections are opened: with TLS that is never off, and past proxies for loopback."""

from __future__ import annotations

import ipaddress
import ssl

import httpx

import rostersync
from rostersync.sources.rest import failures
from rostersync.sources.rest.settings import OAuth2, RestSettings

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def connections(settings: RestSettings) -> httpx.Client:
    """An httpx client that keeps cookies, follows nothing and sends loopback past every proxy."""
    width = settings.concurrency + 1
    return httpx.Client(
        headers={
            "User-Agent": f"rostersync/{rostersync.__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
        },
        verify=_trust(settings),
        follow_redirects=False,
        limits=httpx.Limits(max_connections=width, max_keepalive_connections=width),
        mounts={f"all://{host}": None for host in _LOOPBACK},
    )


def _trust(settings: RestSettings) -> ssl.SSLContext:
    """The usual authorities, and the district's own."""
    context = httpx.create_ssl_context()
    if settings.ca_file is not None:
        try:
            context.load_verify_locations(cafile=settings.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise failures.tls(settings.url, f"the CA file {settings.ca_file} cannot be used: {error}") from None
    return context


def refuse_plain_http(settings: RestSettings) -> None:
    """Let only loopback go without TLS, unless the configuration says otherwise.

    Raises:
        FetchOver: RS-NET-002 for plain http, RS-NET-001 for what is no URL.
    """
    urls = [settings.url, *([settings.auth.token_url] if isinstance(settings.auth, OAuth2) else [])]
    for text in urls:
        try:
            url = httpx.URL(text)
        except httpx.InvalidURL:
            raise failures.final(failures.unreachable(text, "that is no URL")) from None
        if url.scheme != "https" and not settings.allow_http and not _is_loopback(url.host):
            raise failures.plain_http(bare(text))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def server(url: httpx.URL) -> str:
    """The server of a URL alone: what stands behind it may repeat a secret that the server was sent."""
    return str(url.copy_with(userinfo=b"", raw_path=b"/", fragment=None)).rstrip("/")


def bare(url: str) -> str:
    """The URL without user, query and fragment, which may hold secrets."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return "an unreadable URL"
    return str(parts.copy_with(userinfo=b"", query=None, fragment=None))
