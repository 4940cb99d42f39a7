"""The users without an account as of a day: a list that an administrator can work through (rule 8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from rostersync.config.schema import IntegrationConfig
from rostersync.engine.emails import UserPair, user_pairs
from rostersync.engine.people import GROUPS, PARENT, STUDENT
from rostersync.engine.reconcile import Reconciliation, reconcile
from rostersync.engine.verdicts import KEPT
from rostersync.engine.work import Inputs
from rostersync.errors import UsageError
from rostersync.model.snapshot import User
from rostersync.pipeline.accounts import need_accounts
from rostersync.pipeline.inputs import inputs
from rostersync.pipeline.suggesting import Suggestion, suggest
from rostersync.store.database import Store
from rostersync.store.state import States


class School(NamedTuple):
    """One of the orgs that a user counts for."""

    sourced_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A user without an account: excluded, or kept without one (`kept`); `why` says what the search has come to."""

    sourced_id: str
    user: User
    role: str
    schools: tuple[School, ...]
    kept: bool
    why: str
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def name(self) -> str:
        """Given and family name, else the username, else the sourcedId."""
        name = " ".join(filter(None, (self.user.given_name, self.user.family_name)))
        return name or self.user.username or self.sourced_id


@dataclass(frozen=True, slots=True)
class Missing:
    """The users without an account by school and name, and whom `match.overrides` names that the source lacks."""

    users: tuple[Unmatched, ...]
    strangers: tuple[str, ...]


def find_unmatched(config: IntegrationConfig, store: Store, day: date, *, suggestions: bool = False) -> Missing:
    """Find the users without an account as of a day; reads the store alone, and needs no secret.

    Raises UsageError without a directory, and before the first run with it.
    """
    _refuse(config, store)
    known = inputs(config, store, day)
    done = reconcile(known)
    found = sorted(_users(done), key=lambda each: (each.schools[:1], each.role, each.name.casefold(), each.sourced_id))
    strangers = sorted(name for name in known.overrides if name not in done.decided.people.ids)
    return Missing(tuple(_suggested(found, known, done) if suggestions else found), tuple(strangers))


def _refuse(config: IntegrationConfig, store: Store) -> None:
    state = States(store).read(config.name)
    if config.directory is None:
        hint = "Add one (docs/directories.md); without it every user counts as matched."
        raise UsageError(f"{config.name} has no directory to miss users in", hint)
    if state.source_identity is None:
        hint = f"Its users are known after the first run: rostersync run {config.name}"
        raise UsageError(f"{config.name} has never been synced", hint)
    need_accounts(config, state)


def _users(done: Reconciliation) -> Iterator[Unmatched]:
    """Yield the users without an account in the order of their places."""
    people, accounts, orgs = done.decided.people, done.decided.matches.accounts, done.decided.orgs
    if accounts is None:
        return
    for pair in user_pairs(done.inputs.snapshot, done.inputs.roster):
        if people.unmatched[pair.place]:
            yield Unmatched(
                pair.sourced_id,
                pair.user,
                _role(done, pair),
                tuple(School(org, orgs.name(org)) for org in people.orgs(pair.place)),
                people.why[pair.place] == KEPT,
                accounts.find(pair.sourced_id, pair.user, tied=None).because,
            )


def _role(done: Reconciliation, pair: UserPair) -> str:
    """The group in which the user was looked up; who was excluded since is in none any more."""
    people, standing = done.decided.people, done.decided.people.standing[pair.place]
    sync = done.inputs.policy.sync
    groups = people.groups[pair.place]
    if not groups:
        groups = standing.groups if standing.open else standing.all_groups if pair.place in people.via else 0
        groups &= sum(GROUPS[name] for name in set(sync.roles)) | PARENT
        if sync.respect_enrollment_dates and done.decided.enrollments.has_left(pair.place):
            groups &= ~STUDENT
    return next((name for name, bit in GROUPS.items() if groups & bit), "parent")


def _suggested(found: list[Unmatched], known: Inputs, done: Reconciliation) -> Iterator[Unmatched]:
    """Add the nearest accounts, those that belong to nobody first."""
    taken = _taken(done)
    wanted = {each.sourced_id: each.user for each in found}
    near = suggest(wanted, known.accounts or (), taken, match_disabled=known.policy.match.match_disabled)
    for each in found:
        yield replace(each, suggestions=near.get(each.sourced_id, ()))


def _taken(done: Reconciliation) -> dict[str, str]:
    """The accounts that have been matched, and one of the users whose they are."""
    people, matches = done.decided.people, done.decided.matches
    owners = ((matches.account_id(place), sourced_id) for place, sourced_id in enumerate(people.ids))
    return {account: sourced_id for account, sourced_id in owners if account is not None}


__all__ = ["Missing", "School", "Suggestion", "Unmatched", "find_unmatched"]
