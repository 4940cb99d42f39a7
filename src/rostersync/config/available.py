"""What the schema already knows and this version can not do yet; taking an entry out makes it available."""

from __future__ import annotations

NOT_AVAILABLE: frozenset[tuple[str, str]] = frozenset(
    {
        ("source", "sftp"),
    }
)
"""(section, type or format) of every adapter that is not built yet."""
