"""One run or preview as the parts of the story see it, fixed when it begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rostersync.model.run import Mode
from rostersync.pipeline.fetching import choose_mode
from rostersync.pipeline.options import Options
from rostersync.pipeline.times import today
from rostersync.pipeline.watch import Watch
from rostersync.store.base import IntegrationState
from rostersync.store.database import Store
from rostersync.store.state import States
from rostersync.wiring import Integration


@dataclass(frozen=True, slots=True)
class Job:
    """What is done to which integration, on which day (D of rules.md), from which state."""

    integration: Integration
    store: Store
    options: Options
    watch: Watch
    state: IntegrationState
    mode: Mode
    day: date

    @property
    def name(self) -> str:
        """The name of the integration."""
        return self.integration.name


def begin(integration: Integration, store: Store, options: Options, watch: Watch) -> Job:
    """Read the state that the last run left, and settle what this one sets out to do."""
    state = States(store).read(integration.name)
    mode = choose_mode(integration, state, options)
    return Job(integration, store, options, watch, state, mode, today(integration, options.day))
