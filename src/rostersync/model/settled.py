"""What a plan decided, for as long as nothing that it was made from changes."""

from __future__ import annotations

from typing import NamedTuple

from rostersync.model.diagnostic import Diagnostic
from rostersync.model.run import Counts


class Settled(NamedTuple):
    """A verdict of the engine that left nothing to change, and how long it stands.

    `basis` is a digest of all that it was made from beside the store's own rows: options, overrides, program. It stands
    from the day `since` up to, and without, the day `until`, on which a date of the data begins to matter; None is
    forever.
    """

    basis: str
    since: str
    until: str | None
    counts: Counts
    diagnostics: tuple[Diagnostic, ...]

    def stands(self, basis: str, day: str) -> bool:
        """Whether it holds under this basis on this day (`YYYY-MM-DD`)."""
        return self.basis == basis and self.since <= day and (self.until is None or day < self.until)
