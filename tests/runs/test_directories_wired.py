"""What the configuration says of a directory reaches its adapter, whole and with its secrets."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rostersync.config.load import load
from rostersync.directories.aliases import DomainAliases
from rostersync.directories.csv import CsvDirectory, CsvSettings
from rostersync.directories.google import GoogleDirectory, GoogleSettings
from rostersync.directories.ldap import LdapDirectory, LdapSettings
from rostersync.directories.microsoft import MicrosoftDirectory, MicrosoftSettings
from rostersync.model.policy import MatchKey
from rostersync.wiring import wire

CONFIG = """
[integrations.springfield]
source = { url = "https://sis.example.org", auth = { type = "none" } }
match = { by = ["identifier", "email"] }

[integrations.springfield.directory]
match_disabled = true
max_age = "1h"
"""
BY: tuple[MatchKey, ...] = ("identifier", "email")


def opened(folder: Path, directory: str) -> Any:  # noqa: ANN401 - whichever directory it is
    """The directory behind a configuration."""
    file = folder / "rostersync.toml"
    file.write_text(CONFIG + directory, encoding="utf-8")
    assert tomllib.loads(file.read_text("utf-8"))
    config = load(file, {}, folder)
    integration = wire(config, "springfield", lambda: datetime(2026, 11, 20, tzinfo=UTC), {"SECRET": "s3cret"})
    assert integration.open_directory is not None
    return integration.open_directory()


def test_csv(tmp_path: Path) -> None:
    text = 'type = "csv"\npath = "a.csv"\ncolumns = { id = "GUID" }\ndelimiter = ";"\nencoding = "utf-16"\n'
    directory = opened(tmp_path, text)
    assert isinstance(directory, CsvDirectory)
    assert directory._settings == CsvSettings(tmp_path / "a.csv", {"id": "GUID"}, ";", "utf-16", BY)


def test_ldap(tmp_path: Path) -> None:
    text = """
    type = "ldap"
    url = "ldap://dc1.example.org"
    start_tls = true
    bind_dn = "cn=reader"
    password = "env:SECRET"
    bases = ["ou=a", "ou=b"]
    scope = "onelevel"
    filter = "(a=b)"
    attributes = { identifier = "employeeID" }
    page_size = 99
    ca_file = "ca.pem"
    """
    directory = opened(tmp_path, text)
    assert isinstance(directory, LdapDirectory)
    assert directory._settings == LdapSettings(
        url="ldap://dc1.example.org",
        start_tls=True,
        bind_dn="cn=reader",
        password="s3cret",
        bases=("ou=a", "ou=b"),
        scope="onelevel",
        filter="(a=b)",
        attributes={"identifier": "employeeID"},
        page_size=99,
        ca_file=tmp_path / "ca.pem",
        needed=BY,
    )
    assert "s3cret" not in repr(directory._settings)


def test_google(tmp_path: Path) -> None:
    text = """
    type = "google"
    key_file = "key.json"
    subject = "admin@example.org"
    customer = "C01"
    domain = "example.org"
    query = "orgUnitPath=/Students"
    attributes = { identifier = "externalIds.organization" }
    """
    directory = opened(tmp_path, text)
    assert isinstance(directory, GoogleDirectory)
    assert directory._settings == GoogleSettings(
        key_file=tmp_path / "key.json",
        subject="admin@example.org",
        customer="C01",
        domain="example.org",
        query="orgUnitPath=/Students",
        attributes={"identifier": "externalIds.organization"},
        needed=BY,
    )


@pytest.mark.parametrize("secret", [True, False])
def test_microsoft(tmp_path: Path, *, secret: bool) -> None:
    text = f"""
    type = "microsoft"
    cloud = "china"
    tenant = "11111111-2222-3333-4444-555555555555"
    client_id = "app"
    filter = "accountEnabled eq true"
    attributes = {{ identifier = "employeeId" }}
    {'client_secret = "env:SECRET"' if secret else 'certificate_file = "app.pem"'}
    """
    directory = opened(tmp_path, text)
    assert isinstance(directory, MicrosoftDirectory)
    assert directory._settings == MicrosoftSettings(
        tenant="11111111-2222-3333-4444-555555555555",
        client_id="app",
        client_secret="s3cret" if secret else None,
        certificate_file=None if secret else tmp_path / "app.pem",
        filter="accountEnabled eq true",
        attributes={"identifier": "employeeId"},
        needed=BY,
        cloud="china",
    )
    assert "s3cret" not in repr(directory._settings)


def test_domain_aliases_stand_around_whatever_directory_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,email,identifier\n1,ada@example.org,\n", "utf-8")
    directory = opened(
        tmp_path, 'type = "csv"\npath = "a.csv"\ndomain_aliases = { "Stu.example.org" = "example.org" }\n'
    )
    assert isinstance(directory, DomainAliases)
    assert [account.emails for account in directory.accounts()] == [("ada@example.org", "ada@stu.example.org")]
