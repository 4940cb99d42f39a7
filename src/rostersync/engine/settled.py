"""When a plan need not be made again: nothing that it was made from has changed (architecture, "Speed and memory")."""

from __future__ import annotations

from rostersync.engine.reconcile import Reconciliation
from rostersync.model.codes import Code

_LOOKS_BACK = frozenset({Code.USER_EMAIL_TAKEN, Code.USER_AMBIGUOUS})
"""What is decided by the rows that are there already, and so perhaps otherwise once the plan is applied."""


def settles(done: Reconciliation, *, empty: bool) -> bool:
    """Whether planning again after this plan, until `done.until`, comes to the same numbers and findings and no change.

    A plan that is empty leaves its inputs as they were. Any other changes the roster, which the rules look at where
    they settle who keeps an email or an account (rules 7 and 8), and which classes there are to be synced (rule 5). A
    held school has to be looked at every day.
    """
    if done.held or empty:
        return not done.held
    sync = done.inputs.policy.sync
    if sync.missing_classes == "ignore" and sync.removed_classes == "delete":
        return False
    return _LOOKS_BACK.isdisjoint(found.code for found in done.diagnostics)
