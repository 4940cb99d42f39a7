"""Where secrets come from, and what is said where they cannot be had."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from rostersync.config import secrets
from rostersync.config.secrets import SecretError, read_secrets, request_headers, resolve
from rostersync.config.source import RestSource
from rostersync.errors import ConfigError
from tests.config.conftest import SMALL, Load

PYTHON = sys.executable


def got(reference: str, base: Path, env: dict[str, str] | None = None) -> str:
    return resolve(reference, base, env or {}).get_secret_value()


def refused(reference: str, base: Path, env: dict[str, str] | None = None) -> tuple[str, str]:
    with pytest.raises(SecretError) as raised:
        resolve(reference, base, env or {})
    assert raised.value.code == "RS-CFG-004"
    return raised.value.message, raised.value.hint


def private(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_secret_does_not_show_itself(tmp_path: Path) -> None:
    secret = resolve("env:A", tmp_path, {"A": "hunter2"})
    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"
    assert secret.get_secret_value() == "hunter2"


def test_from_the_environment(tmp_path: Path) -> None:
    assert got("env:A", tmp_path, {"A": " x "}) == " x "
    assert refused("env:A", tmp_path) == (
        "the environment has no variable A",
        "set A where rostersync is started",
    )


@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_an_empty_secret_is_none(tmp_path: Path, value: str) -> None:
    assert refused("env:A", tmp_path, {"A": value})[0] == "the secret is empty (env:A)"
    private(tmp_path / "s", value.encode())
    assert refused("file:s", tmp_path)[0] == "the secret is empty (file:s)"


def test_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    private(tmp_path / "s", b"hunter2\r\n")
    assert got("file:s", tmp_path) == "hunter2"
    assert got(f"file:{tmp_path}/s", Path("/")) == "hunter2"
    private(tmp_path / "read-only", b"x", 0o400)
    assert got("file:read-only", tmp_path) == "x"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o601, 0o660, 0o610])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = private(tmp_path / "s", b"hunter2", mode)
    assert refused("file:s", tmp_path) == (
        f"{path} is open to group or others (mode {mode:04o})",
        f"chmod 600 {path}",
    )


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    private(tmp_path / "s", b"hunter2")
    (tmp_path / "link").symlink_to("s")
    (tmp_path / "folder").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert refused("file:link", tmp_path) == (f"{tmp_path}/link is a symbolic link", "name the file itself")
    assert refused("file:folder", tmp_path)[0] == f"{tmp_path}/folder is no regular file"
    assert refused("file:pipe", tmp_path)[0] == f"{tmp_path}/pipe is no regular file"
    assert refused("file:none", tmp_path)[0] == f"{tmp_path}/none cannot be read: No such file or directory"


@pytest.mark.parametrize("content", [b"hunter2\nsecond", b"hunter\x002", b"hunter2\r\n\tx"])
def test_a_secret_is_one_line_of_text(tmp_path: Path, content: bytes) -> None:
    private(tmp_path / "s", content)
    assert refused("file:s", tmp_path) == (
        "the secret is more than one line of text (file:s)",
        "keep nothing but the secret there, without a line end",
    )


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    private(tmp_path / "binary", b"\xff\xfe")
    private(tmp_path / "large", b"x" * 65537)
    assert refused("file:binary", tmp_path)[0] == f"{tmp_path}/binary gives no UTF-8 text"
    assert refused("file:large", tmp_path)[0] == f"{tmp_path}/large gives more than 65536 bytes"


def test_from_the_credentials_of_systemd(tmp_path: Path) -> None:
    private(tmp_path / "sis", b"hunter2\n", 0o440)
    env = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert got("cred:sis", Path("/"), env) == "hunter2"
    assert refused("cred:../sis", Path("/"), env)[0] == '"../sis" is no name of a credential'
    assert refused("cred:sis", Path("/")) == (
        "systemd has given no credentials: $CREDENTIALS_DIRECTORY is not set",
        "add LoadCredential=sis:/PATH to the systemd unit, or keep the secret elsewhere",
    )


def test_from_the_first_line_of_a_command(tmp_path: Path) -> None:
    assert got("cmd:printf 'hunter2\\r\\nsecond\\n'", tmp_path, {"PATH": "/usr/bin:/bin"}) == "hunter2"
    assert got("cmd:pwd", tmp_path, {"PATH": "/usr/bin:/bin"}) == str(tmp_path)


def test_a_command_sees_no_shell(tmp_path: Path) -> None:
    assert got("cmd:echo $HOME; `id` | cat", tmp_path, dict(os.environ)) == "$HOME; `id` | cat"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("no-such-program-here -x", "no-such-program-here cannot be run: No such file or directory"),
        ("echo 'x", "the command has a quote that does not end"),
        ("''", "the command is empty"),
        (" ", "the command is empty"),
        ("true", "the secret is empty (cmd:true)"),
        (f"{PYTHON} -c 'print(\"hunter2\"); exit(3)'", f"{PYTHON} ended with status 3"),
        (f"{PYTHON} -c 'print(chr(55) * 70000)'", f"{PYTHON} gives more than 65536 bytes"),
    ],
)
def test_a_command_that_fails_is_told_without_what_it_said(tmp_path: Path, command: str, message: str) -> None:
    found = refused(f"cmd:{command}", tmp_path, dict(os.environ))
    assert found[0] == message
    assert "hunter2" not in "".join(found)


def test_the_arguments_of_a_command_are_not_repeated(tmp_path: Path) -> None:
    assert refused("cmd:true hunter2", tmp_path, dict(os.environ))[0] == "the secret is empty (cmd:true …)"


def test_a_command_that_hangs_is_ended_with_its_children(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(secrets, "COMMAND_TIMEOUT", 0.3)
    began = time.monotonic()
    assert refused("cmd:sh -c 'sleep 60 & sleep 60'", tmp_path, dict(os.environ)) == (
        "sh took longer than 0.3 s",
        "the command must not ask anything",
    )
    assert time.monotonic() - began < 20


class Ring(KeyringBackend):
    """A keyring with one entry."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        """Give the one entry; a service named `locked` is locked."""
        if service == "locked":
            raise KeyringLocked("hunter2")
        return "hunter2" if (service, username) == ("https://sis/api", "me") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Refuse: no test writes."""
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        """Refuse: no test deletes."""
        raise NotImplementedError


