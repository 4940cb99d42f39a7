"""An LDAP server is verified, and nothing switches that off."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rostersync.directories.ldap import LdapDirectory, LdapSettings
from rostersync.errors import DirectoryError
from tests.directories.authority import Authority
from tests.directories.contract import assert_fails
from tests.directories.slapd import HOST, PASSWORD, PEOPLE, READER, Options, Slapd, person

ROOT = Path(__file__).parents[2]
FAR = datetime(2099, 1, 1, tzinfo=UTC)
READ = """
import sys
from pathlib import Path
from rostersync.directories.ldap import LdapDirectory, LdapSettings
from rostersync.errors import DirectoryError
url, start_tls, bind_dn, password = sys.argv[1:]
try:
    settings = LdapSettings(url, start_tls == "yes", bind_dn, password, ["ou=people,dc=example,dc=org"])
    print(len(list(LdapDirectory(settings).accounts())))
except DirectoryError as error:
    print(error.code)
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give the authority that signs the servers' certificates."""
    return Authority(tmp_path_factory.mktemp("authority"), "district")


def _server(folder: Path, authority: Authority, host: str, *, name: str = HOST, end: datetime = FAR) -> Slapd:
    server = Slapd(folder, Options(certificate=authority.certificate(host, common_name=name, end=end)))
    server.load([person("ada"), person("bert")])
    return server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Slapd]:
    """Give a server whose certificate names it."""
    with _server(tmp_path_factory.mktemp("tls"), authority, HOST) as server:
        yield server


@pytest.fixture(params=["ldaps", "start_tls"])
def way(request: pytest.FixtureRequest) -> str:
    """Give each way to TLS."""
    return str(request.param)


def directory(server: Slapd, way: str, ca_file: Path | None) -> LdapDirectory:
    """Open a directory with TLS."""
    url = server.tls_url if way == "ldaps" else server.url
    return LdapDirectory(
        LdapSettings(url, way == "start_tls", READER, PASSWORD, [PEOPLE], ca_file=ca_file, connect_timeout=5)
    )


def test_a_server_that_the_right_authority_vouches_for_is_read(server: Slapd, authority: Authority, way: str) -> None:
    with closing(directory(server, way, authority.file)) as opened:
        told, *_, counted = opened.probe()
    assert "(TLS, certificate verified)" in told.message
    assert counted.message == "2 accounts, 0 with an email"


def test_a_server_that_another_authority_vouches_for_is_not(server: Slapd, tmp_path: Path, way: str) -> None:
    error = assert_fails(directory(server, way, Authority(tmp_path, "stranger").file), "RS-DIR-001")
    assert "directory.ca_file" in error.hint


def test_a_server_that_the_system_does_not_trust_is_not(server: Slapd, way: str) -> None:
    assert_fails(directory(server, way, None), "RS-DIR-001")


@pytest.mark.parametrize(
    ("host", "name", "end"),
    [
        ("ldap.example.org", "ldap.example.org", FAR),
        ("ldap.example.org", HOST, FAR),
        ("127.0.0.2", "127.0.0.2", FAR),
        (HOST, HOST, datetime(2021, 1, 1, tzinfo=UTC)),
    ],
    ids=["host", "subject", "address", "expired"],
)
def test_a_certificate_of_another_host_or_time_is_refused(
    tmp_path: Path, authority: Authority, way: str, host: str, name: str, end: datetime
) -> None:
    with _server(tmp_path / "slapd", authority, host, name=name, end=end) as other:
        assert_fails(directory(other, way, authority.file), "RS-DIR-001")


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_certificates_that_cannot_be_read_are_not_left_out(
    server: Slapd, tmp_path: Path, way: str, content: str | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    assert_fails(directory(server, way, file), "RS-DIR-001")


def test_a_server_without_tls_is_refused_where_start_tls_is_wanted(tmp_path: Path) -> None:
    with Slapd(tmp_path / "plain") as plain:
        assert_fails(directory(plain, "start_tls", None), "RS-DIR-002")


def test_neither_environment_nor_files_switch_verification_off(server: Slapd, tmp_path: Path, way: str) -> None:
    for name in ("ldaprc", ".ldaprc"):
        (tmp_path / name).write_text("TLS_REQCERT never\nTLS_REQSAN never\nSIZELIMIT 1\n", encoding="utf-8")
    environment = {**os.environ, "LDAPTLS_REQCERT": "never", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "src")}
    url = server.tls_url if way == "ldaps" else server.url
    command = [sys.executable, "-c", READ, url, "yes" if way == "start_tls" else "no", READER, PASSWORD]
    told = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout == "RS-DIR-001\n"


def test_a_limit_of_the_users_own_files_does_not_cut_the_result(server: Slapd, tmp_path: Path) -> None:
    (tmp_path / "ldaprc").write_text("SIZELIMIT 1\nTIMELIMIT 1\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", READ, server.url, "no", READER, PASSWORD]
    told = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert told.stdout == "2\n"


@pytest.mark.parametrize("url", ["ldap://ldap.example.org", "ldap://192.0.2.1:389"])
def test_a_password_does_not_travel_in_the_clear(url: str) -> None:
    with pytest.raises(DirectoryError, match="in the clear") as caught:
        LdapDirectory(LdapSettings(url, bind_dn=READER, password=PASSWORD))
    assert caught.value.code == "RS-DIR-002"
    assert "start_tls" in caught.value.hint
