"""How every integration stands: when it ran, when it is due, what the roster has of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rostersync.config.identity import settings_digest
from rostersync.config.load import Config
from rostersync.config.schedule import is_due, next_due
from rostersync.config.schema import IntegrationConfig
from rostersync.model.kind import Kind
from rostersync.pipeline.times import moment, stamp
from rostersync.store.database import Store
from rostersync.store.roster import Roster
from rostersync.store.run_log import Runs
from rostersync.store.state import States


@dataclass(frozen=True, slots=True)
class IntegrationStatus:
    """One integration as `status` shows it; `edited` is whether its settings changed since its last applied run."""

    name: str
    enabled: bool
    schedule: str | None
    next_due: str | None
    last_run_id: int | None
    last_status: str | None
    last_success_at: str | None
    last_sync_at: str | None
    edited: bool
    counts: dict[Kind, int]


def status_of(config: IntegrationConfig, store: Store, now: datetime) -> IntegrationStatus:
    """Gather how one integration stands."""
    runs = Runs(store)
    last, success = runs.last(config.name), runs.last_success(config.name)
    state = States(store).read(config.name)
    due = due_at(config, store, now)
    return IntegrationStatus(
        name=config.name,
        enabled=config.enabled,
        schedule=config.schedule.cron if config.schedule else None,
        next_due=stamp(due) if due is not None else None,
        last_run_id=last.id if last is not None else None,
        last_status=last.status if last is not None else None,
        last_success_at=success.finished_at if success is not None else None,
        last_sync_at=state.last_sync_at,
        edited=state.settings_digest is not None and state.settings_digest != settings_digest(config),
        counts=Roster(store, config.name).counts(),
    )


def due_at(config: IntegrationConfig, store: Store, now: datetime) -> datetime | None:
    """When the integration is next due: in the past where it has missed its time, now where it has never run."""
    if config.schedule is None:
        return None
    started = last_started(store, config.name)
    if started is None:
        return now if is_due(config.schedule, None, now) else None
    return next_due(config.schedule, started)


def last_started(store: Store, name: str) -> datetime | None:
    """When the integration's last run started, whatever became of it."""
    last = Runs(store).last(name)
    return moment(last.started_at) if last is not None else None


def due_names(config: Config, store: Store, now: datetime) -> list[str]:
    """The enabled integrations whose schedule has come due since their last run started (`run --due`)."""
    return [
        name
        for name, integration in config.integrations.items()
        if integration.enabled and is_due(integration.schedule, last_started(store, name), now)
    ]
