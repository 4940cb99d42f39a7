"""Rule 7: within a group, an email belongs to one person."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, cast

from rostersync.engine.align import KEY, align
from rostersync.engine.inputs import Roster, Snapshot
from rostersync.engine.people import People, fold_email
from rostersync.engine.work import Work
from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.roster import ACTIVE, UserRow
from rostersync.model.snapshot import Entry, User

_FEW = 20
"""Looking a user up takes about as long as reading so many of them in a row."""
_AT_ONCE = 100_000


class Claim(NamedTuple):
    """One user's claim to an email; `tied` is how firmly an active row of the roster ties them to it, 0 for not."""

    place: int
    sourced_id: str
    email: str
    tied: int
    enabled: bool
    modified: str


class UserPair(NamedTuple):
    """A live user of the snapshot by place, and the roster's row for the same sourcedId, where there is one."""

    place: int
    sourced_id: str
    user: User
    row: UserRow | None

    @property
    def active(self) -> UserRow | None:
        """The row where it is in force."""
        return self.row if self.row is not None and self.row.state == ACTIVE else None


def user_pairs(snapshot: Snapshot, roster: Roster) -> Iterator[UserPair]:
    """Walk the live users in the order of their places, beside the roster's rows."""
    place = -1
    rows = cast("Iterable[UserRow]", roster.rows(Kind.USERS))
    for entry, row in align(snapshot.entries(Kind.USERS), rows, KEY, KEY):
        if entry is not None and isinstance(entry.record, User):
            place += 1
            yield UserPair(place, entry.sourced_id, entry.record, row)


def contested(people: People, groups: Iterable[int]) -> set[int]:
    """The places of users who may share an email with another of their group; equal hashes are only a hint."""
    places: set[int] = set()
    for bit in groups:
        members = array("I", (place for place in people.in_group(bit) if people.email[place]))
        often = _often(people.email, members)
        places.update(place for place in members if people.email[place] in often)
    return places


def _often(emails: array[int], members: array[int]) -> set[int]:
    """The hashes that several members have; a part at a time, as a set of them needs much more memory than they."""
    parts = 1 + len(members) // _AT_ONCE
    often: set[int] = set()
    for part in range(parts):
        once: set[int] = set()
        for digest in (emails[place] for place in members if emails[place] % parts == part):
            (often if digest in once else once).add(digest)
    return often


def pairs_at(work: Work, people: People, places: Collection[int]) -> Iterable[UserPair]:
    """The users at these places: a few are looked up, for many the users are walked through."""
    if len(places) * _FEW > len(people.ids):
        return (pair for pair in user_pairs(work.snapshot, work.roster) if pair.place in places)
    return (_pair_at(work, place, people.ids[place]) for place in sorted(places))


def _pair_at(work: Work, place: int, sourced_id: str) -> UserPair:
    entry = cast("Entry", work.snapshot.get(Kind.USERS, sourced_id))
    row = cast("UserRow | None", work.roster.get(Kind.USERS, sourced_id))
    return UserPair(place, sourced_id, cast("User", entry.record), row)


def claims(work: Work, people: People, places: set[int], *, parents: bool) -> dict[int, Claim]:
    """The claims of the users at these places.

    Among parents, whom the roster has as a parent with the email is tied to it more firmly than whom it has as a
    teacher: a teacher who loses it as a parent keeps a row with it, and must not win by that row the next day.
    """
    found: dict[int, Claim] = {}
    related: frozenset[str] = _related(work.roster) if parents and places else frozenset()
    for pair in pairs_at(work, people, places):
        email, row = fold_email(pair.user.email), pair.active
        if email is not None:
            tied = 0 if row is None or fold_email(row.email) != email else 1 + _is_parent(row, related, parents=parents)
            found[pair.place] = Claim(pair.place, pair.sourced_id, email, tied, pair.user.enabled, pair.user.modified)
    return found


def _is_parent(row: UserRow, related: frozenset[str], *, parents: bool) -> bool:
    return parents and (row.role == "parent" or row.sourced_id in related)


def _related(roster: Roster) -> frozenset[str]:
    """Whom the roster has as the parent of somebody."""
    return frozenset(str(row[1]) for row in roster.rows(Kind.RELATIONSHIPS))


def losers(found: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Yield (loser, winner) for the claims of one group.

    The one whom an active row of the roster holds with it wins; else enabled before disabled, then the later
    dateLastModified, then the smaller sourcedId.
    """
    by_email: dict[str, list[Claim]] = {}
    for claim in sorted(found, key=lambda claim: claim.sourced_id):
        by_email.setdefault(claim.email, []).append(claim)
    for rivals in by_email.values():
        # max keeps the first of equals, which is the smallest sourcedId.
        winner = max(rivals, key=lambda claim: (claim.tied, claim.enabled, claim.modified))
        yield from ((claim, winner) for claim in rivals if claim is not winner)


def settle_emails(people: People, group: int, found: Mapping[int, Claim], lose: Callable[[Claim, Claim], None]) -> None:
    """Let every loser of one group lose it."""
    rivals = [found[place] for place in sorted(found) if people.groups[place] & group]
    for loser, winner in losers(rivals):
        lose(loser, winner)


def email_taken(loser: Claim, winner: Claim, group: str, school: str | None) -> Diagnostic:
    """Say who has the email instead."""
    return Diagnostic(
        Code.USER_EMAIL_TAKEN,
        f"{loser.sourced_id} is not synced as {group}: {winner.sourced_id} has the same email {loser.email}",
        "Correct the email of one of the two in the SIS, or merge the two records there.",
        Kind.USERS,
        loser.sourced_id,
        school,
    )
