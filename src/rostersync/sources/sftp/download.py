"""Brings a package here, whole: resumed where a connection broke off, and again where it changed meanwhile."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import stamina

from rostersync.errors import Fatal
from rostersync.model.codes import Code
from rostersync.sources.sftp.remote import RemoteFile, RemotePackage, find, look
from rostersync.sources.sftp.settings import SftpSettings
from rostersync.ssh.failures import SshError
from rostersync.ssh.opening import connect

if TYPE_CHECKING:
    from rostersync.ssh.session import Session

LOOKS = 10
"""How often a package is looked at until it no longer changes."""

PAUSE = 15.0
"""Seconds between two looks at a package that is being written to."""

YOUNG = 60.0
"""A package written to within so many seconds, by our clock, is looked at once more after a pause."""

_MINE = 0o600
_MY_FOLDER = 0o700


class Brought(NamedTuple):
    """A package that is here: where, what it was there, and the SHA-256 of its content in hexadecimal."""

    path: Path
    remote: RemotePackage
    digest: str


class Download:
    """One download into a folder of ours; what has come stays there over connections that break off."""

    def __init__(
        self,
        settings: SftpSettings,
        folder: Path,
        clock: Callable[[], datetime],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Download into an empty folder; the time begins now."""
        self._settings = settings
        self._folder = folder
        self._clock = clock
        self._pause = pause
        self._ends = time.monotonic() + settings.deadline
        self._looks = LOOKS
        self._begun: dict[Path, RemoteFile] = {}

    def bring(self) -> Brought:
        """Download the package.

        Raises:
            Fatal: RS-SRC-002 while it is being written to, RS-SRC-005 where there is none, RS-NET-003 when retries or
                time are used up, and what `connect` raises.
        """
        tries = self._settings.retries + 1
        for attempt in stamina.retry_context(
            on=self._again, attempts=tries, timeout=None, wait_initial=1.0, wait_max=60.0
        ):
            with attempt:
                return self._once()
        raise self._too_late()  # stamina always tries once: this is for the type checker

    def _again(self, error: Exception) -> bool:
        return isinstance(error, SshError) and error.passing and time.monotonic() < self._ends

    def _once(self) -> Brought:
        """Go on with the download over a new connection, until the package is here as it stands there."""
        with connect(self._settings.ssh) as session:
            found = find(session, self._settings.path)
            while True:
                whole = self._fetch(session, found)
                self._rest(found)
                now = look(session, found.path)
                if whole and now == found:
                    return Brought(self._folder / found.name, found, self._digest(found))
                self._moved(now)
                found = now

    def _fetch(self, session: Session, found: RemotePackage) -> bool:
        """Download what is not here yet, and say whether every file came to its end."""
        targets = {self._place(found, name): file for name, file in found.files.items()}
        with _local(self._folder):
            for gone in self._begun.keys() - targets.keys():
                gone.unlink(missing_ok=True)
        return all(self._file(session, target, file) for target, file in targets.items())

    def _place(self, found: RemotePackage, name: str) -> Path:
        return self._folder / found.name / name if found.is_folder else self._folder / name

    def _file(self, session: Session, target: Path, file: RemoteFile) -> bool:
        """Download one file from where an earlier connection came to, if it is still the same."""
        with _local(self._folder):
            start = target.stat().st_size if self._begun.get(target) == file else 0
            self._begun[target] = file
            target.parent.mkdir(_MY_FOLDER, parents=True, exist_ok=True)
        with _opened(target, start) as here:
            for chunk in session.read(file.path, start, file.size):
                with _local(self._folder):
                    here.write(chunk)
                if time.monotonic() > self._ends:
                    raise self._too_late()
            return here.tell() == file.size

    def _rest(self, found: RemotePackage) -> None:
        """Wait where the package may not be at its end yet, so that the look that follows would see it grow."""
        if self._clock().timestamp() - found.modified < YOUNG:
            self._pause(PAUSE)

    def _moved(self, now: RemotePackage) -> None:
        """Have patience with a package that is being written to, but not for ever."""
        self._looks -= 1
        if not self._looks or time.monotonic() > self._ends:
            raise Fatal(
                Code.SRC_INCOMPLETE,
                f"{now.path!a} on {self._settings.ssh.place} was still being written to (now {now.size} bytes)",
                "Nothing was used of it. Run later, or ask the vendor to upload under another name and rename at the "
                "end.",
            )
        self._pause(PAUSE)

    def _too_late(self) -> Fatal:
        return Fatal(
            Code.NET_STILL_FAILING,
            f"the download from {self._settings.ssh.place} was not done within {self._settings.deadline:g} s",
            "Raise source.deadline, or ask the vendor why the server is so slow.",
        )

    def _digest(self, found: RemotePackage) -> str:
        """The SHA-256 of a zip; of a folder, that of a list of its files with theirs."""
        with _local(self._folder):
            each = {name: _sha256(self._place(found, name)) for name in sorted(found.files)}
        if not found.is_folder:
            return each[found.name]
        return hashlib.sha256("".join(f"{digest}  {name}\n" for name, digest in each.items()).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _opened(target: Path, start: int) -> Iterator[BinaryIO]:
    """Open a file of ours to go on at a place."""
    with _local(target.parent):
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.fdopen(os.open(target, flags, _MINE), "r+b", buffering=0)
    with file:
        file.truncate(start)
        file.seek(start)
        yield file


@contextmanager
def _local(folder: Path) -> Iterator[None]:
    """Map what our own disk does not allow."""
    try:
        yield
    except OSError as error:
        why = f"the package cannot be kept in {folder}: {error.strerror}"
        hint = "Make room there, or let TMPDIR name a folder on another disk."
        raise Fatal(Code.SRC_INCOMPLETE, why, hint) from error
