"""The keys that a server may have: a file in the form of OpenSSH's known_hosts.

paramiko's own reading takes the first key of each type alone, knows no patterns and passes over `@revoked`.
"""

from __future__ import annotations

import binascii
import shlex
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import paramiko
from paramiko.hostkeys import HostKeyEntry, HostKeys, InvalidHostKey

from rostersync.ssh.failures import untrusted
from rostersync.ssh.settings import SshSettings

_SSH = 22
_HASHED = "|1|"
_REVOKED = "@revoked"


class Known(NamedTuple):
    """A line of the file: the names it is for, the key, and whether it must never be accepted."""

    names: list[str]
    key: paramiko.PKey
    revoked: bool


class TrustedKeys:
    """What the file says of one server."""

    def __init__(self, settings: SshSettings) -> None:
        """Read the file; one that is not there trusts nobody. Raises SshError (RS-SRC-007) where it cannot be read."""
        self._settings = settings
        name = settings.host.lower()
        self._name = name if settings.port == _SSH else f"[{name}]:{settings.port}"
        self._lines = [line for line in _lines(settings) if _covers(line.names, self._name)]

    @property
    def types(self) -> frozenset[str]:
        """The types of the keys that are trusted: the server is asked for one of them."""
        return frozenset(line.key.get_name() for line in self._lines if not line.revoked)

    def check(self, key: paramiko.PKey) -> None:
        """Accept a key that the file has; raises SshError (RS-SRC-007) with the fingerprint for any other."""
        same = [line for line in self._lines if line.key == key]
        if any(line.revoked for line in same):
            why = f"its key {_shown(key)} is marked as revoked in {self._settings.known_hosts}"
            raise untrusted(self._settings.place, why, "Ask the vendor at once: somebody may be using a stolen key.")
        if not same:
            raise self._changed(key) if self.types else self._unknown(key)

    def _unknown(self, key: paramiko.PKey) -> Exception:
        file = self._settings.known_hosts
        state = f"{file} does not have it" if file.exists() else f"there is no file {file}"
        hint = (
            f"Ask the vendor for the fingerprint of the host key, by phone or on a page of theirs. If it is this one: "
            f"{self._scan(key)} >> {shlex.quote(str(file))} - and compare what `ssh-keygen -lf` says of that file."
        )
        return untrusted(self._settings.place, f"its key is {_shown(key)}, and {state}", hint)

    def _changed(self, key: paramiko.PKey) -> Exception:
        known = ", ".join(sorted(_shown(line.key) for line in self._lines if not line.revoked))
        hint = (
            "Either the server was set up anew, or somebody stands between. Ask the vendor by phone; only if they "
            f"confirm the new fingerprint, take the old lines for {self._name} out of {self._settings.known_hosts} and "
            f"add the new key: {self._scan(key)}"
        )
        why = f"its key is {_shown(key)}, but {self._settings.known_hosts} has {known}"
        return untrusted(self._settings.place, why, hint)

    def _scan(self, key: paramiko.PKey) -> str:
        """The command that shows this server's key in the form of the file."""
        kind = key.get_name().removeprefix("ssh-").split("-")[0]
        return f"ssh-keyscan -p {self._settings.port} -t {kind} {shlex.quote(self._settings.host)}"


def _shown(key: paramiko.PKey) -> str:
    """A key as OpenSSH shows it, to be compared with what the vendor says."""
    return f"{key.fingerprint} ({key.get_name()})"


def _lines(settings: SshSettings) -> Iterator[Known]:
    for line in _text(settings).splitlines():
        marker, text = "", line.strip()
        if text.startswith("@"):
            marker, _, text = text.partition(" ")
        entry = _entry(text.strip())
        if entry is not None and marker in {"", _REVOKED}:
            yield Known(entry.hostnames, entry.key, marker == _REVOKED)


def _text(settings: SshSettings) -> str:
    file: Path = settings.known_hosts
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        why = f"{file} cannot be read: {error.strerror}"
        raise untrusted(settings.place, why, "Let `known_hosts` name a file that rostersync may read.") from error


def _entry(text: str) -> HostKeyEntry | None:
    """Read a line; what is not understood trusts nobody."""
    if not text or text.startswith("#"):
        return None
    try:
        return HostKeyEntry.from_line(" ".join(text.split()))
    except (InvalidHostKey, paramiko.SSHException, ValueError):
        return None


def _covers(patterns: list[str], name: str) -> bool:
    """Whether a line is for this name: plain, hashed, with * and ?, and with ! for what is left out."""
    if any(pattern.startswith("!") and _matches(pattern[1:], name) for pattern in patterns):
        return False
    return any(_matches(pattern, name) for pattern in patterns)


def _matches(pattern: str, name: str) -> bool:
    if pattern.startswith(_HASHED):
        try:
            return HostKeys.hash_host(name, pattern) == pattern
        except (binascii.Error, AssertionError, IndexError):
            return False
    # A bracket belongs to the name of a port here, and is no set of characters.
    return fnmatchcase(name, pattern.lower().replace("[", "[[]"))
