"""What comes out of a run and of a preview."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rostersync.engine.guard import Verdict
from rostersync.engine.hold import HeldSchool
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.plan import Change, KindCounts
from rostersync.model.run import Counts, Mode
from rostersync.store.base import RunRecord


@dataclass(frozen=True, slots=True)
class RunResult:
    """One run as it ended: its record (without id where it left none) and everything it found."""

    record: RunRecord
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would do now; `plan` may be read more than once, while the preview is open."""

    integration: str
    mode: Mode
    date: str
    plan_hash: str
    counts: Counts
    changes: dict[Kind, KindCounts]
    plan: Iterable[Change]
    diagnostics: tuple[Diagnostic, ...]
    held: tuple[HeldSchool, ...]
    verdict: Verdict = field(default_factory=Verdict)