def test_from_the_keyring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", Ring())  # type: ignore[no-untyped-call]
    assert got("keyring:https://sis/api/me", tmp_path) == "hunter2"
    assert refused("keyring:sis/you", tmp_path) == ("the keyring has no entry sis/you", "keyring set sis you")
    assert refused("keyring:locked/me", tmp_path)[0] == "the keyring cannot be read (KeyringLocked)"
    assert refused("keyring:me", tmp_path) == ('"me" names no service and user', "write keyring:SERVICE/USER")


def test_the_keyring_is_an_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert refused("keyring:sis/me", tmp_path) == (
        "the keyring extra is not installed",
        "pip install 'rostersync[keyring]'",
    )


@pytest.mark.parametrize("reference", ["hunter2", "env:", "vault:x", "", "ENV:A"])
def test_what_is_no_reference_is_refused_and_not_repeated(tmp_path: Path, reference: str) -> None:
    found = refused(reference, tmp_path)
    assert found[0] == "is no reference to a secret"
    assert "hunter2" not in "".join(found)


WITH_HEADERS = SMALL.replace("\nurl", '\nheaders = { X-Key = "env:KEY", X-Tenant = "spr" }\nurl')


def test_all_secrets_of_an_integration_are_read_by_their_keys(load_text: Load) -> None:
    config = load_text(WITH_HEADERS)
    found = read_secrets(config, "springfield", {"SECRET": "s", "KEY": "k"})
    assert {key: secret.get_secret_value() for key, secret in found.items()} == {
        "source.auth.client_secret": "s",
        "source.headers.X-Key": "k",
    }
    source = config.integration("springfield").source
    assert isinstance(source, RestSource)
    assert request_headers(source, found) == {"X-Key": "k", "X-Tenant": "spr"}


def test_every_secret_that_is_missing_is_told_with_its_line(load_text: Load) -> None:
    config = load_text(WITH_HEADERS)
    with pytest.raises(ConfigError) as raised:
        read_secrets(config, "springfield", {})
    found = [(problem.code, problem.line, problem.key) for problem in raised.value.problems]
    assert found == [
        ("RS-CFG-004", 5, "integrations.springfield.source.headers.X-Key"),
        ("RS-CFG-004", 11, "integrations.springfield.source.auth.client_secret"),
    ]
    assert raised.value.problems[0].message == "the environment has no variable KEY"
