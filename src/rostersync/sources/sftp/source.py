"""The SFTP source: the package is brought here whole, and then read as the CSV source reads one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rostersync.errors import Fatal, SourceError
from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.sources.base import Covered, Event, Found, Probe, Request, Started
from rostersync.sources.csv.settings import CsvSettings
from rostersync.sources.csv.source import CsvSource
from rostersync.sources.sftp.download import Brought, Download
from rostersync.sources.sftp.remote import find
from rostersync.sources.sftp.settings import SftpSettings
from rostersync.ssh.failures import SshError
from rostersync.ssh.opening import connect


class SftpSource:
    """A OneRoster CSV package on an SFTP server (the protocol `Source`); one fetch at a time."""

    def __init__(
        self,
        settings: SftpSettings,
        *,
        clock: Callable[[], datetime],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take the settings and our clock; nothing is asked yet. `pause` waits so many seconds."""
        self._settings = settings
        self._clock = clock
        self._pause = pause
        self._open = ExitStack()

    def fetch(self, request: Request) -> Iterator[Event]:
        """Stream the collections asked for, in that order, out of a copy that is complete before it is read.

        Where the package is the one that `request.package` names, nothing has changed since: every collection is a
        delta without rows, and RS-SRC-009 says so.

        Raises:
            Fatal: the package cannot be had or read.
        """
        brought = self._brought()
        if brought.digest == request.package:
            yield Started(None, brought.digest)
            yield Found(_repeated(brought.remote.path))
            yield from _nothing_new(request)
        else:
            for event in self._csv(brought.path).fetch(request):
                yield event._replace(package=brought.digest) if isinstance(event, Started) else event
        self.close()

    def probe(self, collections: Sequence[Kind]) -> Iterator[Probe]:
        """Try the host key, the login and the path, then the package itself."""
        try:
            yield from self._reached()
            brought = self._brought()
        except SourceError as error:
            yield Probe("sftp", ok=False, message=error.message, code=error.code, hint=error.hint)
            return
        for item in self._csv(brought.path).probe(collections):
            detail = item.detail
            there = {"path": brought.remote.path} if detail is not None and "path" in detail else {}
            yield item._replace(detail={**detail, **there}) if detail is not None else item
        self.close()

    def close(self) -> None:
        """Remove the copy."""
        self._open.close()

    def _csv(self, path: Path) -> CsvSource:
        source = CsvSource(CsvSettings(path), clock=self._clock)
        self._open.callback(source.close)
        return source

    def _brought(self) -> Brought:
        """Download the package into a folder that is ours alone, and gone when the source is closed."""
        with _boundary():
            self.close()
            folder = self._open.enter_context(TemporaryDirectory(prefix="rostersync-"))
            return Download(self._settings, Path(folder), self._clock, self._pause).bring()

    def _reached(self) -> Iterator[Probe]:
        """Connect, and look at the package."""
        ssh = self._settings.ssh
        with _boundary(), connect(ssh) as session:
            key = session.host_key
            yield Probe("host key", ok=True, message=f"{ssh.place} has the key {key}", detail={"host_key": key})
            yield Probe("login", ok=True, message=f"{ssh.place} lets {ssh.user!a} in")
            found = find(session, self._settings.path)
        written = datetime.fromtimestamp(found.modified, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        detail: dict[str, object] = {"path": found.path, "size": found.size, "modified": written}
        message = f"{found.path}: {found.size} bytes, last written to at {written}"
        yield Probe("package found", ok=True, message=message, detail=detail)


def _repeated(path: str) -> Diagnostic:
    """The package has been processed before."""
    hint = "Nothing needs doing, unless a new package was due: then ask the vendor. `--full` reads it all the same."
    return Diagnostic(Code.SRC_REPEATED, f"{path!a} is, byte for byte, the package that was read last", hint)


def _nothing_new(request: Request) -> Iterator[Event]:
    """What could not be had the last time is not to be had now either."""
    for kind in request.collections:
        yield Covered(kind, Coverage.NONE if kind in request.always_full else Coverage.DELTA)


@contextmanager
def _boundary() -> Iterator[None]:
    """Let what SSH and our own disk do not allow leave as errors of a source."""
    try:
        yield
    except SshError as error:
        raise Fatal(error.code, error.message, error.hint) from error
    except OSError as error:
        hint = "Make room there, or let TMPDIR name a folder on another disk."
        raise Fatal(Code.SRC_INCOMPLETE, f"the temporary folder cannot be used: {error.strerror}", hint) from error
