"""What a connection to an SFTP server needs to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SshSettings:
    """The server, who signs in and how, and the file of the keys that the server may have; `timeout` is in seconds.

    Either `password` or `key_file` is given, `key_passphrase` only beside a key file that needs it.
    """

    host: str
    user: str
    known_hosts: Path
    port: int = 22
    password: str | None = field(default=None, repr=False)
    key_file: Path | None = None
    key_passphrase: str | None = field(default=None, repr=False)
    timeout: float = 60.0

    @property
    def place(self) -> str:
        """The server as it is named in messages."""
        return self.host if self.port == 22 else f"{self.host}:{self.port}"  # noqa: PLR2004 - SSH's own port
