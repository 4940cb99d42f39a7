"""The plan: what would change in the roster, counted and hashed (rule 12)."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from rostersync.model.decision import Reason
from rostersync.model.kind import Kind


class Action(StrEnum):
    """What happens to a row; disabling and archiving are REMOVE."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"

    # As in Kind.
    __hash__ = str.__hash__


class Change(NamedTuple):
    """One change of one row.

    Create: `after` is the whole row. Update: `before` and `after` hold the fields that changed. Remove: `before` is the
    whole row and `after` None where the row is deleted; where it is disabled or archived both hold the fields that
    change.
    `schools` are the orgs that the row belongs to; like `label` they help to show the plan and are no part of its hash.
    """

    kind: Kind
    action: Action
    sourced_id: str
    label: str
    reason: Reason | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    schools: tuple[str, ...] = ()


class KindCounts(NamedTuple):
    """How many rows of one kind a plan creates, updates and removes."""

    create: int = 0
    update: int = 0
    remove: int = 0


class PlanDigest:
    """Counts and hashes a plan while it streams by; `hash` is 64 hexadecimal digits over the changes alone."""

    def __init__(self) -> None:
        """Start with the empty plan."""
        self._tally: Counter[tuple[Kind, Action]] = Counter()
        self._sha = hashlib.sha256()

    def add(self, *changes: Change) -> None:
        """Take more changes into account; the order counts, so plans come sorted."""
        self._tally.update([(change.kind, change.action) for change in changes])
        self._sha.update(_CANONICAL.encode_lines(map(_HASHED, changes)))

    def through(self, changes: Iterable[Change]) -> Iterator[Change]:
        """Yield the changes unchanged, adding them some at a time."""
        stream = iter(changes)
        while some := tuple(islice(stream, _AT_ONCE)):
            self.add(*some)
            yield from some

    @property
    def hash(self) -> str:
        """The plan_hash so far."""
        return self._sha.hexdigest()

    @property
    def counts(self) -> dict[Kind, KindCounts]:
        """The counts so far, for every kind."""
        return {kind: KindCounts(*(self._tally.get((kind, action), 0) for action in Action)) for kind in Kind}

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not self._tally


_AT_ONCE = 500
_CANONICAL = msgspec.json.Encoder(order="sorted")
_HASHED = attrgetter("kind", "action", "sourced_id", "reason", "before", "after")
