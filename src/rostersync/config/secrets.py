"""Reads secrets from where the configuration says that they are kept (contract §1).

A secret is a `pydantic.SecretStr`: printing it shows stars. No message of this module repeats a secret, a command's
output, or anything else that came from where a secret is kept.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import stat
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, SecretStr

from rostersync.config.load import Config
from rostersync.config.positions import KeyPath
from rostersync.config.source import RestSource
from rostersync.config.values import REFERENCES, SecretReference, is_reference
from rostersync.errors import ConfigError, Problem, RostersyncError

Secrets = dict[str, SecretStr]
"""The secrets of one integration by the keys that refer to them, such as `source.auth.client_secret`."""

COMMAND_TIMEOUT = 30.0
"""Seconds that a `cmd:` may take."""

_LARGEST = 65536


class SecretError(RostersyncError):
    """A secret cannot be had (RS-CFG-004)."""

    def __init__(self, message: str, hint: str) -> None:
        """Keep what is wrong with the place of the secret, and what to do."""
        super().__init__("RS-CFG-004", message, hint)


def resolve(reference: str, base: Path, env: Mapping[str, str]) -> SecretStr:
    """Read the secret that a reference names.

    `base` is the folder that files are relative to and commands run in. Raises SecretError.
    """
    if not is_reference(reference):
        raise SecretError("is no reference to a secret", f"allowed: {REFERENCES}")
    kind, _, target = reference.partition(":")
    value = _read(kind, target, base, env)
    if not value.strip():
        raise SecretError(f"the secret is empty ({_shown(kind, target)})", "put the secret there")
    if not value.isprintable():
        found = f"the secret is more than one line of text ({_shown(kind, target)})"
        raise SecretError(found, "keep nothing but the secret there, without a line end")
    return SecretStr(value)


def read_secrets(config: Config, name: str, env: Mapping[str, str]) -> Secrets:
    """Read every secret of an integration, before anything starts.

    Raises ConfigError with a problem (RS-CFG-004) for each that cannot be had.
    """
    spot = config.spot.below("integrations", name)
    secrets: Secrets = {}
    problems: list[Problem] = []
    for key, reference in references(config.integration(name)):
        try:
            secrets[".".join(map(str, key))] = resolve(reference, config.base, env)
        except SecretError as error:
            problems.append(spot.problem(key, error.message, error.hint, error.code))
    if problems:
        raise ConfigError(problems)
    return secrets


def request_headers(source: RestSource, secrets: Secrets) -> dict[str, str]:
    """Give the extra headers of a source with their secrets put in; never print what it gives."""
    return {
        name: secrets[f"source.headers.{name}"].get_secret_value() if isinstance(value, SecretReference) else value
        for name, value in source.headers.items()
    }


def references(value: object, key: KeyPath = ()) -> Iterator[tuple[KeyPath, SecretReference]]:
    """Find every secret reference in a section and the sections inside it."""
    if isinstance(value, SecretReference):
        yield key, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from references(getattr(value, name), (*key, name))
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from references(member, (*key, name))
    elif isinstance(value, tuple):
        for number, member in enumerate(value):
            yield from references(member, (*key, number))


def _shown(kind: str, target: str) -> str:
    """Show a reference in a message; a command may hold what should not be shown, so only its first word."""
    return f"{kind}:{target.split(maxsplit=1)[0]} …" if kind == "cmd" and " " in target else f"{kind}:{target}"


def _read(kind: str, target: str, base: Path, env: Mapping[str, str]) -> str:
    match kind:
        case "env":
            return _from_environment(target, env)
        case "file":
            return read_file(base / target, private=True)
        case "cred":
            return _from_credentials(target, env)
        case "cmd":
            return _from_command(target, base, env)
        case _:
            return _from_keyring(target)


def _from_environment(name: str, env: Mapping[str, str]) -> str:
    if name not in env:
        raise SecretError(f"the environment has no variable {name}", f"set {name} where rostersync is started")
    return env[name]


def _from_credentials(name: str, env: Mapping[str, str]) -> str:
    folder = env.get("CREDENTIALS_DIRECTORY")
    if not folder:
        hint = f"add LoadCredential={name}:/PATH to the systemd unit, or keep the secret elsewhere"
        raise SecretError("systemd has given no credentials: $CREDENTIALS_DIRECTORY is not set", hint)
    if "/" in name or name in {".", ".."}:
        raise SecretError(f'"{name}" is no name of a credential', "a credential's name has no slash")
    return read_file(Path(folder) / name, private=False)


def read_file(path: Path, *, private: bool) -> str:
    """Read a small regular file that is no symbolic link and, where `private`, closed to group and others.

    Gives its text without the line end at its end. Raises SecretError.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise _file_error(path, error) from error
    try:
        _check_mode(path, os.fstat(descriptor).st_mode, private=private)
        return _text(os.read(descriptor, _LARGEST + 1), str(path)).rstrip("\r\n")
    finally:
        os.close(descriptor)


