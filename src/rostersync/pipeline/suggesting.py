"""Which accounts come near to users that no key has found, and why one might think so.

An account has no name, but its address and user name are mostly made of one. Only what begins or ends alike is
compared: of 100,000 accounts a few hundred for each user.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from rapidfuzz import fuzz, process

from rostersync.model.directory import Account
from rostersync.model.snapshot import User

LIMIT = 3
"""How many accounts are suggested for a user at most."""

_SAME, _OTHER_DOMAIN, _INITIAL = 100, 98, 85
_NEAR = 84  # in percent; below it, people with different names begin to look alike
_BLOCK = 3
_LETTERS = re.compile(r"[\W\d_]+")
_DIGITS = re.compile(r"\D+")


class Suggestion(NamedTuple):
    """An account that may be the user's; `score` is 100 where a key is the same, else how alike in percent."""

    account_id: str
    email: str | None
    score: int
    why: str


class Handle(NamedTuple):
    """What an address or a user name, or the name of a person, is made of: its letters and its digits."""

    letters: str
    digits: str
    shown: str


class _Near(NamedTuple):
    """One way in which an account comes near to a user."""

    score: int
    why: str
    account: Account


_Candidate = tuple[Handle, str, Account]
_Block = tuple[list[str], list[_Candidate]]  # the letters, as they are compared, and whose they are


def suggest(
    users: Mapping[str, User], accounts: Iterable[Account], taken: Mapping[str, str], *, match_disabled: bool
) -> dict[str, tuple[Suggestion, ...]]:
    """Find the nearest accounts of each user, by sourcedId; reads the accounts once, and keeps those that may be near.

    `taken` has the accounts that are matched already and whose they are: only an equal key suggests one of those.
    """
    keys = _Keys(users)
    names = _Names(users)
    found: dict[str, dict[str, _Near]] = defaultdict(dict)
    for account in accounts:
        for sourced_id, near in keys.near(account):
            _keep(found[sourced_id], near)
        if account.id not in taken:
            names.collect(account)
    for sourced_id, near in names.near():
        _keep(found[sourced_id], near)
    return {
        sourced_id: tuple(_told(near, taken, match_disabled=match_disabled) for near in _best(nears.values()))
        for sourced_id, nears in found.items()
    }


def handle(text: str) -> Handle:
    """Part a text into letters, without case and accents, and digits; of an address only what stands before the @."""
    local = text.partition("@")[0].strip()
    plain = local if local.isascii() else unicodedata.normalize("NFKD", local)
    folded = "".join(sign for sign in plain if not unicodedata.combining(sign)) if plain is not local else plain
    return Handle(_LETTERS.sub("", folded.casefold()), _DIGITS.sub("", folded), text.strip())


class _Keys:
    """Finds accounts that have a value of a user, in whatever field of theirs."""

    def __init__(self, users: Mapping[str, User]) -> None:
        self._wanted: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for sourced_id, user in users.items():
            for name, value in _values(sourced_id, user):
                self._wanted[_fold(value)].append((sourced_id, name))

    def near(self, account: Account) -> Iterator[tuple[str, _Near]]:
        for name, value in _fields(account):
            for sourced_id, mine in self._wanted.get(_fold(value), ()):
                why = f"has the same {mine} {value}" if name == mine else f"its {name} is the {mine} {value}"
                yield sourced_id, _Near(_SAME, why, account)


