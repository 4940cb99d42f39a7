"""Rule 6: parents, and their relationships to the students who are kept."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from rostersync.engine.notes import Notes
from rostersync.engine.people import PARENT, STUDENT, People
from rostersync.engine.verdicts import KEPT, pack, unpack
from rostersync.model.codes import Code
from rostersync.model.decision import Reason
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.policy import Sync
from rostersync.model.roster import RelationshipRow
from rostersync.model.snapshot import Entry, User

_SHIFT = 32
_PARENT_BITS = (1 << _SHIFT) - 1
_SORTED_AT_ONCE = 200_000


@dataclass(slots=True)
class Links:
    """Who is named as whose agent, on either side: pairs (student, parent) by place, packed into one number.

    `named` are the parents whom students name, and ascend; `naming` are the parents who name a student that had not
    named them when they came.
    """

    named: array[int] = field(default_factory=lambda: array("Q"))
    naming: array[int] = field(default_factory=lambda: array("Q"))

    def __iter__(self) -> Iterator[int]:
        """Yield the pairs as numbers; some come twice."""
        return chain(self.named, self.naming)

    def name(self, student: int, parents: Iterable[int]) -> None:
        """Note the parents whom a student names; students come in the order of their places."""
        self.named.extend(student << _SHIFT | parent for parent in sorted(parents))

    def add(self, student: int, parent: int) -> None:
        """Note a parent who names a student."""
        pair = student << _SHIFT | parent
        at = bisect_left(self.named, pair)
        if at == len(self.named) or self.named[at] != pair:
            self.naming.append(pair)

    def sorted_pairs(self) -> Iterator[tuple[int, int]]:
        """Every pair once, by the student's and then the parent's sourcedId; numbers are sorted a part at a time.

        Outside of an array they need eight times its memory.
        """
        parts = 1 + (len(self.named) + len(self.naming)) // _SORTED_AT_ONCE
        step = 1 + max(self, default=0) // parts
        for low in range(0, parts * step, step):
            high = low + step
            named = self.named[bisect_left(self.named, low) : bisect_left(self.named, high)]
            for pair in sorted({*named, *(pair for pair in self.naming if low <= pair < high)}):
                yield pair >> _SHIFT, pair & _PARENT_BITS


@dataclass(slots=True)
class Relationships:
    """The kept relationships as pairs of places, sorted by their key; their rows are made as they are read."""

    people: People
    relation: Callable[[People, int], str | None]
    pairs: array[int] = field(default_factory=lambda: array("Q"))

    def keep(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Keep those of the pairs whose student and parent are kept, in a relation that is selected."""
        for student, parent in pairs:
            both = self.people.groups[student] & STUDENT and self.people.groups[parent] & PARENT
            if both and self.relation(self.people, parent):
                self.pairs.append(student << _SHIFT | parent)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.pairs)

    def __iter__(self) -> Iterator[RelationshipRow]:
        """Yield the rows."""
        ids = self.people.ids
        for pair in self.pairs:
            parent = pair & _PARENT_BITS
            relation = self.relation(self.people, parent)
            if relation is not None:
                yield RelationshipRow(ids[pair >> _SHIFT], ids[parent], relation)


def read_links(people: People, entries: Iterable[Entry], *, may_parent: Sequence[int]) -> Links:
    """Collect the links between kept students and those who may be kept as their parents, which is a byte each."""
    links, groups = Links(), people.groups
    users = (entry.record for entry in entries if isinstance(entry.record, User))
    for place, user in enumerate(users):
        others = {people.ids.find(agent) for agent in user.agents} - {-1, place}
        if groups[place] & STUDENT:
            links.name(place, (other for other in others if may_parent[other]))
        if may_parent[place]:
            for student in (other for other in others if groups[other] & STUDENT):
                links.add(student, place)
    return links


@lru_cache(maxsize=64)
def _first(held: tuple[str, ...], selected: tuple[str, ...]) -> str | None:
    """The first of the relations held that is selected."""
    return next((role for role in held if role in selected), None)


@dataclass(frozen=True, slots=True)
class ParentRules:
    """Decides rule 6."""

    sync: Sync
    notes: Notes
    report: Callable[[Diagnostic], None]

    def relation(self, people: People, place: int) -> str | None:
        """The relationship's type: the first of parent, guardian, relative that is held and selected."""
        return _first(people.standing[place].relations, self.sync.relationship)

    def judge(self, people: People, lost: bytearray, links: Links) -> None:
        """Keep every parent whom rule 6 keeps; who `lost` in rule 7 or 8 before is not revived."""
        with_child = bytearray(len(people.ids))
        for pair in links:
            with_child[pair & _PARENT_BITS] = 1
        for place, standing in enumerate(people.standing):
            if standing.relations and not lost[place]:
                self._judge(people, place, has_child=bool(with_child[place]))

    def _judge(self, people: People, place: int, *, has_child: bool) -> None:
        reason = self._reason(people, place, has_child=has_child)
        elsewhere = bool(people.groups[place])
        if reason is None:
            people.before_parents[place] = people.why[place]
            people.groups[place] |= PARENT
            people.why[place] = KEPT
        elif not elsewhere:
            before = people.why[place]
            people.why[place] = pack(reason) if before == KEPT else min(before, pack(reason))
        sourced_id = people.ids[place]
        if sourced_id in self.notes.watched[Kind.USERS]:
            because = _BECAUSE[reason].format(held=", ".join(people.standing[place].relations), sync=self.sync)
            kept = " (stays in the roster in another role)" if reason is not None and elsewhere else ""
            self.notes.say(Kind.USERS, sourced_id, "6", reason or "kept", because + kept)
        if unpack(people.why[place]) is Reason.PARENT_WITHOUT_EMAIL:
            self.report(_without_email(sourced_id, people.standing[place].open))

    def _reason(self, people: People, place: int, *, has_child: bool) -> Reason | None:
        if not self.sync.parents:
            return Reason.PARENTS_NOT_SYNCED
        if self.relation(people, place) is None:
            return Reason.RELATIONSHIP_NOT_SELECTED
        if not people.email[place]:
            return Reason.PARENT_WITHOUT_EMAIL
        return None if has_child else Reason.NO_CHILD_IN_SCOPE


_BECAUSE = {
    None: "{held} with an email and a link to a kept student",
    Reason.PARENTS_NOT_SYNCED: "sync.parents is off",
    Reason.RELATIONSHIP_NOT_SELECTED: "{held} is not in sync.relationship",
    Reason.PARENT_WITHOUT_EMAIL: "the SIS has no email for this parent",
    Reason.NO_CHILD_IN_SCOPE: "no kept student names this parent, and this parent names no kept student",
}


def _without_email(sourced_id: str, orgs: tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        Code.USER_NO_EMAIL,
        f"parent {sourced_id} is excluded: the SIS has no email for them",
        "Add the parent's email in the SIS.",
        Kind.USERS,
        sourced_id,
        orgs[0] if orgs else None,
    )
