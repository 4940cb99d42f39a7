"""Whole small districts for Hypothesis: mostly healthy, with few names, so that everything meets, and every flaw.

A district is made by dice out of one drawn number: that is many times faster than drawing each field, and a district in
which next to nothing is kept would prove next to nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

from hypothesis import strategies as st

from rostersync.model.directory import Account
from rostersync.model.kind import COLLECTIONS, Kind
from rostersync.model.policy import Policy
from rostersync.model.snapshot import Class, Course, Enrollment, Entry, Org, Record, Role, Session, User
from tests.engine.build import AFTER, BEFORE, TODAY, Item, policy, rejection

T = TypeVar("T")
ORGS, SESSIONS, COURSES = ["A", "B", "C", "D"], ["t1", "t2"], ["m1", "m2"]
CLASSES = [f"c{number}" for number in range(5)]
USERS = [f"u{number}" for number in range(10)]
ENROLLMENTS = [f"e{number:02}" for number in range(14)]
NAMES = dict(zip(COLLECTIONS, (ORGS, SESSIONS, COURSES, CLASSES, USERS, ENROLLMENTS), strict=True))
STAMPS = ("", "2026-01-01T00:00:00.000000Z", "2026-01-02T00:00:00.000000Z")


class Dice(random.Random):
    """Dice that mostly fall on the ordinary."""

    def odd(self, chance: float = 0.1) -> bool:
        """Whether something out of the ordinary happens."""
        return self.random() < chance

    def mostly(self, usual: T, *others: T, chance: float = 0.2) -> T:
        """The usual, now and then one of the others."""
        return self.choice(others) if self.odd(chance) else usual

    def one(self, names: Sequence[str]) -> str:
        """One of the names, now and then one that is not there."""
        return self.mostly(self.choice(names), "gone", chance=0.05)

    def some(self, names: Sequence[str], most: int) -> tuple[str, ...]:
        """A few of the names."""
        return tuple(self.one(names) for _ in range(self.randint(0, most)))

    def dates(self) -> tuple[str | None, str | None]:
        """A span that mostly covers the day."""
        return self.mostly(None, BEFORE, TODAY, AFTER), self.mostly(None, BEFORE, TODAY, AFTER, chance=0.4)


def _org(dice: Dice, name: str) -> Org:
    type_ = dice.mostly("district", "school") if name == "D" else dice.mostly("school", "district")
    return Org(dice.choice(("North", "South")), type_, parent=dice.choice(("D", "D", None, dice.one(ORGS))))


def _session(dice: Dice, _: str) -> Session:
    start, end = dice.choice(((BEFORE, AFTER), (BEFORE, TODAY), ("2025-09-01", BEFORE), (AFTER, "2026-07-01")))
    return Session("term", start, end, parent=dice.choice((None, dice.one(SESSIONS))))


def _course(dice: Dice, _: str) -> Course:
    return Course(dice.choice(("Maths", "Physics")), org=dice.choice((None, dice.one(ORGS))))


def _class(dice: Dice, _: str) -> Class:
    course = dice.choice((None, dice.one(COURSES)))
    school = dice.mostly(dice.choice("AAB"), dice.one(ORGS))
    return Class(dice.choice(("Maths", "Physics")), school, course=course, sessions=dice.some(SESSIONS, 2))


def _role(dice: Dice, role: str) -> Role:
    return Role(role, dice.mostly(None, dice.one(ORGS), chance=0.4), *dice.dates())


def _user(dice: Dice, name: str) -> User:
    usual = {"u0": "teacher", "u1": "teacher", "u2": "parent", "u3": "parent", "u4": "aide"}.get(name, "student")
    roles = [dice.mostly(usual, "student", "teacher", "parent", "guardian", "janitor", chance=0.15)]
    if dice.odd(0.25):
        roles.append(dice.choice(("parent", "teacher", "student", "principal", "guardian")))
    return User(
        tuple(_role(dice, role) for role in dict.fromkeys(roles)),
        tuple(
            dict.fromkeys(
                dice.mostly(dice.choice(("A", "A", "B")), dice.one(ORGS)) for _ in range(dice.mostly(1, 0, 2))
            )
        ),
        primary_org=dice.mostly(None, dice.one(ORGS)),
        enabled=not dice.odd(),
        email=dice.mostly(f"{name}@a", None, "x@a", "X@a", chance=0.4),
        agents=dice.some(("u2", "u3", *USERS), 3),
        given_name=dice.choice(("Ann", "Bob")),
        modified=dice.choice(STAMPS),
    )


def _enrollment(dice: Dice, _: str) -> Enrollment:
    role = dice.choice(("student", "student", "teacher", "proctor"))
    school = dice.mostly(None, dice.one(ORGS), chance=0.3)
    return Enrollment(dice.one(USERS), dice.one(CLASSES), role, school, dice.choice((None, True)), *dice.dates())


_MAKE: dict[Kind, Callable[[Dice, str], Record]] = {
    Kind.ORGS: _org,
    Kind.SESSIONS: _session,
    Kind.COURSES: _course,
    Kind.CLASSES: _class,
    Kind.USERS: _user,
    Kind.ENROLLMENTS: _enrollment,
}


def entry(dice: Dice, kind: Kind, name: str) -> Entry | None:
    """Mostly a live record; else none, a deleted one, or one that was rejected with or without an earlier version."""
    record = _MAKE[kind](dice, name)
    flaw = 9 if kind is Kind.ORGS and not dice.odd() else dice.randint(0, 40)
    match flaw:
        case 0:
            return Entry(name, deleted=True)
        case 1:
            return Entry(name, rejection=rejection(dice.some(ORGS, 1), dice.one(CLASSES)))
        case 2 | 3:
            return Entry(name, record, rejection=rejection(dice.some(ORGS, 1)))
        case 4 | 5 | 6:
            return None
        case _:
            return Entry(name, record)


def district(dice: Dice) -> list[Item]:
    """A district."""
    empty = [kind for kind in COLLECTIONS if dice.odd(0.04)]
    found = [(kind, entry(dice, kind, name)) for kind, names in NAMES.items() for name in names if kind not in empty]
    return [Item(kind, one) for kind, one in found if one is not None]


def changed(dice: Dice, items: list[Item]) -> list[Item]:
    """The same district a little later."""
    wild = dice.choice((0.03, 0.3, 1.0))
    known = {(item.kind, item.id): item.entry for item in items}
    found = [
        (kind, entry(dice, kind, name) if dice.odd(wild) else known.get((kind, name)))
        for kind, names in NAMES.items()
        for name in names
    ]
    return [Item(kind, one) for kind, one in found if one is not None]


def directory(dice: Dice) -> list[Account] | None:
    """The accounts of a directory, mostly none."""
    if dice.odd(0.6):
        return None
    accounts = [
        Account(
            f"id-{name}", (dice.mostly(f"{name}@A", "x@a"),), sourced_id=dice.mostly(name, "u5"), disabled=dice.odd()
        )
        for name in USERS
        if not dice.odd()
    ]
    return [*accounts, Account("more", ("u6@a", "x@a"))] if dice.odd() else accounts


def options(dice: Dice, *, directory: bool) -> Policy:
    """Mostly the defaults."""
    flag = (True, False)
    sync: dict[str, Any] = {
        "classes": not dice.odd(),
        "respect_enrollment_dates": dice.choice(flag),
        "respect_academic_sessions": dice.odd(0.3),
        "session_grace_days": dice.choice((0, 1)),
        "end_dates": dice.choice(("exclusive", "inclusive")),
        "roles": dice.mostly(("student", "teacher", "staff"), ("teacher",), ("student",), ("staff", "student"), ()),
        "parents": dice.odd(0.7),
        "relationship": dice.mostly(("parent", "guardian", "relative"), ("guardian",)),
        "missing_users": dice.choice(("create", "ignore", None) if directory else ("create", None)),
        "missing_classes": dice.mostly("create", "ignore"),
        "removed_users": dice.choice(("disable", "delete", "keep")),
        "removed_classes": dice.choice(("archive", "delete", "keep")),
        "class_requires": dice.mostly((), ("teacher",), ("teacher", "student")),
    }
    if sync["class_requires"] and sync["missing_classes"] == "ignore" and sync["removed_classes"] == "delete":
        # A class that is deleted for being incomplete is missing the next day, and brings nobody into scope any more.
        sync["removed_classes"] = "archive"
    include = [dice.one(ORGS)] if dice.odd(0.2) else []
    exclude = [org for org in dice.some(ORGS, 1) if org not in include and dice.odd(0.5)]
    schools = {
        "include": include,
        "exclude": exclude,
        "mode": dice.mostly("auto", "manual"),
        "map": dice.mostly({}, {"A": "north"}, {"A": "north", "B": "south", "D": "all"}),
        "unmapped": dice.mostly("keep", "ignore", chance=0.1),
    }
    match = {"by": dice.choice((("email",), ("sourcedId", "email"))), "match_disabled": dice.odd()}
    return policy(sync, schools, match, {"rejected_percent": dice.choice((5, 60))})


dice: st.SearchStrategy[Dice] = st.integers(0, 2**32 - 1).map(Dice)


@contextmanager
def easily_held() -> Iterator[None]:
    """Let two of anything be enough to hold a school, so that small districts have held ones."""
    with patch.multiple("rostersync.engine.hold", MIN_USERS=2, MIN_CLASSES=2, MIN_BAD=2):
        yield
