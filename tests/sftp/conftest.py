"""Fixtures of the tests of SFTP: two servers, and connections to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest
import stamina

from rostersync.ssh.settings import SshSettings
from tests.sftp.faulty import HOST, PASSWORD, USER, FaultyServer
from tests.sftp.openssh import Sshd


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """Retries do not wait."""
    with stamina.set_testing(testing=True, attempts=100, cap=True):
        yield


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("openssh") / "server") as server:
        yield server


@pytest.fixture
def openssh(sshd: Sshd) -> SshSettings:
    """How to sign in to OpenSSH."""
    return SshSettings(HOST, sshd.user, sshd.known_hosts, sshd.port, key_file=sshd.key_file, timeout=20)


@pytest.fixture(scope="session")
def host_key() -> paramiko.PKey:
    return paramiko.ECDSAKey.generate()


@pytest.fixture
def faulty(tmp_path: Path, host_key: paramiko.PKey) -> Iterator[FaultyServer]:
    root = tmp_path / "root"
    root.mkdir()
    with FaultyServer(root, host_key) as server:
        yield server


@pytest.fixture
def ssh(faulty: FaultyServer, tmp_path: Path) -> SshSettings:
    """How to sign in to the server that goes wrong."""
    known = tmp_path / "known_hosts"
    key = f"{faulty.key.get_name()} {faulty.key.get_base64()}"
    known.write_text(f"[{HOST}]:{faulty.port} {key}\n", encoding="ascii")
    return SshSettings(HOST, USER, known, faulty.port, password=PASSWORD, timeout=20)
