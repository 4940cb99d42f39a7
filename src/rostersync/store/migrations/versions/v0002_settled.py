"""What the last plan decided, so that a day on which nothing changes need not be planned."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SETTLED = """
    CREATE TABLE settled (
        integration VARCHAR NOT NULL PRIMARY KEY, basis VARCHAR NOT NULL, since VARCHAR NOT NULL, until VARCHAR,
        body BLOB NOT NULL
    ) WITHOUT ROWID
"""


def upgrade() -> None:
    """Make the table."""
    op.execute(_SETTLED)
