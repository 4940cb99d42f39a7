"""What stands on an SFTP server."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """What stands at a path: `size` in bytes, `modified` in seconds since 1970 by the server's clock."""

    name: str
    is_file: bool
    is_folder: bool
    size: int
    modified: int
