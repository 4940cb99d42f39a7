"""Packs a folder into a zip whose bytes depend on its files alone."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import BinaryIO

_UNIX = 3
_MODE = 0o100600 << 16  # a regular file, private to its owner
_CHUNK = 1 << 20


def pack(folder: Path, file: BinaryIO) -> None:
    """Write the files of a folder into a zip, sorted by name and without their times."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=False) as archive:
        for path in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(path.name)
            entry.create_system, entry.external_attr = _UNIX, _MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(entry, "w") as member:
                shutil.copyfileobj(source, member, _CHUNK)
