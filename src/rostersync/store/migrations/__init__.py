"""The revisions of the schema, oldest first; what is released is never changed, only followed by another."""

from __future__ import annotations

from pathlib import Path
from typing import Final

REVISIONS: Final = ("0001", "0002")
"""Every revision that this program knows, so that opening a store needs no Alembic."""

LOCATION: Final = Path(__file__).parent
"""Where Alembic finds env.py and the revisions, also in an installed wheel."""
