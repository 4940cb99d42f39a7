"""Rule 12: desired against applied gives the changes of one kind, as two sorted streams walked side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from rostersync.model.decision import Reason
from rostersync.model.kind import Kind
from rostersync.model.plan import Action, Change
from rostersync.model.policy import Sync
from rostersync.model.roster import (
    ACTIVE,
    ARCHIVED,
    DISABLED,
    ClassRow,
    CourseRow,
    EnrollmentRow,
    OrgRow,
    RelationshipRow,
    Row,
    UserRow,
)


class Wanted(NamedTuple):
    """What the rules ask for one key: the row that should be, or the reason why there should be none."""

    row: Row | None
    reason: Reason | None


def compare(
    kind: Kind, pairs: Iterable[tuple[Wanted, Row | None]], sync: Sync, stays: Callable[[Kind, Row], bool]
) -> Iterator[Change]:
    """Yield the change for every pair of what should be and what is, where they differ; `stays` are rows left alone."""
    for wanted, row in pairs:
        if row is not None and stays(kind, row):
            continue
        if wanted.row is not None:
            change = _create(kind, wanted.row) if row is None else _update(kind, row, wanted.row)
        else:
            change = None if row is None else _remove(kind, row, wanted.reason, sync)
        if change is not None:
            yield change


def key_of(kind: Kind, row: Row) -> str:
    """The row's sourcedId in a plan; a relationship's is `student|parent`."""
    return f"{row[0]}|{row[1]}" if kind is Kind.RELATIONSHIPS else row[0]


def in_force(row: Row) -> bool:
    """Whether a row is active; only classes and users can be otherwise."""
    return getattr(row, "state", ACTIVE) == ACTIVE


def _create(kind: Kind, row: Row) -> Change:
    return Change(kind, Action.CREATE, key_of(kind, row), label_of(row), None, None, row._asdict(), schools_of(row))


def _update(kind: Kind, row: Row, wanted: Row) -> Change | None:
    if row == wanted:
        return None
    before, after = _differences(row, wanted)
    if isinstance(row, RelationshipRow):
        # A sourcedId may hold a "|", so the pair cannot be read back from the change's own key.
        before |= {"student_sourced_id": row.student_sourced_id, "parent_sourced_id": row.parent_sourced_id}
    return Change(
        kind, Action.UPDATE, key_of(kind, row), label_of(wanted), None, before, after, schools_of(wanted, row)
    )


def _remove(kind: Kind, row: Row, reason: Reason | None, sync: Sync) -> Change | None:
    """Remove a row as the options ask; a rejected record never removes anything (rule 0.4)."""
    if reason is Reason.RECORD_REJECTED or not in_force(row):
        return None
    left = _left_of(row, sync)
    if left == row:
        return None
    before, after = (row._asdict(), None) if left is None else _differences(row, left)
    return Change(kind, Action.REMOVE, key_of(kind, row), label_of(row), reason, before, after, schools_of(row))


def _left_of(row: Row, sync: Sync) -> Row | None:
    """What removing leaves of a row in force: nothing, the row as it was, or one that is no longer in force."""
    if isinstance(row, UserRow) and sync.removed_users != "delete":
        return row if sync.removed_users == "keep" else row._replace(enabled=0, state=DISABLED)
    if isinstance(row, ClassRow) and sync.removed_classes != "delete":
        return row if sync.removed_classes == "keep" else row._replace(state=ARCHIVED)
    return None


def _differences(old: Row, new: Row) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of two versions of a row that differ, as they were and as they are."""
    fields = [name for name, was, now in zip(old._fields, old, new, strict=True) if was != now]
    return {name: getattr(old, name) for name in fields}, {name: getattr(new, name) for name in fields}


def label_of(row: Row) -> str:
    """A name for the row that a person can read."""
    match row:
        case EnrollmentRow():
            return f"{row.role} {row.user_sourced_id} in {row.class_sourced_id}"
        case UserRow():
            return " ".join(filter(None, (row.given_name, row.family_name))) or row.username or row.sourced_id
        case RelationshipRow():
            return f"{row.relationship} {row.parent_sourced_id} of {row.student_sourced_id}"
        case ClassRow() | CourseRow():
            return row.title
        case OrgRow():
            return row.name
        case _:
            return row.title or row.type


def schools_of(*rows: Row) -> tuple[str, ...]:
    """The orgs that these versions of a row belong to, to show only a school's part of a plan."""
    orgs = _orgs_of(rows[0]) if len(rows) == 1 else tuple(org for row in rows for org in _orgs_of(row))
    return orgs if len(orgs) < 2 else tuple(sorted(set(orgs)))  # noqa: PLR2004 - one needs no sorting


def _orgs_of(row: Row) -> tuple[str, ...]:
    match row:
        case EnrollmentRow():
            return () if row.school_sourced_id is None else (row.school_sourced_id,)
        case UserRow():
            return row.orgs
        case ClassRow():
            return (row.school_sourced_id,)
        case OrgRow():
            return (row.sourced_id,)
        case _:
            return ()
