"""Takes an output to an SFTP server once it has been written here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from posixpath import join
from typing import TYPE_CHECKING

import stamina

from rostersync.errors import OutputError
from rostersync.model.codes import Code
from rostersync.model.probe import Probe
from rostersync.outputs.base import Output, RosterReader, Written
from rostersync.outputs.files import is_zip
from rostersync.outputs.names import ONEROSTER_1_2
from rostersync.ssh.failures import Missing, SshError
from rostersync.ssh.opening import connect
from rostersync.ssh.settings import SshSettings

if TYPE_CHECKING:
    from rostersync.ssh.session import Session

_TRIES = 3
_MANIFEST = "manifest.csv"
# OneRoster leaves out files without rows, so that one of an earlier set may stand there still.
_LEFT_OUT = frozenset({f"{name}.csv" for name in ONEROSTER_1_2})


class Uploaded:
    """An output of which a copy goes to a server with every write (the protocol `Output`)."""

    def __init__(self, output: Output, ssh: SshSettings, remote: str) -> None:
        """Copy what `output` writes to the zip or folder `remote`; a zip may also name the folder that it goes into."""
        self._output = output
        self._ssh = ssh
        self._remote = remote

    @property
    def format(self) -> str:
        """The name of the format, as in the configuration."""
        return self._output.format

    @property
    def path(self) -> Path:
        """Where it is written to on this machine."""
        return self._output.path

    def write(self, roster: RosterReader) -> Written:
        """Write the output here, then take it there.

        Each file is uploaded under another name, hidden, and renamed when all have arrived: an upload that breaks off
        leaves what was there before. Raises OutputError (RS-OUT-001) where either cannot be done.
        """
        written = self._output.write(roster)
        with self._boundary():
            for attempt in stamina.retry_context(
                on=_passing, attempts=_TRIES, timeout=None, wait_initial=1.0, wait_max=20.0
            ):
                with attempt:
                    self._deliver()
        return written

    def probe(self) -> Probe:
        """Try to sign in, and see whether the folder is there; nothing is written."""
        name = f"delivery of {self.format}"
        try:
            with connect(self._ssh) as session:
                session.look(self._folder() or ".")
        except SshError as error:
            return Probe(name, ok=False, message=error.message, code=error.code, hint=error.hint)
        return Probe(name, ok=True, message=f"{self._ssh.place} lets {self._ssh.user!a} in, and the folder is there")

    def _folder(self) -> str:
        """The folder that must be there: of a zip the one that it goes into, of a folder the one above it."""
        return self._remote.rstrip("/").rpartition("/")[0] or ("/" if self._remote.startswith("/") else "")

    def _deliver(self) -> None:
        """Take the files there over one connection."""
        with connect(self._ssh) as session:
            if is_zip(self.path):
                _install(session, {self._target(session): self.path})
                return
            files = {join(self._remote, file.name): file for file in sorted(self.path.iterdir()) if file.is_file()}
            _make_folder(session, self._remote)
            _install(session, files)
            if self.format.startswith("oneroster"):
                self._remove_left_out(session, {file.name for file in files.values()})

    def _target(self, session: Session) -> str:
        """Where a zip goes: under its own name, where a folder is named."""
        with suppress(Missing):
            if self._remote.endswith("/") or session.look(self._remote).is_folder:
                return join(self._remote, self.path.name)
        return self._remote

    def _remove_left_out(self, session: Session, sent: set[str]) -> None:
        for entry in session.entries(self._remote):
            if entry.is_file and entry.name in _LEFT_OUT - sent:
                session.remove(join(self._remote, entry.name))

    @contextmanager
    def _boundary(self) -> Iterator[None]:
        """Let what SSH and our own disk do not allow leave as RS-OUT-001."""
        try:
            yield
        except SshError as error:
            why = f"{self.path} was written, but not delivered to {self._ssh.place}: {error.message} ({error.code})"
            raise OutputError(Code.OUT_NOT_WRITTEN, why, f"{error.hint} The next run delivers it again.") from error
        except OSError as error:
            why = f"{self.path} was written, but cannot be read for its delivery: {error.strerror}"
            raise OutputError(
                Code.OUT_NOT_WRITTEN, why, "Let nothing else use that path. The next run repairs it."
            ) from error


def _install(session: Session, files: dict[str, Path]) -> None:
    """Upload files, then let each take the place of the former one; what speaks of the others comes last."""
    waiting = {_beside(path): path for path in sorted(files, key=lambda path: (files[path].name == _MANIFEST, path))}
    for temporary, path in waiting.items():
        session.write(files[path], temporary)
    for temporary, path in waiting.items():
        session.rename(temporary, path)


def _beside(path: str) -> str:
    """A hidden neighbor, always the same: what an upload that broke off has left is written over by the next."""
    folder, _, name = path.rpartition("/")
    hidden = f".{name}.rostersync-new"
    return f"{folder}/{hidden}" if folder or path.startswith("/") else hidden


def _make_folder(session: Session, path: str) -> None:
    """Create a folder where it is missing; the one above it must be there."""
    try:
        session.look(path)
    except Missing:
        session.make_folder(path)


def _passing(error: Exception) -> bool:
    return isinstance(error, SshError) and error.passing
