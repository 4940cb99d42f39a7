"""An SFTP server in this process that goes wrong where a test tells it to."""

# ruff: noqa: ARG002 - the arguments are those that paramiko gives

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED
from paramiko.server import InteractiveQuery
from paramiko.sftp import SFTP_EOF, SFTP_FAILURE, SFTP_OK, SFTP_OP_UNSUPPORTED

if TYPE_CHECKING:
    from typing_extensions import Buffer

HOST = "127.0.0.1"
USER = "springfield"
PASSWORD = "s3cret-of-the-drop"


@dataclass
class Faults:
    """What is to go wrong: `cut_reads` and `cut_writes` are the bytes after which each connection in turn breaks off.

    `reading` is called with the path and the offset before each read. `extensions` are those beyond the standard.
    """

    cut_reads: list[int] = field(default_factory=list)
    cut_writes: list[int] = field(default_factory=list)
    reading: Callable[[Path, int], None] = lambda _path, _offset: None
    posix_rename: bool = True
    interactive: bool = False
    extra_names: list[str] = field(default_factory=list)
    reads: list[tuple[str, int]] = field(default_factory=list)


class _Login(paramiko.ServerInterface):
    """One user, by password."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def get_allowed_auths(self, username: str) -> str:
        return "keyboard-interactive" if self._faults.interactive else "password"

    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == (USER, PASSWORD) and not self._faults.interactive
        return AUTH_SUCCESSFUL if right else AUTH_FAILED

    def check_auth_interactive(self, username: str, submethods: str) -> int | InteractiveQuery:
        query = InteractiveQuery("", "")
        query.add_prompt("Password: ", echo=False)
        return query

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        return AUTH_SUCCESSFUL if responses == [PASSWORD] else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED


class _File(paramiko.SFTPHandle):
    """An open file that breaks the connection off where it is told to."""

    def __init__(self, site: Site, path: Path, flags: int) -> None:
        super().__init__(flags)
        self._site, self._path = site, path
        self._file = os.fdopen(os.open(path, flags, 0o600), "r+b" if flags & os.O_RDWR else "wb" if flags & 1 else "rb")

    def close(self) -> None:
        self._file.close()

    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self._file.fileno()))

    def read(self, offset: int, length: int) -> bytes | int:
        faults = self._site.faults
        faults.reads.append((self._path.name, offset))
        faults.reading(self._path, offset)
        self._site.spend_read(length)
        self._file.seek(offset)
        data = self._file.read(length)
        return data or SFTP_EOF

    def write(self, offset: int, data: Buffer) -> int:
        self._site.spend_write(len(bytes(data)))
        self._file.seek(offset)
        self._file.write(data)
        self._file.flush()
        return SFTP_OK


class Site(paramiko.SFTPServerInterface):
    """A folder as the root of a server, for one connection."""

    def __init__(
        self, server: paramiko.ServerInterface, root: Path, faults: Faults, transport: paramiko.Transport
    ) -> None:
        """Serve `root` over this connection."""
        super().__init__(server)
        self._root, self.faults, self._transport = root, faults, transport
        self._reads = faults.cut_reads.pop(0) if faults.cut_reads else None
        self._writes = faults.cut_writes.pop(0) if faults.cut_writes else None

    def spend_read(self, count: int) -> None:
        """Break off where so many bytes have been read."""
        if self._reads is not None:
            self._reads -= count
            if self._reads < 0:
                self._cut()

    def spend_write(self, count: int) -> None:
        """Break off where so many bytes have been written."""
        if self._writes is not None:
            self._writes -= count
            if self._writes < 0:
                self._cut()

    def _cut(self) -> None:
        with contextlib.suppress(OSError):
            self._transport.sock.shutdown(socket.SHUT_RDWR)
        raise EOFError

    def _real(self, path: str) -> Path:
        return self._root / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        try:
            found = [
                paramiko.SFTPAttributes.from_stat(entry.stat(follow_symlinks=False), entry.name)
                for entry in os.scandir(self._real(path))
            ]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        this = Path(__file__).stat()
        return found + [paramiko.SFTPAttributes.from_stat(this, name) for name in self.faults.extra_names]

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._real(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def lstat(self, path: str) -> paramiko.SFTPAttributes | int:
        return self.stat(path)

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        try:
            return _File(self, self._real(path), flags)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def remove(self, path: str) -> int:
        return self._do(lambda: self._real(path).unlink())

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        return self._do(lambda: self._real(path).mkdir())

    def rename(self, oldpath: str, newpath: str) -> int:
        if self._real(newpath).exists():
            return SFTP_FAILURE
        return self._do(lambda: self._real(oldpath).rename(self._real(newpath)))

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        if not self.faults.posix_rename:
            return SFTP_OP_UNSUPPORTED
        return self._do(lambda: self._real(oldpath).replace(self._real(newpath)))

    def _do(self, call: Callable[[], object]) -> int:
        try:
            call()
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return SFTP_OK


class FaultyServer:
    """Serves a folder to the one user; use it as a context."""

    def __init__(self, root: Path, key: paramiko.PKey) -> None:
        """Serve `root` under a host key."""
        self.root, self.key, self.faults = root, key, Faults()
        self.connections = 0
        self._line = socket.create_server((HOST, 0))
        self._transports: list[paramiko.Transport] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._line.getsockname()[1])

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Hang up on everybody."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()
        self._thread.join(10)
        for transport in self._transports:
            transport.close()
            transport.join(10)

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._line.accept()
            except OSError:
                return
            self.connections += 1
            transport = paramiko.Transport(line)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Site, self.root, self.faults, transport)
            self._transports.append(transport)
            with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(server=_Login(self.faults))
