"""From configuration to what goes over SFTP: a source, and the delivery of an output."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rostersync.config.secrets import Secrets
from rostersync.config.source import SftpAccess, SftpSource
from rostersync.outputs.base import Output
from rostersync.outputs.upload import Uploaded
from rostersync.sources.base import Source
from rostersync.ssh.settings import SshSettings


def open_sftp(section: SftpSource, secrets: Secrets, clock: Callable[[], datetime]) -> Source:
    """Open an SFTP source; nothing is asked of it yet."""
    from rostersync.sources.sftp import SftpSettings  # noqa: PLC0415 - only where it is used
    from rostersync.sources.sftp import SftpSource as Sftp  # noqa: PLC0415 - as above

    access = ssh_settings(section, secrets, "source")
    return Sftp(SftpSettings(access, section.path, section.retries, section.deadline.total_seconds()), clock=clock)


def delivered(output: Output, delivery: SftpAccess | None, secrets: Secrets, place: int) -> Output:
    """Let an output, the one at this place of the configuration, also go to a server where it has a delivery."""
    if delivery is None:
        return output
    return Uploaded(output, ssh_settings(delivery, secrets, f"outputs.{place}.sftp"), delivery.path)


def ssh_settings(access: SftpAccess, secrets: Secrets, key: str) -> SshSettings:
    """Put the secrets that stand below `key` into what a connection needs to know."""

    def secret(name: str) -> str | None:
        kept = secrets.get(f"{key}.{name}")
        return None if kept is None else kept.get_secret_value()

    return SshSettings(
        host=access.host,
        user=access.user,
        known_hosts=access.known_hosts,
        port=access.port,
        password=secret("password"),
        key_file=access.key_file,
        key_passphrase=secret("key_passphrase"),
        timeout=float(access.timeout),
    )