def _check_mode(path: Path, mode: int, *, private: bool) -> None:
    if not stat.S_ISREG(mode):
        raise SecretError(f"{path} is no regular file", "name a file that holds nothing but the secret")
    if private and mode & 0o077:
        found = f"mode {stat.S_IMODE(mode):04o}"
        raise SecretError(f"{path} is open to group or others ({found})", f"chmod 600 {shlex.quote(str(path))}")


def _file_error(path: Path, error: OSError) -> SecretError:
    if path.is_symlink():
        return SecretError(f"{path} is a symbolic link", "name the file itself")
    hint = f"make the file: install -m 600 /dev/null {shlex.quote(str(path))}, then put the secret into it"
    return SecretError(f"{path} cannot be read: {error.strerror}", hint)


def _text(data: bytes, where: str) -> str:
    if len(data) > _LARGEST:
        raise SecretError(f"{where} gives more than {_LARGEST} bytes", "keep nothing but the secret there")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise SecretError(f"{where} gives no UTF-8 text", "keep the secret as plain text") from None


def _from_command(command: str, base: Path, env: Mapping[str, str]) -> str:
    """Run a command without a shell and give the first line that it prints."""
    try:
        words = shlex.split(command)
    except ValueError:
        raise SecretError("the command has a quote that does not end", "close the quote") from None
    if not words or not words[0]:
        raise SecretError("the command is empty", "write cmd: and the program with its arguments")
    output, status = _run(words, base, env)
    if status:
        raise SecretError(f"{words[0]} ended with status {status}", "run the command by hand to see why")
    lines = _text(output, words[0]).splitlines()
    return lines[0] if lines else ""


def _run(words: list[str], base: Path, env: Mapping[str, str]) -> tuple[bytes, int]:
    """Run a program in a group of its own, so that a timeout ends what it has started as well."""
    quiet = subprocess.DEVNULL
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own configuration names the program
            words, cwd=base, env=dict(env), stdin=quiet, stdout=subprocess.PIPE, stderr=quiet, start_new_session=True
        )
    except OSError as error:
        raise SecretError(f"{words[0]} cannot be run: {error.strerror}", "give the program's full path") from error
    with process:
        try:
            return process.communicate(timeout=COMMAND_TIMEOUT)[0], process.returncode
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            hint = "the command must not ask anything"
            raise SecretError(f"{words[0]} took longer than {COMMAND_TIMEOUT:g} s", hint) from None


def _from_keyring(target: str) -> str:
    service, _, user = target.rpartition("/")
    if not service or not user:
        raise SecretError(f'"{target}" names no service and user', "write keyring:SERVICE/USER")
    try:
        import keyring  # noqa: PLC0415 - an extra
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError:
        raise SecretError("the keyring extra is not installed", "pip install 'rostersync[keyring]'") from None
    try:
        value = keyring.get_password(service, user)
    except (KeyringError, RuntimeError) as error:
        hint = "unlock the keyring, or keep the secret elsewhere"
        raise SecretError(f"the keyring cannot be read ({type(error).__name__})", hint) from None
    if value is None:
        raise SecretError(
            f"the keyring has no entry {target}", f"keyring set {shlex.quote(service)} {shlex.quote(user)}"
        )
    return value
