"""The SFTP source: a OneRoster CSV package that a vendor puts on an SFTP server."""

from rostersync.sources.sftp.settings import SftpSettings
from rostersync.sources.sftp.source import SftpSource

__all__ = ["SftpSettings", "SftpSource"]
