"""How the story tells what it is doing, for a progress bar or for nobody."""

from __future__ import annotations

from typing import Protocol

from rostersync.model.kind import Kind


class Watch(Protocol):
    """Hears of each step of a run as it happens."""

    def phase(self, integration: str, phase: str) -> None:
        """A part of the story begins: fetch, merge, reconcile, apply."""
        ...

    def fetched(self, kind: Kind, rows: int, total: int | None) -> None:
        """So many rows of a collection have come, out of so many where the source says."""
        ...


class Unwatched:
    """Nobody looks."""

    def phase(self, integration: str, phase: str) -> None:
        """Say nothing."""

    def fetched(self, kind: Kind, rows: int, total: int | None) -> None:
        """Say nothing."""
