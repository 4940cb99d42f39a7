"""What is the same for every directory that comes page by page: each account once, no page twice, no half directory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rostersync.directories.base import text
from rostersync.directories.web import broken
from rostersync.errors import DirectoryError
from rostersync.model.directory import Account
from rostersync.model.policy import MatchKey

KEYS: tuple[MatchKey, ...] = ("email", "username", "identifier", "userMasterIdentifier", "sourcedId")
User = Mapping[str, object]
"""An account as it stands in a page."""

_EMPTY = 100
"""So many empty pages in a row are no directory."""


class Reading:
    """One reading of a directory."""

    def __init__(self, places: Mapping[MatchKey, str], needed: Sequence[MatchKey]) -> None:
        """Take where the keys are read from, and those that are matched by."""
        self._places = places
        self._needed = needed
        self._ids: set[str] = set()
        self._marks: set[str] = set()
        self._fields: Counter[MatchKey] = Counter()
        self._empty = 0

    def stream(self, pages: Iterator[Sequence[Account]]) -> Iterator[Account]:
        """Stream the accounts of all pages, each once; raises DirectoryError for what is not whole.

        What cannot be reached any more after the first page is RS-DIR-003: a part of a directory is none.
        """
        try:
            for page in pages:
                yield from self._new(page)
        except DirectoryError as error:
            if error.code != "RS-DIR-001" or not self._ids:
                raise
            message = f"cut short after {len(self._ids):,} accounts: {error.message}"
            raise DirectoryError("RS-DIR-003", message, error.hint) from error
        self._finish()

    def step(self, mark: str) -> str:
        """Take the token or link of the next page, which must not have come before."""
        if mark in self._marks:
            raise broken("a page leads back to one before it")
        self._marks.add(mark)
        return mark

    def _new(self, page: Sequence[Account]) -> Iterator[Account]:
        fresh = {account.id: account for account in page if account.id not in self._ids}
        if page and not fresh:
            raise broken("a page came twice")
        self._empty = 0 if page else self._empty + 1
        if self._empty > _EMPTY:
            raise broken(f"{_EMPTY} empty pages came in a row")
        self._ids.update(fresh)
        for account in fresh.values():
            values = (
                account.emails,
                account.username,
                account.identifier,
                account.master_identifier,
                account.sourced_id,
            )
            self._fields.update(name for name, value in zip(KEYS, values, strict=True) if value)
            yield account

    def _finish(self) -> None:
        """See that what users are looked up by was there at all: names and rights are easily wrong."""
        if not self._ids or not self._needed or any(self._fields[name] for name in self._needed):
            return
        where = ", ".join(f"{name} ({self._places.get(name, 'read from nowhere')})" for name in self._needed)
        hint = "Check directory.attributes and match.by, and that these fields are filled in the directory."
        raise DirectoryError("RS-DIR-002", f"none of {len(self._ids):,} accounts has {where}", hint)


def account_id(user: User) -> str:
    """The id, without which nothing can be told apart."""
    found = string(user, "id")
    if found is None:
        raise broken("an account has no id")
    return found


def string(user: User, name: str) -> str | None:
    """A text of an account, trimmed; absent where it is absent, null or empty."""
    value = user.get(name)
    if value is not None and not isinstance(value, str):
        raise broken(f"{name} of an account is no text")
    return text(value)


def strings(user: User, name: str) -> list[str]:
    """A list of texts of an account."""
    value = user.get(name) or []
    if not isinstance(value, list) or not all(isinstance(member, str) for member in value):
        raise broken(f"{name} of an account is no list of texts")
    return value


def flag(user: User, name: str) -> bool | None:
    """A yes or no of an account."""
    value = user.get(name)
    if value is not None and not isinstance(value, bool):
        raise broken(f"{name} of an account is neither true nor false")
    return value
