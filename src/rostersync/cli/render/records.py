"""From results of the pipeline to the values of contract §3: Run, Preview, Diagnostic, plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.plan import Change, KindCounts

if TYPE_CHECKING:
    from rostersync.pipeline.checking import Checked
    from rostersync.pipeline.result import Preview
    from rostersync.sources.base import Probe
    from rostersync.store.base import RunRecord

KINDS = (
    Kind.USERS,
    Kind.CLASSES,
    Kind.ENROLLMENTS,
    Kind.ORGS,
    Kind.SESSIONS,
    Kind.COURSES,
    Kind.RELATIONSHIPS,
)
"""The order in which changes are told: what people ask for first comes first."""

Values = dict[str, Any]


class Stream:
    """Values that are made anew each time they are read, and never held as a whole."""

    def __init__(self, make: Callable[[], Iterable[Values]]) -> None:
        """Keep the way to make them."""
        self._make = make

    def __iter__(self) -> Iterator[Values]:
        """Make them."""
        return iter(self._make())


def diagnostics(found: Iterable[Diagnostic]) -> Iterator[Values]:
    """Diagnostics, each as its document."""
    for each in found:
        yield {
            "code": each.code,
            "severity": each.severity,
            "kind": each.kind,
            "sourced_id": each.sourced_id,
            "school": each.school,
            "message": each.message,
            "hint": each.hint,
        }


def plan(changes: Iterable[Change]) -> Iterator[Values]:
    """Changes, each as its document."""
    for change in changes:
        values = change._asdict()
        del values["schools"]
        yield values


def changes(counts: Mapping[Kind, KindCounts]) -> Values:
    """The numbers of every kind, those without changes too."""
    return {kind: counts.get(kind, KindCounts())._asdict() for kind in KINDS}


def run(record: RunRecord, found: Iterable[Values]) -> Values:
    """A Run; the diagnostics come as they are to be written, and may be a stream."""
    return {
        "id": record.id,
        "integration": record.integration,
        "status": record.status,
        "mode": record.mode,
        "date": record.date,
        "started_at": record.started_at,
        "finished_at": record.finished_at,
        "counts": record.counts._asdict(),
        "changes": changes(record.changes),
        "plan_hash": record.plan_hash,
        "forced": record.forced,
        "diagnostics": found,
        "outputs": list(record.outputs),
        "error": record.error,
    }


def preview(shown: Preview, kind: Kind | None, school: str | None) -> Values:
    """A Preview; its plan is cut to a kind and a school where they are named, its numbers are of the whole."""
    return {
        "integration": shown.integration,
        "mode": shown.mode,
        "date": shown.date,
        "plan_hash": shown.plan_hash,
        "counts": shown.counts._asdict(),
        "changes": changes(shown.changes),
        "plan": Stream(lambda: plan(_cut(shown.plan, kind, school))),
        "diagnostics": Stream(lambda: diagnostics(shown.diagnostics)),
        "held_schools": [held._asdict() for held in shown.held],
        "verdict": {"allowed": shown.verdict.allowed, "reasons": list(shown.verdict.reasons)},
    }


def check(checked: Checked) -> Values:
    """What was tried for one integration."""
    return {"integration": checked.integration, "ok": checked.ok, "items": [_item(item) for item in checked.items]}


def _item(item: Probe) -> Values:
    """One line of a check; one that holds and yet has a hint is a warning."""
    severity = "error" if not item.ok else "warning" if item.hint else "info"
    detail = {**(item.detail or {}), **({"hint": item.hint} if item.hint else {})}
    return {
        "name": item.name,
        "ok": item.ok,
        "severity": severity,
        "code": item.code,
        "message": item.message,
        "detail": detail,
    }


def _cut(changes: Iterable[Change], kind: Kind | None, school: str | None) -> Iterator[Change]:
    for change in changes:
        if kind in {None, change.kind} and (school is None or school in change.schools):
            yield change
