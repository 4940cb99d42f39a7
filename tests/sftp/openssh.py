"""A real SFTP server on this machine: OpenSSH's sshd, run by whoever runs the tests."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"

_CONFIG = """
ListenAddress {host}:{port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
Subsystem sftp internal-sftp
"""


def make_key(path: Path, passphrase: str = "", kind: str = "ed25519") -> Path:
    """Make a key pair with OpenSSH's own tool; its public half is beside it."""
    path.unlink(missing_ok=True)
    command = [_tool("ssh-keygen"), "-q", "-t", kind, "-N", passphrase, "-C", "", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def fingerprint(path: Path) -> str:
    """The fingerprint of a key as OpenSSH shows it."""
    told = subprocess.run([_tool("ssh-keygen"), "-lf", str(path)], check=True, capture_output=True, text=True)
    return told.stdout.split()[1]


def _tool(name: str) -> str:
    """Find a program of OpenSSH."""
    program = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    assert program is not None, f"{name} is missing: scripts/install-test-servers installs it"
    return program


def public(path: Path) -> str:
    """The public half of a key: type and base64."""
    return " ".join(path.with_name(f"{path.name}.pub").read_text(encoding="ascii").split()[:2])


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as line:
        line.bind((HOST, 0))
        return int(line.getsockname()[1])


@dataclass
class Sshd:
    """A server with its own folder, port and keys; use it as a context."""

    folder: Path
    port: int = 0

    def __enter__(self) -> Self:
        """Make its keys and start it."""
        self.folder.mkdir()
        self.port = free_port()
        make_key(self.folder / "host_key")
        make_key(self.folder / "id_ed25519")
        shutil.copy(self.folder / "id_ed25519.pub", self.folder / "authorized_keys")
        self.known_hosts.write_text(f"[{HOST}]:{self.port} {public(self.folder / 'host_key')}\n", encoding="ascii")
        config = self.folder / "sshd_config"
        config.write_text(_CONFIG.format(host=HOST, port=self.port, folder=self.folder), encoding="utf-8")
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self._log = (self.folder / "log").open("wb")
        self._process = subprocess.Popen([_tool("sshd"), "-D", "-e", "-f", str(config)], stderr=self._log)
        self._await()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(30)
        self._log.close()

    @property
    def user(self) -> str:
        """Who may sign in."""
        return getpass.getuser()

    @property
    def known_hosts(self) -> Path:
        """A file that has the server's key."""
        return self.folder / "known_hosts"

    @property
    def key_file(self) -> Path:
        """The private key that it accepts."""
        return self.folder / "id_ed25519"

    @property
    def log(self) -> str:
        """What it has told."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def _await(self) -> None:
        for _ in range(300):
            assert self._process.poll() is None, self.log
            try:
                socket.create_connection((HOST, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(self.log)
