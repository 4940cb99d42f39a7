"""Which source stands behind which type; its code is loaded when it is opened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from rostersync.config.identity import effective_scopes, effective_url
from rostersync.config.secrets import Secrets, request_headers
from rostersync.config.source import Bearer, CsvSource, NoAuth, OAuth1, OAuth2, RestSource, SftpSource
from rostersync.config.source import Source as SourceSection
from rostersync.sources.base import Source
from rostersync.wiring.sftp import open_sftp

if TYPE_CHECKING:
    from rostersync.sources.rest import settings as rest


def open_source(section: SourceSection, secrets: Secrets, clock: Callable[[], datetime]) -> Source:
    """Open a source; nothing is asked of it yet."""
    match section:
        case RestSource():
            return _rest(section, secrets, clock)
        case CsvSource():
            return _csv(section, clock)
        case SftpSource():
            return open_sftp(section, secrets, clock)


def _csv(section: CsvSource, clock: Callable[[], datetime]) -> Source:
    from rostersync.sources.csv.settings import CsvSettings  # noqa: PLC0415 - only where it is used
    from rostersync.sources.csv.source import CsvSource as Csv  # noqa: PLC0415 - as above

    return Csv(CsvSettings(section.path), clock=clock)


def _rest(section: RestSource, secrets: Secrets, clock: Callable[[], datetime]) -> Source:
    from rostersync.sources.rest import settings as rest  # noqa: PLC0415 - httpx takes a sixth of a second
    from rostersync.sources.rest.source import RestSource as Rest  # noqa: PLC0415 - as above

    settings = rest.RestSettings(
        version=section.version,
        url=effective_url(section),
        auth=_auth(section, secrets),
        page_size=section.page_size,
        concurrency=section.concurrency,
        timeout=float(section.timeout),
        deadline=section.deadline.total_seconds(),
        retries=section.retries,
        rate_limit=float(section.rate_limit),
        headers=request_headers(section, secrets),
        ca_file=section.ca_file,
        allow_http=section.allow_http,
        fields=section.fields,
    )
    return Rest(settings, clock=clock)


def _auth(section: RestSource, secrets: Secrets) -> rest.Auth:
    """Put the secrets into the way of signing in."""
    from rostersync.sources.rest import settings as rest  # noqa: PLC0415 - as above

    def secret(key: str) -> str:
        return secrets[f"source.auth.{key}"].get_secret_value()

    match section.auth:
        case OAuth2() as auth:
            scopes = effective_scopes(section, auth) or ("",)
            return rest.OAuth2(auth.token_url, auth.client_id, secret("client_secret"), auth.client_auth, scopes)
        case OAuth1() as auth:
            return rest.OAuth1(auth.client_id, secret("client_secret"), auth.signature_method)
        case Bearer():
            return rest.Bearer(secret("token"))
        case NoAuth():
            return rest.NoAuth()
