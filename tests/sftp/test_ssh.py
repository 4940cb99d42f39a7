"""Whom we talk to, and who we say we are: host keys, logins, and what is said when something is wrong."""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest
from paramiko.hostkeys import HostKeys

from rostersync.ssh.failures import Missing, SshError
from rostersync.ssh.hosts import TrustedKeys
from rostersync.ssh.opening import connect
from rostersync.ssh.settings import SshSettings
from tests.sftp.faulty import HOST, PASSWORD, FaultyServer
from tests.sftp.openssh import free_port, make_key


def refused(settings: SshSettings) -> SshError:
    """Fail to connect, and give the error; no secret is in it."""
    with pytest.raises(SshError) as caught:
        connect(settings)
    assert PASSWORD not in f"{caught.value.message} {caught.value.hint} {caught.value!r} {settings!r}"
    return caught.value


def line(name: str, key: paramiko.PKey, marker: str = "") -> str:
    """A line of known_hosts."""
    return f"{marker}{name} {key.get_name()} {key.get_base64()}\n"


def test_a_known_key_and_the_right_password_let_us_in(ssh: SshSettings, faulty: FaultyServer) -> None:
    (faulty.root / "a.csv").write_bytes(b"abc")
    with connect(ssh) as session:
        assert session.host_key == f"{faulty.key.get_name()} {faulty.key.fingerprint}"
        assert [(entry.name, entry.size, entry.is_file) for entry in session.entries("/")] == [("a.csv", 3, True)]
        assert b"".join(session.read("/a.csv", 1, 3)) == b"bc"


def test_a_password_that_is_asked_for_in_a_dialog_is_given(ssh: SshSettings, faulty: FaultyServer) -> None:
    faulty.faults.interactive = True
    with connect(ssh) as session:
        assert session.entries("/") == []


def test_an_unknown_host_is_refused_with_its_fingerprint(ssh: SshSettings, faulty: FaultyServer) -> None:
    ssh.known_hosts.write_text(line("other.example.org", faulty.key), encoding="ascii")
    error = refused(ssh)
    assert error.code == "RS-SRC-007"
    assert faulty.key.fingerprint in error.message
    assert f"ssh-keyscan -p {faulty.port} -t ecdsa {HOST} >> {ssh.known_hosts}" in error.hint


def test_without_the_file_nobody_is_trusted(ssh: SshSettings, faulty: FaultyServer, tmp_path: Path) -> None:
    error = refused(replace(ssh, known_hosts=tmp_path / "none"))
    assert error.code == "RS-SRC-007"
    assert faulty.key.fingerprint in error.message
    assert f"there is no file {tmp_path / 'none'}" in error.message


def test_a_file_that_cannot_be_read_trusts_nobody(ssh: SshSettings, tmp_path: Path) -> None:
    assert refused(replace(ssh, known_hosts=tmp_path)).code == "RS-SRC-007"


@pytest.mark.parametrize("kind", [paramiko.ECDSAKey, paramiko.RSAKey])
def test_a_changed_key_is_refused_with_both_fingerprints(
    ssh: SshSettings, faulty: FaultyServer, kind: type[paramiko.PKey]
) -> None:
    other = paramiko.RSAKey.generate(2048) if kind is paramiko.RSAKey else paramiko.ECDSAKey.generate()
    ssh.known_hosts.write_text(line(f"[{HOST}]:{faulty.port}", other), encoding="ascii")
    error = refused(ssh)
    assert error.code == "RS-SRC-007"
    assert faulty.key.fingerprint in error.message
    assert other.fingerprint in error.message
    assert "by phone" in error.hint


