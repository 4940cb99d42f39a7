"""Where the steps of the engine write down why they decided as they did, for the few records that somebody asks about.

The rules run once, in one place; `explain` is the same run with a notebook that watches some records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rostersync.model.decision import Step
from rostersync.model.kind import Kind


class Notes:
    """The steps taken about the watched records. With nothing to watch it costs one look into an empty set a record."""

    def __init__(self, watched: Mapping[Kind, Iterable[str]] | None = None) -> None:
        """Watch these sourcedIds of each kind."""
        asked = watched or {}
        self.watched = {kind: frozenset(asked.get(kind, ())) for kind in Kind}
        self._steps: dict[tuple[Kind, str], list[Step]] = {}

    def say(self, kind: Kind, sourced_id: str, rule: str, outcome: str, because: str) -> None:
        """Write one step down, if the record is watched."""
        if sourced_id in self.watched[kind]:
            self._steps.setdefault((kind, sourced_id), []).append(Step(rule, outcome, because))

    def of(self, kind: Kind, sourced_id: str) -> tuple[Step, ...]:
        """The steps about one record, in the order of work."""
        return tuple(self._steps.get((kind, sourced_id), ()))
