"""From configuration to adapters: the only place that knows which type of source stands behind which name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from rostersync.config import adapters
from rostersync.config.identity import effective_scopes, effective_url, settings_digest, source_identity
from rostersync.config.load import Config
from rostersync.config.schema import IntegrationConfig
from rostersync.config.secrets import Secrets, read_secrets, request_headers
from rostersync.config.source import Bearer, NoAuth, OAuth1, OAuth2, RestSource
from rostersync.directories.base import Directory
from rostersync.model.policy import Policy
from rostersync.outputs.apple_school_manager import AppleSchoolManager
from rostersync.outputs.base import Output
from rostersync.outputs.jsonl import JsonLines
from rostersync.outputs.oneroster_csv import OneRosterCsv
from rostersync.outputs.school_data_sync import SchoolDataSync
from rostersync.sources.base import Source

if TYPE_CHECKING:
    from rostersync.sources.rest import settings as rest

Clock = Callable[[], datetime]
"""Tells the time, with its zone."""


@dataclass(frozen=True, slots=True)
class Integration:
    """One integration, ready to be used: its configuration, and the adapters behind it."""

    config: IntegrationConfig
    open_source: Callable[[], Source]
    clock: Clock
    retain_runs_days: int = 400
    open_directory: Callable[[], Directory] | None = None

    @property
    def name(self) -> str:
        """The name used on the command line."""
        return self.config.name

    @property
    def outputs(self) -> tuple[Output, ...]:
        """Where the roster goes after a run, in the order of the configuration."""
        return tuple(open_output(section, self.config) for section in self.config.outputs)

    @property
    def policy(self) -> Policy:
        """What the engine is asked to do."""
        return self.config.policy

    @property
    def identity(self) -> str:
        """Which source it is (RS-CFG-006)."""
        return source_identity(self.config)

    @property
    def digest(self) -> str:
        """What changes when the integration is edited."""
        return settings_digest(self.config)


def wire(config: Config, name: str, clock: Clock, env: Mapping[str, str]) -> Integration:
    """Put an integration together, its secrets read; nothing is opened or asked yet.

    Raises UsageError for an unknown name (RS-CFG-005) and ConfigError for secrets that cannot be had (RS-CFG-004).
    """
    integration = config.integration(name)
    secrets = read_secrets(config, name, env)
    return Integration(integration, lambda: _source(integration, secrets, clock), clock, config.store.retain_runs_days)


def open_output(section: adapters.Output, config: IntegrationConfig) -> Output:
    """Put an output of an integration together; nothing is written yet."""
    match section:
        case adapters.OneRosterOutput():
            version: Literal["1.1", "1.2"] = "1.1" if section.format == "oneroster-1.1" else "1.2"
            return OneRosterCsv(version, section.path, config.partner_id, section.spreadsheet_safe)
        case adapters.SchoolDataSyncOutput():
            return SchoolDataSync(section.path, section.spreadsheet_safe)
        case adapters.AppleSchoolManagerOutput():
            return AppleSchoolManager(section.path, section.spreadsheet_safe, section.archived_for)
        case adapters.JsonLinesOutput():
            return JsonLines(section.path, config.name, config.partner_id)


def _source(config: IntegrationConfig, secrets: Secrets, clock: Clock) -> Source:
    """Open the source; the configuration has refused every type that is not built."""
    if not isinstance(config.source, RestSource):
        raise TypeError(config.source)
    return _rest(config.source, secrets, clock)


def _rest(source: RestSource, secrets: Secrets, clock: Clock) -> Source:
    """Open a REST source; its code is loaded when the first one is."""
    from rostersync.sources.rest import settings as rest  # noqa: PLC0415 - httpx takes a sixth of a second
    from rostersync.sources.rest.source import RestSource as Rest  # noqa: PLC0415 - as above

    auth = _rest_auth(source, secrets)
    return Rest(
        rest.RestSettings(
            version=source.version,
            url=effective_url(source),
            auth=auth,
            page_size=source.page_size,
            concurrency=source.concurrency,
            timeout=float(source.timeout),
            deadline=source.deadline.total_seconds(),
            retries=source.retries,
            rate_limit=float(source.rate_limit),
            headers=request_headers(source, secrets),
            ca_file=source.ca_file,
            allow_http=source.allow_http,
        ),
        clock=clock,
    )


def _rest_auth(source: RestSource, secrets: Secrets) -> rest.Auth:
    """Put the secrets into the way of signing in."""
    from rostersync.sources.rest import settings as rest  # noqa: PLC0415 - as above

    def secret(key: str) -> str:
        return secrets[f"source.auth.{key}"].get_secret_value()

    match source.auth:
        case OAuth2() as auth:
            scopes = effective_scopes(source, auth) or ("",)
            return rest.OAuth2(auth.token_url, auth.client_id, secret("client_secret"), auth.client_auth, scopes)
        case OAuth1() as auth:
            return rest.OAuth1(auth.client_id, secret("client_secret"), auth.signature_method)
        case Bearer():
            return rest.Bearer(secret("token"))
        case NoAuth():
            return rest.NoAuth()
