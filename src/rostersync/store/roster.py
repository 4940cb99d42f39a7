"""The roster as last applied: the rows behind the views of contract §4, and the only code that changes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby, repeat
from operator import attrgetter, itemgetter
from typing import Any, cast

from rostersync.model.kind import Kind
from rostersync.model.plan import Action, Change
from rostersync.model.roster import ACTIVE, LISTS, ROWS, Row
from rostersync.store.boundary import damaged
from rostersync.store.codec import decode_list, encode_list
from rostersync.store.database import Store
from rostersync.store.names import KEYS, ROSTER
from rostersync.store.pages import chunked, paged
from rostersync.store.settled import forget_settled

_CHANGES_AT_ONCE = 1_000
_STATEFUL = (Kind.CLASSES, Kind.USERS)

Shape = tuple[Kind, Action, tuple[str, ...] | None]


class Roster:
    """The roster of one integration (base.RosterStore)."""

    def __init__(self, store: Store, integration: str) -> None:
        """Read and change the rows of this integration alone."""
        self._store = store
        self._integration = integration

    def rows(self, kind: Kind) -> Iterator[Row]:
        """Yield the rows of one kind sorted by their key, streaming; can be called again."""
        columns = ", ".join(_fields(kind))
        return map(_reader(kind), paged(self._store, ROSTER[kind], columns, KEYS[kind], self._integration))

    def get(self, kind: Kind, *key: str) -> Row | None:
        """Look one row up by its sourcedId, a relationship by student and parent; None where there is none."""
        sql = f"SELECT {', '.join(_fields(kind))} FROM {ROSTER[kind]} WHERE {_where(kind)}"  # noqa: S608 - constants
        rows = self._store.fetch(sql, (self._integration, *key))
        return _reader(kind)(rows[0]) if rows else None

    def counts(self) -> dict[Kind, int]:
        """Count the rows in force of every kind: without disabled users and archived classes."""
        return {kind: self._count(kind) for kind in Kind}

    def apply(self, changes: Iterable[Change]) -> None:
        """Carry the changes out, all or none; raises StoreError where one does not fit the rows that are there."""
        with self._store.transaction():
            forget_settled(self._store, self._integration)
            for shape, alike in groupby(changes, _shape):
                for chunk in chunked(alike, _CHANGES_AT_ONCE):
                    self._carry_out(shape, chunk)

    def _count(self, kind: Kind) -> int:
        """Count the rows in force of one kind."""
        state = f" AND state = '{ACTIVE}'" if kind in _STATEFUL else ""
        sql = f"SELECT count(*) FROM {ROSTER[kind]} WHERE integration = ?{state}"  # noqa: S608 - constants
        return int(self._store.fetch(sql, (self._integration,))[0][0])

    def _carry_out(self, shape: Shape, changes: list[Change]) -> None:
        """Carry out changes of one shape, and see that each hit its row."""
        kind, _, fields = shape
        sql = _statement(shape)
        values = (
            (*new, self._integration, *_key(change))
            for new, change in zip(_new(fields, changes), changes, strict=False)
        )
        touched = self._store.write_many(sql, values)
        if touched != len(changes):
            missed = f"{len(changes) - touched} of {len(changes)} {kind} to change are not there"
            raise damaged(self._store.where, f"{missed}, around {changes[0].sourced_id!r}")


def _shape(change: Change) -> Shape:
    """Tell which statement carries a change out."""
    return _shape_of(change.kind, change.action, None if change.after is None else tuple(change.after))


@lru_cache(maxsize=1_000)
def _shape_of(kind: Kind, action: Action, names: tuple[str, ...] | None) -> Shape:
    """Name kind, action, and the fields that the statement sets (None: the row goes); a new row needs all of them."""
    if names is None:
        return kind, action, None
    fields = [name for name in _fields(kind) if name not in KEYS[kind]]
    unknown = set(names).difference(fields, KEYS[kind])
    if unknown:
        raise ValueError(f"a change of {kind} names fields that do not exist: {sorted(unknown)}")
    chosen = tuple(name for name in fields if action is Action.CREATE or name in names)
    if not chosen:
        raise ValueError(f"a change of {kind} changes no field")
    return kind, action, chosen


def _statement(shape: Shape) -> str:
    """Write the statement for one shape; its values are the fields set, the integration, and the key."""
    kind, action, fields = shape
    table = ROSTER[kind]
    if fields is None:
        return f"DELETE FROM {table} WHERE {_where(kind)}"  # noqa: S608 - constants
    if action is Action.CREATE:
        columns = (*fields, "integration", *KEYS[kind])
        return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - constants
    return f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in fields)} WHERE {_where(kind)}"  # noqa: S608 - constants


def _where(kind: Kind) -> str:
    """Write the condition that finds one row."""
    return " AND ".join(f"{column} = ?" for column in ("integration", *KEYS[kind]))


def _new(fields: tuple[str, ...] | None, changes: list[Change]) -> Iterator[Iterable[Any]]:
    """Yield the values that each change sets, lists as JSON text."""
    if fields is None:
        return repeat(())
    after = map(attrgetter("after"), changes)
    if LISTS.isdisjoint(fields):
        return map(_getter(fields), after)
    return ([encode_list(new[name]) if name in LISTS else new[name] for name in fields] for new in after)


def _getter(fields: tuple[str, ...]) -> Callable[[dict[str, Any]], Iterable[Any]]:
    """Make the function that takes these values out of a change."""
    one = itemgetter(*fields)
    return one if len(fields) > 1 else lambda new: (one(new),)


def _key(change: Change) -> tuple[str, ...]:
    """Find the key of the changed row; that of a relationship in its fields, as sourcedIds may hold `|` themselves."""
    if change.kind is not Kind.RELATIONSHIPS:
        return (change.sourced_id,)
    known = (change.before or {}) | (change.after or {})
    return tuple(known[name] for name in KEYS[change.kind])


def _fields(kind: Kind) -> tuple[str, ...]:
    """Name the fields of a row, which are the columns of its table."""
    return ROWS[kind]._fields


def _reader(kind: Kind) -> Callable[[tuple[Any, ...]], Row]:
    """Make the function that turns columns into a row."""
    make = cast("Callable[[Iterable[Any]], Row]", ROWS[kind]._make)
    lists = [place for place, name in enumerate(_fields(kind)) if name in LISTS]
    if not lists:
        return make

    def read(columns: tuple[Any, ...]) -> Row:
        """Decode the lists of one row."""
        values = list(columns)
        for place in lists:
            values[place] = decode_list(values[place])
        return make(values)

    return read
