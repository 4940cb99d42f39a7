"""Times as the store and the documents have them: RFC 3339 text in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rostersync.wiring import Integration

OVERLAP = timedelta(hours=1)
"""How far a delta reaches back behind the last fetch (architecture, "How a run is safe" 5)."""


def stamp(moment: datetime) -> str:
    """A moment as `YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """A moment read back from its text."""
    return datetime.fromisoformat(text)


def since(cursor: str) -> str:
    """What a delta asks for: the cursor less the overlap."""
    return stamp(moment(cursor) - OVERLAP)


def today(integration: Integration, asked: date | None) -> date:
    """D of rules.md: the day asked for, else today in the integration's time zone."""
    return asked or integration.clock().astimezone(integration.config.timezone).date()