class _Names:
    """Compares the letters of users' addresses, user names and names with those of accounts."""

    def __init__(self, users: Mapping[str, User]) -> None:
        self._asked = {sourced_id: list(_handles(user)) for sourced_id, user in users.items()}
        asked = [one.letters for handles in self._asked.values() for _, one in handles]
        self._blocks: dict[str, _Block] = {block: ([], []) for letters in asked for block in _blocks(letters)}
        self._initials = {sourced_id: frozenset(_initials(user)) for sourced_id, user in users.items()}
        self._short: dict[str, list[_Candidate]] = {
            letters: [] for initials in self._initials.values() for letters in initials
        }

    def collect(self, account: Account) -> None:
        """Keep an account where it begins or ends like what is asked for."""
        called = [("username", account.username)] if account.username else []
        for name, value in [*(("email", email) for email in account.emails), *called]:
            one = handle(value)
            kept = (one, name, account)
            for block in _blocks(one.letters):
                if block in self._blocks:
                    self._blocks[block][0].append(one.letters)
                    self._blocks[block][1].append(kept)
            if one.letters in self._short:
                self._short[one.letters].append(kept)

    def near(self) -> Iterator[tuple[str, _Near]]:
        for sourced_id, handles in self._asked.items():
            for name, asked in handles:
                for block in _blocks(asked.letters):
                    for near in self._in_block(name, asked, block):
                        yield sourced_id, near
            for letters in self._initials[sourced_id]:
                for one, name, account in self._short[letters]:
                    yield (
                        sourced_id,
                        _Near(_INITIAL, f"its {name} {one.shown} is like an initial and the name", account),
                    )

    def _in_block(self, name: str, asked: Handle, block: str) -> Iterator[_Near]:
        letters, candidates = self._blocks[block]
        near = process.extract(asked.letters, letters, scorer=fuzz.ratio, score_cutoff=_NEAR, limit=None)
        for _, score, place in near:
            one, of, account = candidates[place]
            if asked.digits and one.digits and asked.digits != one.digits:
                continue
            yield _Near(*_compared(name, asked, of, one, score), account)


def _compared(name: str, asked: Handle, of: str, one: Handle, score: float) -> tuple[int, str]:
    """How near two handles are, and what to say of it."""
    if name == of == "email" and _fold(asked.shown).partition("@")[0] == _fold(one.shown).partition("@")[0]:
        return _OTHER_DOMAIN, f"its email {one.shown} is {asked.shown} in another domain"
    same = asked[:2] == one[:2]
    return min(round(score), _OTHER_DOMAIN - 1 - (not same)), f"its {of} {one.shown} is like the {name} {asked.shown}"


def _values(sourced_id: str, user: User) -> Iterator[tuple[str, str]]:
    """The values of a user that are keys, by the names of `match.by`."""
    named = {
        "email": user.email,
        "username": user.username,
        "identifier": user.identifier,
        "userMasterIdentifier": user.master_identifier,
        "sourcedId": sourced_id,
    }
    yield from ((name, value) for name, value in named.items() if value)


def _fields(account: Account) -> Iterator[tuple[str, str]]:
    """The values of an account that are keys."""
    named = {
        "username": account.username,
        "identifier": account.identifier,
        "userMasterIdentifier": account.master_identifier,
        "sourcedId": account.sourced_id,
    }
    yield from (("email", email) for email in account.emails)
    yield from ((name, value) for name, value in named.items() if value)


def _handles(user: User) -> Iterator[tuple[str, Handle]]:
    """What of a user is compared; the name both ways round."""
    named = {"email": user.email, "username": user.username}
    yield from ((name, handle(value)) for name, value in named.items() if value)
    given, family = user.given_name or "", user.family_name or ""
    if given and family:
        shown = f"{given} {family}"
        for one in (handle(given + family), handle(family + given)):
            yield "name", one._replace(digits="", shown=shown)


def _initials(user: User) -> Iterator[str]:
    """The initial with the other name, either way round, as schools make user names."""
    given, family = (handle(name or "").letters for name in (user.given_name, user.family_name))
    if given and len(family) >= _BLOCK:
        yield from (given[0] + family, family + given[0])


def _blocks(letters: str) -> tuple[str, ...]:
    """The beginning and the end, by which what is compared is found; nothing shorter is."""
    return (f"^{letters[:_BLOCK]}", f"{letters[-_BLOCK:]}$") if len(letters) >= _BLOCK else ()


def _fold(value: str) -> str:
    return value.strip().casefold()


def _keep(found: dict[str, _Near], near: _Near) -> None:
    """Keep the best way in which an account comes near."""
    before = found.get(near.account.id)
    if before is None or near[:1] > before[:1]:
        found[near.account.id] = near


def _best(nears: Iterable[_Near]) -> list[_Near]:
    return sorted(nears, key=lambda near: (-near.score, near.account.disabled, near.account.id))[:LIMIT]


def _told(near: _Near, taken: Mapping[str, str], *, match_disabled: bool) -> Suggestion:
    """Say of an account also what stands against it."""
    account, why = near.account, near.why
    if account.id in taken:
        why += f"; it is the account of {taken[account.id]}"
    if account.disabled and not match_disabled:
        why += "; it is disabled (directory.match_disabled)"
    return Suggestion(account.id, next(iter(account.emails), None), near.score, why)
