"""Why somebody is, or is not, in the roster: the engine over the stored snapshot, as of a day."""

from __future__ import annotations

from datetime import date

from rostersync.engine.explain import explain
from rostersync.engine.work import Inputs
from rostersync.errors import UsageError
from rostersync.model.decision import Subject
from rostersync.pipeline.times import today
from rostersync.store.database import Store
from rostersync.store.roster import Roster
from rostersync.store.snapshot import Snapshot
from rostersync.wiring import Integration


def explain_who(integration: Integration, store: Store, who: str, day: date | None) -> list[Subject]:
    """Everything decided about a person, class or enrollment; raises UsageError where nobody of that name is known."""
    roster = Roster(store, integration.name)
    inputs = Inputs(Snapshot(store, integration.name), roster, None, integration.policy, today(integration, day))
    subjects = explain(inputs, who)
    if not subjects:
        raise UsageError(
            f"{integration.name} knows nobody and nothing called {who}",
            "WHO is a sourcedId of a user, class or enrollment, an email, or a username; a new record is known after a run.",
        )
    return subjects
