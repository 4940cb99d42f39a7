"""What the SFTP source needs to know."""

from __future__ import annotations

from dataclasses import dataclass

from rostersync.ssh.settings import SshSettings


@dataclass(frozen=True, slots=True)
class SftpSettings:
    """`source.*` of contract §1 for an SFTP source.

    `path` is a folder, a zip, or a glob of which the newest by name counts. A connection that breaks off is opened
    again `retries` times; the whole download may take `deadline` seconds.
    """

    ssh: SshSettings
    path: str
    retries: int = 5
    deadline: float = 14400.0
