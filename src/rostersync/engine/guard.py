"""Rule 13: whether a plan may be applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.plan import KindCounts
from rostersync.model.policy import Limits

MIN_IN_FORCE = 10
GUARDED = (Kind.USERS, Kind.CLASSES, Kind.ENROLLMENTS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the plan may be applied, and each reason why not."""

    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.diagnostics

    @property
    def reasons(self) -> tuple[Code, ...]:
        """The codes, each once."""
        return tuple(dict.fromkeys(diagnostic.code for diagnostic in self.diagnostics))


def guard(
    planned: Mapping[Kind, KindCounts], in_force: Mapping[Kind, int], live: Mapping[Kind, int], limits: Limits
) -> Verdict:
    """Judge a whole plan by its removals, and by what the snapshot suddenly has none of.

    `in_force` counts the roster's active rows before the plan, `live` the snapshot's live records of the kinds that may
    not be suddenly empty (users, and classes while they are synced).
    """
    return Verdict((*_removals(planned, in_force, limits), *_empty(in_force, live)))


def guard_accounts(before: int, now: int) -> tuple[Diagnostic, ...]:
    """Judge how many accounts the directory has against how many it had when a run last applied."""
    if now and now * 2 >= before:
        return ()
    had = f"{now} accounts today, and had {before}" if before else "no accounts at all"
    return (
        Diagnostic(
            Code.LIMIT_EMPTY,
            f"the directory has {had}",
            "Look at `rostersync check`: a filter, a base or the rights of its reader may have changed.",
        ),
    )


def _removals(planned: Mapping[Kind, KindCounts], in_force: Mapping[Kind, int], limits: Limits) -> Iterator[Diagnostic]:
    for kind in GUARDED:
        removed, rows = planned[kind].remove, in_force.get(kind, 0)
        if rows >= MIN_IN_FORCE and (removed * 100 > limits.removals_percent * rows or removed > limits.removals):
            yield Diagnostic(
                Code.LIMIT_REMOVALS,
                f"{removed} of {rows} {kind} would be removed ({removed * 100 / rows:.1f} %); "
                f"limits.removals_percent is {limits.removals_percent:g} and limits.removals is {limits.removals}",
                "Look at `rostersync preview`: if it is right, use `run --approve HASH`, and if not, correct the SIS.",
                kind,
            )


def _empty(in_force: Mapping[Kind, int], live: Mapping[Kind, int]) -> Iterator[Diagnostic]:
    for kind, count in live.items():
        if count == 0 and in_force.get(kind, 0) >= MIN_IN_FORCE:
            yield Diagnostic(
                Code.LIMIT_EMPTY,
                f"the source has no {kind} at all today, and the roster has {in_force[kind]}",
                "Ask the SIS vendor what happened to the feed before anything is removed.",
                kind,
            )
