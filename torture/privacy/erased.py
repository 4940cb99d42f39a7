"""People who are to be forgotten: by `purge`, and by the run log after `retain_runs_days`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rostersync.demo import District, make_district
from rostersync.store.files import copy_name
from tests.runs.demo_site import Site, site
from torture.budget import Budget
from torture.privacy.looking import frames, words

_A_LONG_ONE: Final = 600
_DAYS: Final = 30
_PERSONAL: Final = ("email", "username", "identifier")


def purged(budget: Budget) -> Iterator[Sequence[str]]:
    """Sync thousands of people for some days, purge them, and look for each of them."""
    students = 5_000 if budget.seconds >= _A_LONG_ONE else 300
    district = make_district(students=students)
    with tempfile.TemporaryDirectory() as name, site(Path(name) / "site", district=district) as place:
        place.configure(source={"page_size": 1000}, sync={"parents": True})
        known = _live(place, district, students // 10)
        copy_name(place.store, "0001").write_bytes(place.store.read_bytes())
        pieces = frames(place.store)
        there = words(place.store.read_bytes())
        if len(known & there) < students or not pieces:
            yield ("nothing was there to be purged",)
        if place.cli("purge", "main", "--confirm", "main").code:
            yield ("the purge failed",)
        left = {path.name: path.read_bytes() for path in place.folder.iterdir() if path != place.config}
        for name_, content in left.items():
            found = words(content)
            yield from ((f"{who.decode()} in {name_}",) if who in found else () for who in sorted(known))
            yield [f"a piece of a plan in {name_}" for piece in pieces if piece in content]


def retained(budget: Budget) -> Iterator[Sequence[str]]:
    """Let people leave, their runs grow old, and look for them in the store."""
    students = 2_000 if budget.seconds >= _A_LONG_ONE else 200
    district = make_district(students=students, parents=False)
    with tempfile.TemporaryDirectory() as name, site(Path(name) / "site", district=district) as place:
        removed = {"removed_users": "delete", "removed_classes": "delete"}
        source = {"page_size": 1000}
        place.configure(source=source, sync=removed, store={"retain_runs_days": _DAYS})
        place.run(code=None)
        gone = _leave(district, students // 3)
        place.clock.advance(days=1)
        place.run("--full", "--force", code=None)
        logged = words(place.store.read_bytes())
        pieces = frames(place.store)
        if not pieces or not len(gone & logged):
            yield ("nobody was there to be forgotten",)
        for _ in range(3):
            place.clock.advance(days=_DAYS)
            place.run("--full", code=None)
        content = place.store.read_bytes()
        left = words(content)
        yield from ((f"{who.decode()} in the store",) if who in left else () for who in sorted(gone))
        yield [f"a piece of a plan in the store: {piece.hex()}" for piece in pieces if piece in content]


def _live(place: Site, district: District, leaving: int) -> set[bytes]:
    """Run for some days in which people come, change and go; gives all that was ever known of anybody."""
    known = _known(district)
    place.run(code=None)
    for number, user in enumerate(list(district.users)[: leaving * 2]):
        now = place.clock.now
        if number % 2:
            district.touch("users", user, now, email=f"changed{number:05}@example.org", givenName=f"Changed{number:05}")
        else:
            district.mark_deleted("users", user, now)
    known |= _known(district)
    place.clock.advance(hours=3)
    place.run("--force", code=None)
    place.run("--full", "--force", code=None)
    return known


def _leave(district: District, count: int) -> set[bytes]:
    """Let students leave without a mark; gives all that was known of them alone."""
    gone = [user for user in district.users if user.startswith("stu-")][:count]
    before = _known(district)
    for enrollment in [each for each, values in district.enrollments.items() if values["user"] in set(gone)]:
        district.drop("enrollments", enrollment)
    for user in gone:
        district.drop("users", user)
    # Who is left may still refer to one of them, and that is the source's to say.
    return before - _known(district) - words(repr(list(district.users.values())).encode())


def _known(district: District) -> set[bytes]:
    """Identifiers, addresses and account names of all people."""
    found: set[str] = set()
    for user, values in district.users.items():
        found.add(user)
        found.update(str(values[name]) for name in _PERSONAL if values.get(name))
    return {each.encode() for each in found if len(each) > 4}  # noqa: PLR2004 - shorter ones stand in other words
