"""Rules 1, 2 and 3 for users: who is in scope, in which groups, and who has left."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from rostersync.engine.calendar import Calendar
from rostersync.engine.classes import Classes
from rostersync.engine.enrollments import Enrollments
from rostersync.engine.notes import Notes
from rostersync.engine.orgs import Orgs
from rostersync.engine.places import Places, Shared
from rostersync.engine.verdicts import pack, unpack
from rostersync.model.decision import Reason
from rostersync.model.kind import Kind
from rostersync.model.policy import Sync
from rostersync.model.snapshot import Entry, Role, User

STUDENT, TEACHER, STAFF, PARENT = 1, 2, 4, 8
GROUPS = {"student": STUDENT, "teacher": TEACHER, "staff": STAFF, "parent": PARENT}
"""The groups in the order in which one names the role of a row, each a bit."""

_FIRST = tuple(next((name for name, bit in GROUPS.items() if groups & bit), "") for groups in range(16))

_HASHED = 0xFFFF_FFFF
RELATIONS = ("parent", "guardian", "relative")
_STAFF_ROLES = (
    "administrator", "aide", "counselor", "districtAdministrator", "principal", "proctor", "siteAdministrator",
    "systemAdministrator",
)  # fmt: skip
_GROUP_OF_ROLE = {
    "student": STUDENT,
    "teacher": TEACHER,
    **dict.fromkeys(_STAFF_ROLES, STAFF),
    **dict.fromkeys(RELATIONS, PARENT),
}


class Standing(NamedTuple):
    """What a user's counting roles and orgs amount to; shared by all users who have the same ones.

    `relations` are the parent roles held, the one that counts first in front (rule 6). `only_parent` holds nothing
    else, so that the rules of the other groups do not ask about them.
    """

    roles: tuple[str, ...]
    belongs: tuple[str, ...]
    open: tuple[str, ...]
    groups: int
    all_groups: int
    outside: Reason
    relations: tuple[str, ...]
    only_parent: bool


@dataclass(slots=True)
class People:
    """The live users of the snapshot by place, in sourcedId order, in a few bytes each.

    `groups` are the groups a user is kept in, as bits; `why` is why they are excluded. `via` are the schools of the
    classes that bring them into scope. `email` is a hash, 0 for none. `before_parents` is why the rules before rule 6
    excluded who is kept as a parent, KEPT (0) where they did not.
    """

    ids: Places = field(default_factory=Places)
    standing: Shared[Standing] = field(default_factory=Shared)
    via: dict[int, tuple[str, ...]] = field(default_factory=dict)
    groups: bytearray = field(default_factory=bytearray)
    why: bytearray = field(default_factory=bytearray)
    email: array[int] = field(default_factory=lambda: array("I"))
    unmatched: bytearray = field(default_factory=bytearray)
    before_parents: bytearray = field(default_factory=bytearray)

    def reason(self, sourced_id: str) -> Reason | None:
        """Why a live user is excluded, None where they are kept."""
        return unpack(self.why[self.ids.place(sourced_id)])

    def exclude(self, place: int, reason: Reason) -> None:
        """Exclude the user from every group; the lowest rule that speaks against them names the reason."""
        self.groups[place] = 0
        self.why[place] = min(pack(reason), self.before_parents[place] or pack(reason))

    def school(self, place: int) -> str | None:
        """The first of the user's selected, known orgs, for diagnostics."""
        return next(iter(self.orgs(place)), None)

    def schools(self, place: int) -> set[str]:
        """All orgs that count the user as theirs: those they belong to and those of the row (rule 10)."""
        return {*self.standing[place].belongs, *self.orgs(place)}

    def role(self, place: int) -> str:
        """The first kept group, which names the role of the row."""
        return _FIRST[self.groups[place]]

    def orgs(self, place: int) -> tuple[str, ...]:
        """The orgs of the row: the user's selected, known orgs, else the schools that bring them into scope."""
        return self.standing[place].open or self.via.get(place, ())

    def in_group(self, bit: int) -> Iterator[int]:
        """The places of the users kept in a group."""
        return (place for place, groups in enumerate(self.groups) if groups & bit)


def fold_email(email: str | None) -> str | None:
    """An email as rules 7 and 8 compare it."""
    return None if email is None else email.strip().casefold() or None


class StandingRules:
    """Turns roles and orgs into a Standing, once for each combination that occurs (rules 1 and 2)."""

    def __init__(self, orgs: Orgs, calendar: Calendar, *, respect_dates: bool) -> None:
        """Judge by these orgs; roles count only within their dates when `respect_dates`."""
        self._orgs = orgs
        self._calendar = calendar
        self._respect_dates = respect_dates
        self._known: dict[tuple[object, ...], Standing] = {}

    def of(self, user: User) -> Standing:
        """The user's standing."""
        counting = tuple((role.role, role.org) for role in user.roles if self.counts(role))
        key = (counting, user.orgs, user.primary_org)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._judge(counting, user)
        return found

    def counts(self, role: Role) -> bool:
        """Whether a role counts on the day (rule 2)."""
        return not self._respect_dates or self._calendar.covers(role.begin_date, role.end_date)

    def _judge(self, counting: tuple[tuple[str, str | None], ...], user: User) -> Standing:
        belongs = self._belongs([*user.orgs, *(org for _, org in counting if org is not None)], user.primary_org)
        opened = tuple(sorted(set(belongs) & self._orgs.open))
        selected = not self._orgs.selected.isdisjoint(belongs)
        held = {role for role, _ in counting}
        return Standing(
            roles=tuple(sorted(held)),
            belongs=belongs,
            open=opened,
            groups=self._groups(counting, opened),
            all_groups=_union(held),
            outside=Reason.SCHOOL_UNKNOWN if selected else Reason.SCHOOL_NOT_SELECTED,
            relations=tuple(role for role in RELATIONS if role in held),
            only_parent=bool(held) and held.issubset(RELATIONS),
        )

    def _belongs(self, named: list[str], primary: str | None) -> tuple[str, ...]:
        """The orgs that a user belongs to: those that resolve, else the primary one; only schools if any is one."""
        found = [org for org in dict.fromkeys(named) if org in self._orgs.live]
        if not found and primary in self._orgs.live and primary is not None:
            found = [primary]
        return tuple(filter(self._orgs.is_school, found)) or tuple(found)

    def _groups(self, counting: tuple[tuple[str, str | None], ...], opened: tuple[str, ...]) -> int:
        """The groups of the roles held in a selected, known org; a role without org is held in all of the user's."""
        return _union(role for role, org in counting if (org in self._orgs.open if org in self._orgs.live else opened))


