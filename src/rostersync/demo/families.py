"""Parents, guardians and relatives of a sample district, and how they are linked to students."""

from __future__ import annotations

import random

from rostersync.demo import people
from rostersync.demo.district import District

# How many families have one parent.
SINGLE = 0.05
# Which side names the other.
BOTH, BY_CHILD, BY_PARENT = range(3)
ROLES = ("parent",) * 7 + ("guardian",) * 2 + ("relative",)


def add_parents(district: District, rng: random.Random, since: str) -> None:
    """Give every family one or two parents: siblings share them, and families differ in which side names the other."""
    children = list(district.demographics)
    start = 0
    while start < len(children):
        size = 2 if (start + 2) % 5 == 0 and start + 1 < len(children) else 1
        _family(district, rng, since, children[start : start + size], sides=start % 3)
        start += size


def _family(district: District, rng: random.Random, since: str, children: list[str], sides: int) -> None:
    """Add the parents of some children, who all have the same `sides` (see `link`)."""
    first = district.users[children[0]]
    for _ in range(1 if rng.random() < SINGLE else 2):
        sourced_id = people.next_id(district, "par")
        place = (rng.choice(ROLES), first["primaryOrg"])
        people.person(district, rng, since, sourced_id, place, first["familyName"])["sms"] = "555-0111"
        for child in children:
            link(district, child, sourced_id, sides)


def link(district: District, child: str, parent: str, sides: int = BOTH) -> None:
    """Tie a parent to a child: on both sides, or only at one of them (BOTH, BY_CHILD, BY_PARENT)."""
    if sides != BY_PARENT:
        district.users[child].setdefault("agents", []).append(parent)
    if sides != BY_CHILD:
        district.users[parent].setdefault("agents", []).append(child)
