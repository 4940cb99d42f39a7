"""What an integration's options ask of the engine: contract §1 without source, auth, schedule and outputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Group = Literal["student", "teacher", "staff", "parent"]
MatchKey = Literal["email", "username", "identifier", "userMasterIdentifier", "sourcedId"]


@dataclass(frozen=True, slots=True)
class Schools:
    """`schools.*` (rule 1)."""

    include: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()
    mode: Literal["auto", "manual"] = "auto"
    map: dict[str, str] = field(default_factory=dict)
    unmapped: Literal["keep", "ignore"] = "keep"


@dataclass(frozen=True, slots=True)
class Sync:
    """`sync.*` (rules 2 to 6, 8, 12); `missing_users` None is the default of rule 8."""

    classes: bool = True
    respect_enrollment_dates: bool = False
    respect_academic_sessions: bool = False
    session_grace_days: int = 0
    end_dates: Literal["exclusive", "inclusive"] = "exclusive"
    roles: tuple[Group, ...] = ("student", "teacher", "staff")
    parents: bool = False
    relationship: tuple[str, ...] = ("parent", "guardian", "relative")
    missing_users: Literal["create", "ignore"] | None = None
    missing_classes: Literal["create", "ignore"] = "create"
    removed_users: Literal["disable", "delete", "keep"] = "disable"
    removed_classes: Literal["archive", "delete", "keep"] = "archive"
    class_requires: tuple[Literal["teacher", "student"], ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """`match.*` and `directory.match_disabled` (rule 8)."""

    by: tuple[MatchKey, ...] = ("email",)
    match_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """`limits.*` (rules 10 and 13)."""

    removals_percent: float = 10
    removals: int = 500
    rejected_percent: float = 5


@dataclass(frozen=True, slots=True)
class Policy:
    """All that the engine needs to know of one integration's configuration."""

    schools: Schools = field(default_factory=Schools)
    sync: Sync = field(default_factory=Sync)
    match: Match = field(default_factory=Match)
    limits: Limits = field(default_factory=Limits)
