"""Reads the configuration whole and tells everything that is wrong with it at once (contract §1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from rostersync.config.checks import contradictions
from rostersync.config.find import find, folders, read_toml
from rostersync.config.positions import Lines
from rostersync.config.problems import Spot, from_pydantic, kind_of, suggestion, unknown_key
from rostersync.config.schema import IntegrationConfig, StoreSection, keys_of
from rostersync.config.vendors import with_profile
from rostersync.errors import ConfigError, Problem, UsageError

_TOP = ("store", "integrations")
_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Where the store is, as an absolute path, and how many days of runs it keeps."""

    path: Path
    retain_runs_days: int = 400


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration; `path` is its file, made absolute, and `lines` knows where each key stands."""

    path: Path
    store: StoreConfig
    integrations: dict[str, IntegrationConfig]
    lines: Lines

    @property
    def base(self) -> Path:
        """The folder that relative paths start from."""
        return self.path.parent

    @property
    def spot(self) -> Spot:
        """Where problems of this file are reported."""
        return Spot(str(self.path), self.lines)

    def integration(self, name: str) -> IntegrationConfig:
        """Give an integration by its name; raises UsageError (RS-CFG-005) where there is none."""
        if name in self.integrations:
            return self.integrations[name]
        known = ", ".join(self.integrations) or "none"
        message = f'no integration "{name}"{suggestion(name, self.integrations)}'
        raise UsageError(message, f"integrations in {self.path}: {known}", "RS-CFG-005")


def load(path: Path | None, env: Mapping[str, str], cwd: Path) -> Config:
    """Find, read and check the configuration.

    Raises ConfigError: RS-CFG-001 where there is no file, RS-CFG-002 where it is not TOML, else with every problem in
    the file, RS-CFG-003 and RS-SCHED-001.
    """
    file = find(path, env, cwd).absolute()
    text, data = read_toml(file)
    return parse(file, text, data)


def parse(file: Path, text: str, data: Mapping[str, Any]) -> Config:
    """Check the values of a file that has been read; raises ConfigError with every problem in it."""
    spot = Spot(str(file), Lines(text))
    problems = [unknown_key(spot, (key,), _TOP) for key in data if key not in _TOP]
    store = _store(data.get("store", {}), spot.below("store"), file, problems)
    integrations = _integrations(data.get("integrations", {}), spot.below("integrations"), file, problems)
    if problems or store is None:
        raise ConfigError(sorted(problems, key=lambda problem: (problem.line or 0, problem.key, problem.message)))
    return Config(file, store, integrations, spot.lines)


def _store(table: object, spot: Spot, file: Path, problems: list[Problem]) -> StoreConfig | None:
    """Check the table of the store and make an absolute path of its URL."""
    try:
        section = StoreSection.model_validate(table, context={"base": file.parent})
    except ValidationError as error:
        problems.extend(_store_problem(detail, spot) for detail in error.errors())
        return None
    path = _database(section.url, file, spot, problems)
    return None if path is None else StoreConfig(path, section.retain_runs_days)


def _store_problem(detail: ErrorDetails, spot: Spot) -> Problem:
    if detail["type"] == "extra_forbidden":
        return unknown_key(spot, detail["loc"], keys_of(StoreSection))
    return from_pydantic(detail, spot, {})


def _database(url: str | None, file: Path, spot: Spot, problems: list[Problem]) -> Path | None:
    """Give the path of an SQLite URL without ever repeating the URL, which may hold a password."""
    if url is None:
        return Path(folders().user_data_path) / "rostersync.db"
    scheme = url.partition(":")[0]
    name = url.removeprefix(_SQLITE)
    if scheme != "sqlite" and "://" in url:
        message = f'"{scheme}" is not available in this version; allowed: {_SQLITE}PATH'
    elif not url.startswith(_SQLITE) or not name or ":memory:" in name or set(name) & set("?#\0"):
        message = f"must be a file: {_SQLITE}PATH, relative to this file, or with a fourth slash absolute"
    else:
        return file.parent / name
    problems.append(spot.problem(("url",), message))
    return None


def _integrations(tables: object, spot: Spot, file: Path, problems: list[Problem]) -> dict[str, IntegrationConfig]:
    """Check every integration and give those that are right."""
    if not isinstance(tables, dict):
        problems.append(spot.problem((), f"must be a table, not {kind_of(tables)}", "write [integrations.NAME]"))
        return {}
    found = {name: _integration(name, table, spot.below(name), file, problems) for name, table in tables.items()}
    return {name: integration for name, integration in found.items() if integration is not None}


def _integration(name: str, table: object, spot: Spot, file: Path, problems: list[Problem]) -> IntegrationConfig | None:
    """Check one integration: its values by the schema, then what its sections say to each other."""
    if not isinstance(table, dict):
        problems.append(spot.problem((), f"must be a table, not {kind_of(table)}", "write [integrations.NAME]"))
        return None
    if "key" in table:
        problems.append(unknown_key(spot, ("key",), keys_of(IntegrationConfig)))
    full = {**with_profile(table), "key": name}
    problems.extend(contradictions(full, spot))
    try:
        return IntegrationConfig.model_validate(full, context={"base": file.parent})
    except ValidationError as error:
        problems.extend(from_pydantic(detail, spot, full) for detail in error.errors())
        return None
