"""Why somebody is, or is not, in the roster: the engine over the stored snapshot, as of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from rostersync.config.schema import IntegrationConfig
from rostersync.engine.explain import explain
from rostersync.errors import UsageError
from rostersync.model.decision import Subject
from rostersync.pipeline.accounts import accounts_known
from rostersync.pipeline.inputs import inputs
from rostersync.store.database import Store
from rostersync.store.state import States


def explain_who(config: IntegrationConfig, store: Store, who: str, day: date) -> list[Subject]:
    """Everything decided about a person, class or enrollment as of a day; reads the store alone, and needs no secret.

    Rule 8 is left out while the directory has never been read: nobody can be said to be missing in it.
    Raises UsageError where nobody of that name is known.
    """
    state = States(store).read(config.name)
    known = inputs(config, store, day)
    if not accounts_known(config, state):
        known = replace(known, accounts=None)
    subjects = explain(known, who)
    if not subjects:
        raise _nobody(config.name, who, synced=state.source_identity is not None)
    return subjects


def _nobody(name: str, who: str, *, synced: bool) -> UsageError:
    """Say that nobody is called so, or that nobody can be known yet."""
    if not synced:
        hint = f"Its records are known after the first run: rostersync run {name}"
        return UsageError(f"{name} has never been synced, so that nothing is known of {who}", hint)
    return UsageError(
        f"{name} knows nobody and nothing called {who}",
        "WHO is a sourcedId of a user, class or enrollment, an email, or a username; new ones are known after a run.",
    )
