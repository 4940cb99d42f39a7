"""What is done to an integration beside running it: reset and purge."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from rostersync.pipeline.times import stamp
from rostersync.store.database import Store
from rostersync.store.lock import Holder, integration_lock
from rostersync.store.roster import Roster
from rostersync.store.run_log import Runs
from rostersync.store.state import States


@contextmanager
def held(store: Store, name: str, now: datetime) -> Iterator[None]:
    """Hold an integration against runs; raises Locked where one is under way. A throw-away store is nobody else's."""
    if store.path is None:
        yield
        return
    with integration_lock(store.path, name, Holder(os.getpid(), socket.gethostname(), stamp(now))):
        yield


def reset(store: Store, name: str, now: datetime) -> None:
    """Clear the last sync date, so that the next run is full; removes no synced data."""
    with held(store, name, now):
        States(store).reset(name)


def has_data(store: Store, name: str) -> bool:
    """Whether the store has anything of an integration, in the configuration or not: a state, a run, or a roster."""
    if name in States(store).names() or Runs(store).last(name) is not None:
        return True
    return any(Roster(store, name).counts().values())


def purge(store: Store, name: str, now: datetime) -> None:
    """Delete everything that the store has of an integration."""
    with held(store, name, now):
        States(store).purge(name)
