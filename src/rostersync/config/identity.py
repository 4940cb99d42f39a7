"""Which source an integration reads, and whether its settings have changed (contract §2)."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlsplit

from rostersync.config.schema import IntegrationConfig
from rostersync.config.source import CsvSource, OAuth2, RestSource, Section
from rostersync.signals import undisturbed

_ROOTS = {"1.1": "/ims/oneroster/v1p1", "1.2": "/ims/oneroster/rostering/v1p2"}
_PORTS = {"http": 80, "https": 443}
_SCOPES = ("roster-core.readonly", "roster.readonly")


def effective_url(source: RestSource) -> str:
    """Give the root of the API without a slash at its end (contract §1, `source.url`).

    A URL without /ims/oneroster in its path gets the path of the version appended.
    """
    url = source.url.rstrip("/")
    return url if "/ims/oneroster" in urlsplit(url).path else url + _ROOTS[source.version]


def effective_scopes(source: RestSource, auth: OAuth2) -> tuple[str, ...]:
    """Give the scopes to ask for: by default core and roster.readonly of the version; `[""]` is none."""
    if auth.scopes:
        return tuple(scope for scope in auth.scopes if scope)
    version = source.version.replace(".", "p")
    return tuple(f"https://purl.imsglobal.org/spec/or/v{version}/scope/{scope}" for scope in _SCOPES)


def source_identity(config: IntegrationConfig) -> str:
    """Name the source by type, version and place, for RS-CFG-006: equal texts are the same source."""
    source = config.source
    if isinstance(source, RestSource):
        return f"rest {source.version} {_normal(effective_url(source))}"
    if isinstance(source, CsvSource):
        return f"csv {source.path}"
    return f"sftp {source.host.lower()}:{source.port} {source.path}"


def _normal(url: str) -> str:
    """Write scheme and host in small letters and leave out the scheme's own port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host.rstrip(".")
    port = "" if parts.port in {None, _PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path}"


def settings_digest(config: IntegrationConfig) -> str:
    """Hash what makes an integration "edited" when it changes: source, schools, sync and match.

    Gives 64 hexadecimal digits. Vendor defaults are resolved; secrets go in by their references. How much of a record
    is asked for is left out: what is read of it is the same.
    """
    told = {"source", "schools", "sync", "match"}
    return _hash(_plain(config, include=told, exclude={"source": {"fields"}}))


def decision_digest(config: IntegrationConfig) -> str:
    """Hash the settings that decide what becomes of data that is there, wherever it came from.

    Gives 64 hexadecimal digits.
    """
    return _hash(_plain(config, include={"schools", "sync", "match", "limits", "directory"}))


def directory_digest(config: IntegrationConfig) -> str | None:
    """Hash what decides which accounts are read and what of them; None without a directory.

    Gives 64 hexadecimal digits. What is applied to accounts that have been read is left out.
    """
    if config.directory is None:
        return None
    directory = _plain(config.directory, exclude={"match_disabled", "max_age"})
    return _hash({"directory": directory, "by": config.match.by})


def _plain(section: Section, **chosen: Any) -> dict[str, Any]:  # noqa: ANN401 - what model_dump takes
    """Give the values of a section; pydantic would swallow an interrupt that comes while it tells a union apart."""
    with undisturbed():
        return section.model_dump(mode="json", **chosen)


def _hash(settings: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
