"""The one place where what paramiko and the network raise becomes our error."""

from __future__ import annotations

import errno
import logging
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import paramiko

from rostersync.ssh import failures
from rostersync.ssh.failures import SshError
from rostersync.ssh.settings import SshSettings

# What paramiko tells of a connection may hold what a server made of our secrets: it goes nowhere.
_PARAMIKO = logging.getLogger("paramiko")
_PARAMIKO.propagate = False
_PARAMIKO.addHandler(logging.NullHandler())

_LONGEST = 200


@contextmanager
def connecting(settings: SshSettings) -> Iterator[None]:
    """Map what happens until both sides have agreed on a key: up to there the server is nobody yet."""
    try:
        yield
    except paramiko.ssh_exception.IncompatiblePeer as error:
        raise failures.no_agreement(settings.place, said(error)) from None
    except (TimeoutError, socket.gaierror, OSError, EOFError, paramiko.SSHException) as error:
        raise failures.unreachable(settings.place, said(error)) from None


@contextmanager
def signing_in(settings: SshSettings) -> Iterator[None]:
    """Map what happens while the user signs in; nothing of what the server says is repeated."""
    try:
        yield
    except paramiko.BadAuthenticationType as error:
        allowed = ", ".join(sorted(str(kind) for kind in error.allowed_types))[:_LONGEST]
        raise failures.login_refused(settings.place, settings.user, f"{_how(settings)}; it wants {allowed}") from None
    except paramiko.AuthenticationException:
        raise failures.login_refused(settings.place, settings.user, _how(settings)) from None
    except (OSError, EOFError, paramiko.SSHException) as error:
        raise failures.broken(settings.place, type(error).__name__) from None


@contextmanager
def using(settings: SshSettings, transport: paramiko.Transport, path: str) -> Iterator[None]:
    """Map what happens to a file or folder of the server."""
    try:
        yield
    except (OSError, EOFError, ValueError, struct.error, paramiko.SSHException, paramiko.SFTPError) as error:
        raise _failed(settings, transport, path, error) from None


def _failed(settings: SshSettings, transport: paramiko.Transport, path: str, error: Exception) -> SshError:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ENOENT:
        return failures.missing(settings.place, path)
    if number in {errno.EACCES, errno.EPERM}:
        return failures.forbidden(settings.place, path)
    if isinstance(error, TimeoutError):
        return failures.broken(settings.place, f"no answer for {settings.timeout:g} s")
    if isinstance(error, paramiko.SSHException | EOFError | ConnectionError) or not transport.is_active():
        return failures.broken(settings.place, said(error))
    return failures.refused(settings.place, path, said(error))


def said(error: Exception) -> str:
    """What an exception says, on one line."""
    text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_LONGEST]


def _how(settings: SshSettings) -> str:
    return f"the key {settings.key_file}" if settings.key_file is not None else "this password"
