"""Rule 8: which account of the school's directory belongs to which user."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from rostersync.engine.emails import UserPair
from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.directory import Account
from rostersync.model.kind import Kind
from rostersync.model.policy import Match, MatchKey
from rostersync.model.snapshot import User

_SEVERAL = -2
_USER_KEYS: dict[MatchKey, Callable[[str, User], str | None]] = {
    "email": lambda _, user: user.email,
    "username": lambda _, user: user.username,
    "identifier": lambda _, user: user.identifier,
    "userMasterIdentifier": lambda _, user: user.master_identifier,
    "sourcedId": lambda sourced_id, _: sourced_id,
}
_ACCOUNT_KEYS: dict[MatchKey, Callable[[Account], Iterable[str | None]]] = {
    "email": lambda account: account.emails,
    "username": lambda account: (account.username,),
    "identifier": lambda account: (account.identifier,),
    "userMasterIdentifier": lambda account: (account.master_identifier,),
    "sourcedId": lambda account: (account.sourced_id,),
}


class Found(NamedTuple):
    """The result of a search: the account's place, and by which key; `several` where the search ended without one."""

    account: int | None
    because: str
    several: bool = False


class Accounts:
    """The directory's accounts, indexed by the keys that are matched by, trimmed and case-folded."""

    def __init__(self, accounts: Iterable[Account], match: Match, overrides: Mapping[str, str]) -> None:
        """Index the accounts, the disabled ones only with `match_disabled`; `overrides` settle a user's account."""
        self.ids: list[str] = []
        self._by = match.by
        self._overrides = overrides
        self._settled = frozenset(overrides.values())
        self._disabled: set[str] = set()
        self._places: dict[str, int] = {}
        self._index: dict[MatchKey, dict[str, int]] = {key: {} for key in match.by}
        for account in accounts:
            if match.match_disabled or not account.disabled:
                self._add(account)
            elif account.id in self._settled:
                self._disabled.add(account.id)

    def _add(self, account: Account) -> None:
        place = self._places.setdefault(account.id, len(self.ids))
        if place == len(self.ids):
            self.ids.append(account.id)
        for key, index in self._index.items():
            for value in filter(None, map(_fold, _ACCOUNT_KEYS[key](account))):
                index[value] = place if index.get(value, place) == place else _SEVERAL

    def find(self, sourced_id: str, user: User, tied: str | None) -> Found:
        """The account of a user: settled by hand, else tied by the roster, which wins over a key that has moved."""
        settled = self._overrides.get(sourced_id)
        if settled is not None:
            return self._by_hand(settled)
        if tied is not None and tied in self._places:
            return Found(self._places[tied], f"the roster ties account {tied} to this user")
        for key in self._by:
            value = _fold(_USER_KEYS[key](sourced_id, user))
            place = self._index[key].get(value) if value else None
            if place == _SEVERAL:
                return Found(None, f"several accounts have the {key} {value}", several=True)
            if place is not None:
                return Found(place, f"account {self.ids[place]} has the {key} {value}")
        return Found(None, f"no account has the same {' or '.join(self._by)}")

    def _by_hand(self, account_id: str) -> Found:
        """The account that `match.overrides` names; no key speaks against it, nor for another one."""
        place = self._places.get(account_id)
        if place is None:
            why = "is disabled" if account_id in self._disabled else "the directory does not have"
            return Found(None, f"match.overrides names account {account_id}, which {why}")
        return Found(place, f"match.overrides names account {account_id}")


class Matches:
    """Which account each user has, by place; -1 for none. Without a directory nobody has one and everybody counts."""

    def __init__(self, accounts: Accounts | None, users: int) -> None:
        """Start with nobody matched."""
        self.accounts = accounts
        self._place = array("i", [-1]) * (users if accounts is not None else 0)

    def account_id(self, user: int) -> str | None:
        """The account of the user at this place."""
        if self.accounts is None or self._place[user] < 0:
            return None
        return self.accounts.ids[self._place[user]]

    def search(self, pairs: Iterable[UserPair], wanted: Callable[[int], bool]) -> Iterator[tuple[UserPair, Found]]:
        """Look every wanted user up, keep the account, and yield what was found."""
        if self.accounts is None:
            return
        for pair in pairs:
            if wanted(pair.place):
                tied = pair.active.account_id if pair.active is not None else None
                found = self.accounts.find(pair.sourced_id, pair.user, tied)
                if found.account is not None:
                    self._place[pair.place] = found.account
                yield pair, found


def _fold(value: str | None) -> str | None:
    return None if value is None else value.strip().casefold() or None


def unmatched(sourced_id: str, found: Found, school: str | None) -> Diagnostic:
    """Say why a user has no account."""
    if found.several:
        hint = "Make the value unique in the directory, or put a more exact key first in match.by."
        return Diagnostic(
            Code.USER_AMBIGUOUS, f"{sourced_id} is unmatched: {found.because}", hint, Kind.USERS, sourced_id, school
        )
    hint = "Create the account, correct the value in the SIS or the directory, or add a key to match.by."
    return Diagnostic(
        Code.USER_UNMATCHED, f"{sourced_id} is unmatched: {found.because}", hint, Kind.USERS, sourced_id, school
    )
