"""How a connection to an SFTP server is opened; paramiko, an extra, is loaded when the first one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rostersync.ssh.failures import not_installed
from rostersync.ssh.settings import SshSettings

if TYPE_CHECKING:
    from rostersync.ssh.session import Session


def connect(settings: SshSettings) -> Session:
    """Connect to a server whose key is known, and sign in; to be used as a context manager.

    Raises SshError: RS-SRC-007 for a host key that is not trusted, RS-AUTH-003 for a refused login, RS-CFG-004 for a
    key file that cannot be used, RS-NET-001 and RS-NET-003 for what may pass, RS-CFG-003 without the extra.
    """
    try:
        from rostersync.ssh.session import Session  # noqa: PLC0415 - an extra
    except ImportError:
        raise not_installed() from None
    return Session(settings)
