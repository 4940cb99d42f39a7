"""A connection to an SFTP server that has been signed in to, and what can be done over it."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import paramiko
from paramiko.sftp import CMD_EXTENDED

from rostersync.ssh import failures
from rostersync.ssh.boundary import connecting, signing_in, using
from rostersync.ssh.entry import Entry
from rostersync.ssh.failures import SshError
from rostersync.ssh.hosts import TrustedKeys
from rostersync.ssh.keys import load_key
from rostersync.ssh.settings import SshSettings

_CHUNK = 32768
_RSA = {"rsa-sha2-512": "ssh-rsa", "rsa-sha2-256": "ssh-rsa"}


class Session:
    """One connection ; a context manager."""

    def __init__(self, settings: SshSettings) -> None:
        """Connect, refuse a server whose key is not known, and sign in.

        Neither an agent nor any key but the one in the settings is tried. Raises SshError.
        """
        self._settings = settings
        trusted = TrustedKeys(settings)
        key = load_key(settings.key_file, settings.key_passphrase) if settings.key_file is not None else None
        with connecting(settings):
            self._transport = self._agree(trusted)
        try:
            trusted.check(self._transport.get_remote_server_key())
            with signing_in(settings):
                self._sign_in(key)
            with using(settings, self._transport, "its SFTP service"):
                self._sftp = self._open()
        except BaseException:
            self._transport.close()
            raise

    def __enter__(self) -> Self:
        """Give the session itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Hang up."""
        self.close()

    @property
    def host_key(self) -> str:
        """The type and the fingerprint of the server's key."""
        key = self._transport.get_remote_server_key()
        return f"{key.get_name()} {key.fingerprint}"

    def close(self) -> None:
        """Hang up; whether the server hears of it does not matter."""
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
            self._sftp.close()
        self._transport.close()

    def look(self, path: str) -> Entry:
        """Say what stands at a path, following links; raises Missing where nothing does."""
        with using(self._settings, self._transport, path):
            return _entry(path, self._sftp.stat(path))

    def entries(self, folder: str) -> list[Entry]:
        """List a folder; links are followed, and one that leads nowhere is left out."""
        with using(self._settings, self._transport, folder):
            listed = self._sftp.listdir_attr(folder)
        return [entry for found in listed if (entry := self._resolved(folder, found)) is not None]

    def read(self, path: str, start: int, end: int) -> Iterator[bytes]:
        """Give the bytes of a file from `start` to `end`, or to where the file ends before."""
        with using(self._settings, self._transport, path), self._sftp.open(path, "rb") as file:
            file.seek(start)
            while start < end and (chunk := file.read(min(_CHUNK, end - start))):
                start += len(chunk)
                yield chunk

    def write(self, file: Path, path: str) -> None:
        """Put a file of ours at a path, complete and on the server's disk where it can be asked for that."""
        with file.open("rb") as source, using(self._settings, self._transport, path):
            with self._sftp.open(path, "wb") as target:
                target.set_pipelined(True)
                while chunk := source.read(_CHUNK):
                    target.write(chunk)
                target.set_pipelined(False)
                self._sync(target)
            arrived, sent = self._sftp.stat(path).st_size, os.fstat(source.fileno()).st_size
        if arrived != sent:
            raise failures.refused(self._settings.place, path, f"{arrived} of {sent} bytes arrived")

    def rename(self, old: str, new: str) -> None:
        """Give a file a new name in one step, or, on a server that cannot, after the former file is removed."""
        try:
            with using(self._settings, self._transport, new):
                self._sftp.posix_rename(old, new)
        except SshError as error:
            if error.passing:
                raise
            with contextlib.suppress(failures.Missing):
                self.remove(new)
            with using(self._settings, self._transport, new):
                self._sftp.rename(old, new)

    def remove(self, path: str) -> None:
        """Remove a file; raises Missing where there is none."""
        with using(self._settings, self._transport, path):
            self._sftp.remove(path)

    def make_folder(self, path: str) -> None:
        """Create a folder, for us alone."""
        with using(self._settings, self._transport, path):
            self._sftp.mkdir(path, 0o700)

    def _agree(self, trusted: TrustedKeys) -> paramiko.Transport:
        """Connect and exchange keys; the server is asked for a key of a type that is known first."""
        settings = self._settings
        line = socket.create_connection((settings.host, settings.port), timeout=settings.timeout)
        try:
            transport = paramiko.Transport(line)
        except BaseException:
            line.close()
            raise
        try:
            transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = settings.timeout
            options = transport.get_security_options()
            options.key_types = sorted(options.key_types, key=lambda name: _RSA.get(name, name) not in trusted.types)
            transport.start_client(timeout=settings.timeout)
        except BaseException:
            transport.close()
            raise
        return transport

    def _sign_in(self, key: paramiko.PKey | None) -> None:
        """Sign in with the one credential of the settings."""
        if key is not None:
            left = self._transport.auth_publickey(self._settings.user, key)
        else:
            left = self._transport.auth_password(self._settings.user, self._settings.password or "")
        if left:
            raise paramiko.BadAuthenticationType("more is asked for", left)

    def _open(self) -> paramiko.SFTPClient:
        sftp = paramiko.SFTPClient.from_transport(self._transport)
        if sftp is None:
            raise paramiko.SSHException("it offers no SFTP")
        channel = sftp.get_channel()
        if channel is not None:
            channel.settimeout(self._settings.timeout)
        return sftp

    def _sync(self, file: paramiko.SFTPFile) -> None:
        """Ask for the bytes to be put on disk, by an extension of OpenSSH that other servers refuse."""
        request = self._sftp._request  # type: ignore[attr-defined] # noqa: SLF001 - paramiko has no method for it
        with contextlib.suppress(OSError):
            request(CMD_EXTENDED, "fsync@openssh.com", file.handle)

    def _resolved(self, folder: str, found: paramiko.SFTPAttributes) -> Entry | None:
        """An entry of a folder, unless its name leads out of it or it is a link to nowhere."""
        name = found.filename
        if not name or name in {".", ".."} or "/" in name or "\0" in name:
            return None
        if not stat.S_ISLNK(found.st_mode or 0):
            return _entry(name, found)
        try:
            return self.look(f"{folder.rstrip('/')}/{name}")._replace(name=name)
        except SshError as error:
            if error.passing:
                raise
            return None


def _entry(name: str, found: paramiko.SFTPAttributes) -> Entry:
    mode = found.st_mode
    # A few servers tell no mode: what has a size is taken for a file there.
    return Entry(
        name,
        is_file=stat.S_ISREG(mode) if mode else found.st_size is not None,
        is_folder=bool(mode and stat.S_ISDIR(mode)),
        size=found.st_size or 0,
        modified=int(found.st_mtime or 0),
    )
