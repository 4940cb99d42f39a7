"""Zip files of OneRoster CSV, byte by byte."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fuzz.targets.reading import read

_FILES: Final = {
    "manifest.csv": "propertyName,value\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,bulk\n",
    "orgs.csv": "sourcedId,name,type\ns1,North,school\n",
    "users.csv": "sourcedId,enabledUser,orgSourcedIds,role,username\nu1,true,s1,student,ann\n",
}


def seeds() -> Iterator[bytes]:
    """Zips of the usual kinds, in a folder, with odd names, and cut short."""
    yield _zip(_FILES)
    yield _zip(_FILES, zipfile.ZIP_STORED)
    yield _zip({f"export/{name}": text for name, text in _FILES.items()})
    yield _zip(_FILES | {"../evil.csv": "a\n", "/root.csv": "b\n", "Users.CSV": "c\n", "a\\b.csv": "d\n"})
    yield _zip(_FILES | {"__MACOSX/._users.csv": "x", "nested.zip": "PK"})
    yield _zip(_FILES)[:-30]
    yield b"PK\x05\x06" + bytes(18)


def one(data: bytes) -> None:
    """Read a zip both ways."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "roster.zip"
        path.write_bytes(data)
        read(path)


def _zip(files: dict[str, str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack files, with a date that stands still."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, text in files.items():
            packed.writestr(zipfile.ZipInfo(name), text, method)
    return out.getvalue()
