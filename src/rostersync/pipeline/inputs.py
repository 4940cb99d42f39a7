"""What the engine looks at, out of the store and the configuration; the same for run, preview and explain."""

from __future__ import annotations

from datetime import date

from rostersync.config.schema import IntegrationConfig
from rostersync.engine.work import Inputs
from rostersync.store.accounts import Accounts
from rostersync.store.database import Store
from rostersync.store.roster import Roster
from rostersync.store.snapshot import Snapshot


def inputs(config: IntegrationConfig, store: Store, day: date) -> Inputs:
    """Put the engine's inputs together; raises DirectoryError where `match.overrides` cannot be read."""
    name = config.name
    return Inputs(
        Snapshot(store, name),
        Roster(store, name),
        None if config.directory is None else Accounts(store, name),
        config.policy,
        day,
        overrides=settled_by_hand(config),
    )


def settled_by_hand(config: IntegrationConfig) -> dict[str, str]:
    """The accounts of `match.overrides` by sourcedId; raises DirectoryError where the file cannot be read."""
    if config.match.overrides is None:
        return {}
    from rostersync.directories.csv import read_overrides  # noqa: PLC0415 - only where it is used

    return read_overrides(config.match.overrides)