def test_the_password_does_not_go_to_a_server_that_is_not_trusted(
    ssh: SshSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(paramiko.Transport, "auth_password", lambda *_: asked.append("password"))
    ssh.known_hosts.write_text("", encoding="ascii")
    assert refused(ssh).code == "RS-SRC-007"
    assert asked == []


def test_a_revoked_key_is_refused_although_it_is_listed(ssh: SshSettings, faulty: FaultyServer) -> None:
    name = f"[{HOST}]:{faulty.port}"
    ssh.known_hosts.write_text(line(name, faulty.key) + line("*", faulty.key, "@revoked "), encoding="ascii")
    error = refused(ssh)
    assert error.code == "RS-SRC-007"
    assert "revoked" in error.message


def test_one_key_of_several_of_a_type_is_enough(ssh: SshSettings, faulty: FaultyServer) -> None:
    name = f"[{HOST}]:{faulty.port}"
    lines = line(name, paramiko.ECDSAKey.generate()) + line(name, faulty.key)
    ssh.known_hosts.write_text(lines, encoding="ascii")
    with connect(ssh) as session:
        assert session.entries("/") == []


@pytest.mark.parametrize(
    ("names", "port", "trusted"),
    [
        ("sftp.example.org", 22, True),
        ("SFTP.example.org", 22, True),
        ("other,sftp.example.org,192.0.2.1", 22, True),
        ("*.example.org", 22, True),
        ("*.example.org,!sftp.example.org", 22, False),
        ("[sftp.example.org]:2222", 22, False),
        ("[sftp.example.org]:2222", 2222, True),
        ("[*.example.org]:2222", 2222, True),
        ("sftp.example.org", 2222, False),
        ("hashed", 22, True),
        ("|1|broken|", 22, False),
        ("sftp.example.org.evil.example", 22, False),
        ("example.org", 22, False),
    ],
)
def test_a_line_is_for_the_names_that_openssh_would_take_it_for(
    names: str, port: int, host_key: paramiko.PKey, tmp_path: Path, *, trusted: bool
) -> None:
    file = tmp_path / "known_hosts"
    shown = HostKeys.hash_host("sftp.example.org") if names == "hashed" else names
    text = f"# a comment\n\nnot a line\n{line('@cert-authority *', host_key)}{line(shown, host_key)}x ssh-rsa !!!\n"
    file.write_text(text, encoding="ascii")
    keys = TrustedKeys(SshSettings("SFTP.Example.org", "u", file, port))
    assert bool(keys.types) is trusted
    if trusted:
        keys.check(host_key)
    else:
        with pytest.raises(SshError):
            keys.check(host_key)


def test_a_wrong_password_is_told_without_it(ssh: SshSettings) -> None:
    error = refused(replace(ssh, password="wrong-one"))
    assert error.code == "RS-AUTH-003"
    assert "springfield" in error.message
    assert "wrong-one" not in f"{error.message}{error.hint}"
    assert not error.passing


def test_a_key_where_a_password_is_wanted_says_so(ssh: SshSettings, tmp_path: Path) -> None:
    error = refused(replace(ssh, password=None, key_file=make_key(tmp_path / "key")))
    assert error.code == "RS-AUTH-003"
    assert "it wants password" in error.message


def test_a_key_file_that_others_may_read_is_refused(ssh: SshSettings, tmp_path: Path) -> None:
    key = make_key(tmp_path / "key")
    key.chmod(0o640)
    error = refused(replace(ssh, password=None, key_file=key))
    assert (error.code, "chmod 600" in error.hint) == ("RS-CFG-004", True)


def test_a_key_file_that_is_a_link_is_refused(ssh: SshSettings, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(make_key(tmp_path / "key"))
    error = refused(replace(ssh, password=None, key_file=tmp_path / "link"))
    assert error.code == "RS-CFG-004"
    assert "symbolic link" in error.message


@pytest.mark.parametrize(
    ("passphrase", "given", "said"),
    [("open sesame", None, "has a passphrase"), ("open sesame", "wrong", "another passphrase")],
)
def test_a_passphrase_that_is_missing_or_wrong_is_told(
    ssh: SshSettings, tmp_path: Path, passphrase: str, given: str | None, said: str
) -> None:
    key = make_key(tmp_path / "key", passphrase)
    error = refused(replace(ssh, password=None, key_file=key, key_passphrase=given))
    assert error.code == "RS-CFG-004"
    assert said in error.message


def test_what_is_no_key_is_told(ssh: SshSettings, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hello", encoding="ascii")
    (tmp_path / "key").chmod(0o600)
    error = refused(replace(ssh, password=None, key_file=tmp_path / "key"))
    assert error.code == "RS-CFG-004"
    assert "ssh-keygen -yf" in error.hint
    missing = refused(replace(ssh, password=None, key_file=tmp_path / "none"))
    assert "ssh-keygen -t ed25519" in missing.hint


def test_nobody_listening_is_not_reachable(ssh: SshSettings) -> None:
    error = refused(replace(ssh, port=free_port()))
    assert (error.code, error.passing) == ("RS-NET-001", True)


def test_neither_agent_nor_default_keys_are_tried(
    ssh: SshSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".ssh").mkdir()
    make_key(tmp_path / ".ssh" / "id_ed25519")
    monkeypatch.setenv("HOME", str(tmp_path))
    tried: list[str] = []
    monkeypatch.setattr(paramiko.Transport, "auth_publickey", lambda *_: tried.append("key"))
    refused(replace(ssh, password="wrong"))
    assert tried == []


def test_what_paramiko_logs_goes_nowhere(ssh: SshSettings) -> None:
    heard, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(heard), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with connect(ssh) as session:
            session.entries("/")
        refused(replace(ssh, password="wrong"))
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert heard.getvalue() == ""


def test_what_is_not_there_and_what_is_not_allowed_are_told_apart(ssh: SshSettings, faulty: FaultyServer) -> None:
    with connect(ssh) as session:
        with pytest.raises(Missing) as missing:
            session.look("/nothing.zip")
        assert missing.value.code == "RS-SRC-005"
        (faulty.root / "a").mkdir()
        with pytest.raises(SshError) as failed:
            list(session.read("/a", 0, 5))
        assert not failed.value.passing
