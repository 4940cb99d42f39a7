"""From configuration to adapters: the only place that knows which adapter stands behind which type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from rostersync.config.identity import settings_digest, source_identity
from rostersync.config.load import Config
from rostersync.config.schema import IntegrationConfig
from rostersync.config.secrets import read_secrets
from rostersync.config.source import CsvSource, RestSource
from rostersync.directories.base import Directory
from rostersync.errors import UsageError
from rostersync.model.policy import Policy
from rostersync.outputs.base import Output
from rostersync.sources.base import Source
from rostersync.wiring.directories import open_directory
from rostersync.wiring.outputs import open_output
from rostersync.wiring.sftp import delivered
from rostersync.wiring.sources import open_source

Clock = Callable[[], datetime]
"""Tells the time, with its zone."""


@dataclass(frozen=True, slots=True)
class Integration:
    """One integration, ready to be used: its configuration, and the adapters behind it.

    `open_directory` is None without a directory. `outputs` come in the order of the configuration.
    """

    config: IntegrationConfig
    open_source: Callable[[], Source]
    clock: Clock
    retain_runs_days: int = 400
    open_directory: Callable[[], Directory] | None = None
    outputs: tuple[Output, ...] = ()

    @property
    def name(self) -> str:
        """The name used on the command line."""
        return self.config.name

    @property
    def comes_as_package(self) -> bool:
        """Whether the source is a package of files, which says itself what it covers: all, or only what has changed."""
        return not isinstance(self.config.source, RestSource)

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
    directory = integration.directory
    return Integration(
        integration,
        lambda: open_source(integration.source, secrets, clock),
        clock,
        config.store.retain_runs_days,
        None if directory is None else lambda: open_directory(directory, integration.match.by, secrets),
        tuple(
            delivered(open_output(section, integration), section.sftp, secrets, place)
            for place, section in enumerate(integration.outputs)
        ),
    )


def from_file(integration: Integration, path: Path) -> Integration:
    """The same integration, but that a package given by hand is read in the place of its source's.

    It stays the source that is configured. Raises UsageError where that is no CSV source, or there is no such file.
    """
    section = integration.config.source
    if not isinstance(section, CsvSource):
        raise UsageError(
            f'--file uploads a package into an integration of source.type "csv", and {integration.name} is of '
            f'"{section.type}"',
            "Leave --file out, or add an integration of its own for the files.",
        )
    if not path.exists():
        raise UsageError(f"--file names no file that exists: {path}", "Name a zip or a folder with the CSV files.")
    uploaded = section.model_copy(update={"path": path.absolute()})
    return replace(integration, open_source=lambda: open_source(uploaded, {}, integration.clock))


__all__ = ["Clock", "Integration", "from_file", "open_output", "wire"]
