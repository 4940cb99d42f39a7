"""What every step of the engine shares: the inputs, the day, the notes and where findings go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from rostersync.engine.calendar import Calendar
from rostersync.engine.inputs import Roster, Snapshot
from rostersync.engine.notes import Notes
from rostersync.engine.rejections import Rejections
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.directory import Account
from rostersync.model.policy import Policy, Sync


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that the engine looks at (rules.md, first paragraph).

    `accounts` is None without a directory; `overrides` are the accounts settled by hand, by sourcedId.
    """

    snapshot: Snapshot
    roster: Roster
    accounts: Iterable[Account] | None
    policy: Policy
    day: date
    notes: Notes = field(default_factory=Notes)
    overrides: Mapping[str, str] = field(default_factory=dict)


class Work:
    """One run of the engine; every step reads what the steps before it decided, and no step looks back."""

    def __init__(self, inputs: Inputs) -> None:
        """Begin with nothing found."""
        self.snapshot = inputs.snapshot
        self.roster = inputs.roster
        self.policy = inputs.policy
        self.accounts = inputs.accounts
        self.notes = inputs.notes
        self.overrides = inputs.overrides
        self.found: list[Diagnostic] = []
        self.report = self.found.append
        self.rejections = Rejections(self.report)
        self.calendar = Calendar(
            inputs.day, inclusive=self.sync.end_dates == "inclusive", grace_days=self.sync.session_grace_days
        )

    @property
    def sync(self) -> Sync:
        """The options `sync.*`."""
        return self.policy.sync

    @property
    def reads_classes(self) -> bool:
        """Whether classes and enrollments count: while classes are on, and where rule 3 needs them (rule 5)."""
        return self.sync.classes or self.sync.respect_enrollment_dates

    @property
    def ignores_unmatched(self) -> bool:
        """Whether a user without an account is excluded: the default with a directory (rule 8)."""
        default = "create" if self.accounts is None else "ignore"
        return (self.sync.missing_users or default) == "ignore"