def _union(roles: Iterable[str]) -> int:
    groups = 0
    for role in roles:
        groups |= _GROUP_OF_ROLE.get(role, 0)
    return groups


def index_users(entries: Iterable[Entry], rules: StandingRules) -> People:
    """Give every live user a place, and learn what rules 1, 2 and 7 need of them."""
    people = People()
    people.ids = Places(_learn(people, entries, rules))
    people.groups = bytearray(len(people.ids))
    people.why = bytearray(len(people.ids))
    people.unmatched = bytearray(len(people.ids))
    people.before_parents = bytearray(len(people.ids))
    return people


def _learn(people: People, entries: Iterable[Entry], rules: StandingRules) -> Iterator[str]:
    """Yield the sourcedIds of the live users while learning about them."""
    for entry in entries:
        if isinstance(entry.record, User):
            people.standing.append(rules.of(entry.record))
            email = fold_email(entry.record.email)
            people.email.append(0 if email is None else hash(email) & _HASHED or 1)
            yield entry.sourced_id


def reach(people: People, enrollments: Enrollments, classes: Classes) -> None:
    """Note through which schools' classes each user is in scope (rule 1)."""
    seen: dict[int, set[str]] = {}
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}
    for user, class_ in enrollments.reaching(classes):
        school = classes.school[class_]
        if people.standing[user].open != (school,):
            seen.setdefault(user, set()).add(school)
    for user, schools in seen.items():
        found = tuple(sorted(schools))
        people.via[user] = shared.setdefault(found, found)


@dataclass(frozen=True, slots=True)
class PeopleRules:
    """Decides rules 1 to 3 for students, teachers and staff."""

    sync: Sync
    enrollments: Enrollments
    notes: Notes
    orgs: Orgs

    def judge(self, people: People) -> None:
        """Give every user who is not only a parent their groups, or the reason why not."""
        synced = _union_of_groups(self.sync.roles)
        for place, standing in enumerate(people.standing):
            if not standing.only_parent:
                self._judge(people, place, standing, synced)

    def _judge(self, people: People, place: int, standing: Standing, synced: int) -> None:
        groups = standing.groups if standing.open else standing.all_groups if place in people.via else 0
        in_scope = bool(standing.open) or place in people.via
        kept = groups & synced
        left = kept & STUDENT and self.sync.respect_enrollment_dates and self.enrollments.has_left(place)
        if left:
            kept &= ~STUDENT
        reason = self._reason(standing, in_scope=in_scope, left=bool(left), kept=kept)
        people.groups[place] = kept
        people.why[place] = pack(reason)
        if people.ids[place] in self.notes.watched[Kind.USERS]:
            self._note(people, place, in_scope=in_scope, groups=groups, left=bool(left), reason=reason)

    def _reason(self, standing: Standing, *, in_scope: bool, left: bool, kept: int) -> Reason | None:
        if not in_scope:
            return standing.outside
        if kept:
            return None
        return Reason.LEFT_SCHOOL if left else Reason.ROLE_NOT_SYNCED

    def _note(
        self, people: People, place: int, *, in_scope: bool, groups: int, left: bool, reason: Reason | None
    ) -> None:
        """Write down rules 1 to 3 for a user whom somebody asks about."""
        standing, say = people.standing[place], self._say(people.ids[place])
        say("1", None if in_scope else reason, self._scope(standing, people.via.get(place, ()), in_scope=in_scope))
        if in_scope:
            held = ", ".join(names_of(groups)) or "none"
            because = f"roles held: {', '.join(standing.roles) or 'none'}, which make the groups {held}"
            lost = Reason.ROLE_NOT_SYNCED if reason is Reason.ROLE_NOT_SYNCED else None
            say("2", lost, f"{because}; sync.roles is {', '.join(self.sync.roles) or 'empty'}")
        if left:
            say("3", reason, "every student enrollment in a selected school has ended")

    def _scope(self, standing: Standing, via: tuple[str, ...], *, in_scope: bool) -> str:
        """Say what a user belongs to, and what that has to do with being in scope."""
        told = "; ".join(map(self.orgs.standing, standing.belongs))
        because = f"belongs to {told}" if told else "belongs to no org that the source has"
        if standing.open:
            return because
        if in_scope:
            return f"{because}; but enrolled in classes of {', '.join(map(self.orgs.full, via))}"
        return f"{because}; and not enrolled in a kept class of a selected school"

    def _say(self, sourced_id: str) -> Callable[[str, Reason | None, str], None]:
        return lambda rule, reason, because: self.notes.say(Kind.USERS, sourced_id, rule, reason or "kept", because)


def names_of(groups: int) -> list[str]:
    """The names of groups given as bits."""
    return [name for name, bit in GROUPS.items() if groups & bit]


def _union_of_groups(names: Iterable[str]) -> int:
    return sum(GROUPS[name] for name in set(names) if name != "parent")
