"""Districts of every shape: those of the engine's tests, with every word, name and gap that a source may send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from rostersync.model.kind import Kind
from rostersync.model.snapshot import Class, Course, Enrollment, Org, Record, Role, Session, User
from rostersync.sources.records.fields import CLASS_TYPES, ORG_TYPES, ROLES, SESSION_TYPES
from tests.engine.build import Item
from tests.engine.districts import ORGS, Dice, district

Shaped = TypeVar("Shaped", Org, Session, Course, Class, User, Enrollment)
ROLE_NAMES = (*sorted(set(ROLES.values())), "janitor", "ext:coach", "lunch lady")
WORDS = (
    *("Ann", "O'Neil", 'Ann "Annie"', "Lee, Jr.", "Žižek 李", "007", "1e5", "=1+1", "+49 30", "@x", "-", "'quoted'"),
    *("two\nlines", "a\tb", "a\u2028b", "\x01", "null", "true", '{"a":1}', "x" * 300, "a,b", "ü\u0308", "\U0001f600"),
)


def shapes(dice: Dice) -> list[Item]:
    """A district in which nothing is rejected for its shape and everything may be odd."""
    return [_odd(dice, item) for item in district(dice)]


def _odd(dice: Dice, item: Item) -> Item:
    record = item.entry.record
    if record is None:
        return item
    return item._replace(entry=item.entry._replace(record=_ODD[item.kind](dice, record)))


def _word(dice: Dice) -> str:
    return dice.choice(WORDS)


def _maybe(dice: Dice) -> str | None:
    return dice.choice((None, _word(dice)))


def _type(dice: Dice, usual: str, words: dict[str, str]) -> str:
    return dice.mostly(usual, *sorted(set(words.values())), "campus", "ext:block", "two words", chance=0.3)


def _with(record: Shaped, **values: Any) -> Shaped:  # noqa: ANN401 - any field of any record
    return msgspec.structs.replace(record, **values)


def _org(dice: Dice, record: Org) -> Org:
    name = dice.mostly(record.name, _word(dice))
    return _with(record, name=name, type=_type(dice, record.type, ORG_TYPES), identifier=_maybe(dice))


def _session(dice: Dice, record: Session) -> Session:
    year = dice.choice((None, "2026", "2026-2027", "next"))
    return _with(record, type=_type(dice, "term", SESSION_TYPES), title=_maybe(dice), school_year=year)


def _course(dice: Dice, record: Course) -> Course:
    return _with(record, title=dice.mostly(record.title, _word(dice)), course_code=_maybe(dice))


def _class(dice: Dice, record: Class) -> Class:
    type_ = dice.choice((None, _type(dice, "scheduled", CLASS_TYPES)))
    grades = tuple(dice.choice(("07", "K,1", "Other", "a\nb")) for _ in range(dice.randint(0, 2)))
    title = dice.mostly(record.title, _word(dice))
    return _with(record, title=title, class_code=_maybe(dice), class_type=type_, grades=grades)


def _user(dice: Dice, record: User) -> User:
    more = [Role(dice.choice(ROLE_NAMES), dice.choice((None, dice.one(ORGS)))) for _ in range(dice.mostly(0, 1, 2, 3))]
    names = ("username", "given_name", "middle_name", "family_name", "identifier")
    texts = {name: _maybe(dice) for name in names}
    grades = tuple(dice.choice(("07", "08", "K,1")) for _ in range(dice.mostly(0, 1, 2)))
    return _with(record, roles=(*record.roles, *more), grades=grades, **texts)


def _enrollment(dice: Dice, record: Enrollment) -> Enrollment:
    return _with(record, role=dice.mostly(record.role, *ROLE_NAMES))


_ODD: dict[Kind, Callable[[Dice, Any], Record]] = {
    Kind.ORGS: _org,
    Kind.SESSIONS: _session,
    Kind.COURSES: _course,
    Kind.CLASSES: _class,
    Kind.USERS: _user,
    Kind.ENROLLMENTS: _enrollment,
}
