"""The schema of an integration (contract §1): every key, its type, its range and its default."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from rostersync.config.adapters import DIRECTORIES, OUTPUTS, Directory, Output
from rostersync.config.cron import ALLOWED, cron_fault
from rostersync.config.source import AUTHS, SOURCES, Section, SftpAccess, Source
from rostersync.config.values import (
    AS_TUPLE,
    FilePath,
    Name,
    Percent,
    PositiveDuration,
    Text,
    Texts,
    TimeZone,
    wrong,
)
from rostersync.model.policy import Limits, Match, MatchKey, Policy, Schools, Sync


def _cron(text: str) -> str:
    fault = cron_fault(text)
    if fault is not None:
        raise wrong(f"{fault}; allowed: {ALLOWED}", code="RS-SCHED-001")
    return text.strip()


def _some(keys: tuple[MatchKey, ...]) -> tuple[MatchKey, ...]:
    if not keys:
        raise wrong("must not be empty", 'the default is ["email"]')
    return keys


class SchoolsConfig(Section):
    """`schools` (rule 1)."""

    include: Texts = ()
    exclude: Texts = ()
    mode: Literal["auto", "manual"] = "auto"
    map: dict[Text, Text] = Field(default_factory=dict)
    unmapped: Literal["keep", "ignore"] = "keep"


class SyncConfig(Section):
    """`sync` (rules 2 to 6, 8, 11, 12); `missing_users` None is the default of rule 8."""

    classes: bool = True
    respect_enrollment_dates: bool = False
    respect_academic_sessions: bool = False
    session_grace_days: Annotated[int, Field(ge=0, le=366)] = 0
    end_dates: Literal["exclusive", "inclusive"] = "exclusive"
    roles: Annotated[tuple[Literal["student", "teacher", "staff"], ...], AS_TUPLE] = ("student", "teacher", "staff")
    parents: bool = False
    relationship: Annotated[tuple[Literal["parent", "guardian", "relative"], ...], AS_TUPLE] = (
        "parent",
        "guardian",
        "relative",
    )
    missing_users: Literal["create", "ignore"] | None = None
    missing_classes: Literal["create", "ignore"] = "create"
    removed_users: Literal["disable", "delete", "keep"] = "disable"
    removed_classes: Literal["archive", "delete", "keep"] = "archive"
    class_requires: Annotated[tuple[Literal["teacher", "student"], ...], AS_TUPLE] = ()
    mode: Literal["auto", "full"] = "auto"
    full_every: PositiveDuration = timedelta(days=7)


class MatchConfig(Section):
    """`match` (rule 8); `overrides` is a CSV file of sourcedId and account id."""

    by: Annotated[tuple[MatchKey, ...], AS_TUPLE, AfterValidator(_some)] = ("email",)
    overrides: FilePath | None = None


class ScheduleConfig(Section):
    """`schedule`: when the sync is due, and the time zone that also decides which day it is."""

    cron: Annotated[str, AfterValidator(_cron)] | None = None
    timezone: TimeZone = "UTC"


class LimitsConfig(Section):
    """`limits` (rules 10 and 13)."""

    removals_percent: Percent = 10.0
    removals: Annotated[int, Field(ge=0)] = 500
    rejected_percent: Percent = 5.0


class StoreSection(Section):
    """`store` as the file has it; `load` makes a path of its URL."""

    url: Text | None = None
    retain_runs_days: Annotated[int, Field(ge=1, le=36525)] = 400


class IntegrationConfig(Section):
    """One integration: `name` is its key in the file, `title` what the file calls its name.

    To make one without a file: `IntegrationConfig.model_validate({"key": "springfield", "source": {...}})`; only
    `load` applies vendor profiles and the checks across sections.
    """

    name: Name = Field(alias="key")
    given_title: Text | None = Field(None, alias="name")
    enabled: bool = True
    vendor: str = "other"
    partner_id: Text | None = None
    source: Source
    schools: SchoolsConfig = SchoolsConfig()
    sync: SyncConfig = SyncConfig()
    match: MatchConfig = MatchConfig()
    directory: Directory | None = None
    schedule: ScheduleConfig | None = None
    limits: LimitsConfig = LimitsConfig()
    outputs: Annotated[tuple[Output, ...], AS_TUPLE] = ()

    @property
    def title(self) -> str:
        """What people call the integration; its key where the file does not say."""
        return self.given_title or self.name

    @property
    def timezone(self) -> ZoneInfo:
        """The zone that decides which day it is (rules.md, D)."""
        return ZoneInfo(self.schedule.timezone if self.schedule else "UTC")

    @property
    def policy(self) -> Policy:
        """What the engine needs to know, with the default of `missing_users` resolved (rule 8)."""
        return Policy(
            schools=_schools(self.schools),
            sync=self._sync_policy(),
            match=Match(self.match.by, bool(self.directory and self.directory.match_disabled)),
            limits=Limits(**self.limits.model_dump()),
        )

    def _sync_policy(self) -> Sync:
        """Leave out what only the fetch needs."""
        values = self.sync.model_dump(exclude={"mode", "full_every"})
        default = "ignore" if self.directory else "create"
        return Sync(**{**values, "missing_users": self.sync.missing_users or default})


def _schools(section: SchoolsConfig) -> Schools:
    lists = {"include": frozenset(section.include), "exclude": frozenset(section.exclude)}
    return Schools(**{**section.model_dump(), **lists})


SECTIONS: dict[tuple[str, ...], type[Section]] = {
    (): IntegrationConfig,
    ("schools",): SchoolsConfig,
    ("sync",): SyncConfig,
    ("match",): MatchConfig,
    ("schedule",): ScheduleConfig,
    ("limits",): LimitsConfig,
    **{("source", kind): section for kind, section in SOURCES.items()},
    **{("source", "rest", "auth", kind): section for kind, section in AUTHS.items()},
    **{("directory", kind): section for kind, section in DIRECTORIES.items()},
    **{("outputs", kind): section for kind, section in OUTPUTS.items()},
    **{("outputs", kind, "sftp"): SftpAccess for kind in OUTPUTS},
}
"""Every table of an integration, by its place; the member of a union stands in the place as its type or format."""


def keys_of(section: type[Section]) -> tuple[str, ...]:
    """The keys that a table may have, in the order of the contract."""
    names = (field.alias or name for name, field in section.model_fields.items())
    return tuple(name for name in names if name != "key")
