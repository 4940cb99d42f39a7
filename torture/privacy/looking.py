"""Looks into files byte by byte, also into what is compressed there."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Final

_WORDS: Final = re.compile(rb"[A-Za-z0-9@._\-]{4,}")
_PIECE: Final = 24


def contents(folder: Path) -> dict[Path, bytes]:
    """The bytes of every file, with what is packed in a zip behind them."""
    return {path: unpacked(path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()}


def unpacked(content: bytes) -> bytes:
    """The bytes of a file and, where it is a zip, those of its members."""
    if not content.startswith(b"PK\x03\x04"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return content + b"".join(packed.read(name) for name in packed.namelist())


def words(content: bytes) -> set[bytes]:
    """What stands in bytes that could be a name, an identifier or an address."""
    return set(_WORDS.findall(content))


def frames(store: Path, run: int | None = None) -> list[bytes]:
    """Pieces out of the middle of every compressed frame of a plan in a store, or of those of one run."""
    where = "" if run is None else f" WHERE run_id = {run:d}"
    with closing(sqlite3.connect(store)) as connection:
        bodies = [body for (body,) in connection.execute(f"SELECT body FROM plan_chunk{where}")]  # noqa: S608 - a number
    return [body[start : start + _PIECE] for body in bodies for start in range(8, len(body) - _PIECE, 512)]
