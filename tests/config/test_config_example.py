"""The example file: every key of the schema, with its default."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from rostersync.config.identity import settings_digest
from rostersync.config.load import load
from rostersync.config.schema import SECTIONS, IntegrationConfig, StoreSection, keys_of
from rostersync.config.source import SftpAccess
from rostersync.config.vendors import PROFILES

EXAMPLE = Path(__file__).parents[2] / "examples" / "config.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
NAME = "springfield"


def alternatives() -> list[dict[str, Any]]:
    """Give every table that stands in comments, with the comments taken off."""
    blocks = re.findall(r"^#\[.*\n(?:#.*\n)*", TEXT, re.MULTILINE)
    tables = ["".join(re.findall(r"^#([^ #\n].*\n)", block, re.MULTILINE)) for block in blocks]
    return [tomllib.loads(table)["integrations"][NAME] for table in tables]


def test_the_example_is_right() -> None:
    config = load(EXAMPLE, {}, EXAMPLE.parent)
    assert list(config.integrations) == [NAME]


def with_optional_keys() -> dict[str, Any]:
    """Parse the example with the commented keys of its own tables switched on, and without the alternatives."""
    lines: list[str] = []
    skipping = False
    for line in TEXT.split("\n"):
        if line.startswith(("[", "#[")):
            skipping = line.startswith("#")
        if not skipping:
            lines.append(line[1:] if re.match(r"#[^ #\n]", line) else line)
    return tomllib.loads("\n".join(lines))


def test_the_example_with_its_optional_keys_is_right() -> None:
    data = with_optional_keys()
    assert StoreSection.model_validate(data["store"]).url == "sqlite:///rostersync.db"
    full = IntegrationConfig.model_validate({"key": NAME, **data["integrations"][NAME]})
    assert (full.title, full.partner_id) == ("Springfield Unified", "spr-01")
    assert full.schedule is not None
    assert full.schedule.cron == "0 18 * * 2,5"


def test_writing_the_defaults_out_is_no_edit() -> None:
    written = tomllib.loads(TEXT)["integrations"][NAME]
    needed = {key: written["source"]["auth"][key] for key in ("token_url", "client_id", "client_secret")}
    short = {"key": NAME, "source": {"url": written["source"]["url"], "auth": needed}}
    full = IntegrationConfig.model_validate({"key": NAME, **written})
    assert settings_digest(full) == settings_digest(IntegrationConfig.model_validate(short))


def differences(section: BaseModel, key: str) -> list[str]:
    """Name the keys of a section, and of those inside it, that are not at their default."""
    found: list[str] = []
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            found += differences(value, f"{key}.{name}")
        elif not field.is_required() and value != field.get_default(call_default_factory=True):
            found.append(f"{key}.{name}")
    return found


def test_every_value_of_the_example_is_the_default() -> None:
    config = load(EXAMPLE, {}, EXAMPLE.parent)
    assert differences(config.integration(NAME), NAME) == []
    assert config.store.retain_runs_days == StoreSection().retain_runs_days


def present(place: tuple[str, ...]) -> list[dict[str, Any]]:
    """Give the tables of the example, also those in comments, that stand for a section of the schema."""
    tables = [with_optional_keys()["integrations"][NAME], *alternatives()]
    if not place:
        return tables[:1]
    if place[:2] == ("source", "rest") and len(place) > 2:
        auths = [table["source"]["auth"] for table in tables if "auth" in table.get("source", {})]
        return [auth for auth in auths if auth["type"] == place[3]]
    found = [table[place[0]] for table in tables if place[0] in table]
    if place[-1] == "sftp":  # that of an output is told in words: as in an sftp source
        return [table["source"] for table in tables if table.get("source", {}).get("type") == "sftp"]
    if place[0] == "outputs":
        return [output for outputs in found for output in outputs if output["format"] == place[1]]
    return [table for table in found if len(place) == 1 or table.get("type") == place[1]]


@pytest.mark.parametrize("place", SECTIONS, ids=".".join)
def test_every_key_of_the_schema_is_in_the_example(place: tuple[str, ...]) -> None:
    keys = set(keys_of(SECTIONS[place]))
    if place == ("outputs", "oneroster-1.1"):
        assert "oneroster-1.1" in TEXT
        return
    tables = present(place)
    assert tables
    named = {key for table in tables for key in table}
    instead = set(re.findall(r"^# Instead of \w+: (\w+) = ", TEXT, re.MULTILINE))
    elsewhere = {"directory", "outputs"} if not place else {"sftp"} if place[0] == "outputs" else set()
    missing = keys - named - elsewhere
    assert missing <= instead
    assert missing <= {"password", "client_secret"}


@pytest.mark.parametrize("table", alternatives(), ids=str)
def test_every_alternative_of_the_example_is_right(table: dict[str, Any]) -> None:
    base = tomllib.loads(TEXT)["integrations"][NAME]
    if "auth" in table.get("source", {}):
        table = {"source": {**base["source"], "auth": table["source"]["auth"]}}
    integration = IntegrationConfig.model_validate({"key": NAME, **base, **table})
    changed = integration.source if "source" in table else integration.directory or integration.outputs[0]
    assert isinstance(changed, BaseModel)
    delivery = {f".sftp.{name}" for name in SftpAccess.model_fields}
    assert set(differences(changed, "")) <= {f".{name}" for name in optional(changed)} | delivery


def optional(section: BaseModel) -> list[str]:
    """Name the keys that have no default but may be left out."""
    return [name for name, field in type(section).model_fields.items() if field.default is None]


def test_the_delivery_of_an_output_is_in_the_example() -> None:
    shown = [output["sftp"] for table in alternatives() for output in table.get("outputs", []) if "sftp" in output]
    assert [SftpAccess.model_validate(table).port for table in shown] == [22]


def test_every_vendor_is_named_in_the_example() -> None:
    listed = re.search(r"# A profile of defaults for source and sync: (.*?)\.\nvendor", TEXT, re.DOTALL)
    assert listed is not None
    assert re.split(r",\s+(?:# )?", listed[1]) == sorted(PROFILES)
