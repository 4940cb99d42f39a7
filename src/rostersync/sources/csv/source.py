"""The CSV source: the files of a package as a stream of events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import islice

from rostersync.errors import Fatal
from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.snapshot import Received
from rostersync.sources.base import Batch, Covered, Event, Found, Known, Probe, Request, Started
from rostersync.sources.csv import probe, tolerated
from rostersync.sources.csv.coverage import Rows, coverage_of, disagreement
from rostersync.sources.csv.header import Oddity
from rostersync.sources.csv.manifest import Manifest, Mode, read_manifest
from rostersync.sources.csv.package import Package, open_package
from rostersync.sources.csv.people import People
from rostersync.sources.csv.refusals import EXPORT_AGAIN, Unusable
from rostersync.sources.csv.roles import RoleBook
from rostersync.sources.csv.rows import FILES, received
from rostersync.sources.csv.settings import CsvSettings
from rostersync.sources.csv.table import Table, read_table
from rostersync.sources.records import v1p1, v1p2

BATCH = 1000
"""Rows in one event."""


class CsvSource:
    """A OneRoster CSV package of version 1.0, 1.1 or 1.2 (the protocol `Source`); one fetch at a time."""

    def __init__(self, settings: CsvSettings, *, clock: Callable[[], datetime]) -> None:
        """Take the settings and our clock; nothing is opened yet."""
        self._settings = settings
        self._clock = clock
        self._package: Package | None = None

    def fetch(self, request: Request) -> Iterator[Event]:
        """Stream the collections asked for, in that order.

        What a file covers is the package's to say: `since` and `always_full` change nothing. A file that is absent is
        Coverage.NONE, whatever its collection.

        Raises:
            Fatal: the package, or a file of a collection that is not optional, cannot be read.
        """
        yield Started(None)
        self._package = open_package(self._settings.path)
        with closing(self._package) as package:
            yield from map(Found, tolerated.in_names(package.path.name, package.notices))
            reading = _Fetch(package, read_manifest(package), request)
            for kind in request.collections:
                yield from reading.collection(kind)
            package.verify()

    def probe(self, collections: Sequence[Kind]) -> Iterator[Probe]:
        """Open the package and read through the files that a fetch would need."""
        yield from probe.run(self._settings.path, collections)

    def close(self) -> None:
        """Let go of a package whose fetch was not read to its end."""
        if self._package is not None:
            self._package.close()
            self._package = None


class _Fetch:
    """One reading of a package."""

    def __init__(self, package: Package, manifest: Manifest, request: Request) -> None:
        self._package = package
        self._manifest = manifest
        self._optional = request.optional
        self._known: Known | None = request.known
        self._oddities: dict[str, Sequence[Oddity]] = {}

    def collection(self, kind: Kind) -> Iterator[Event]:
        """The events of one collection; what cannot be had of an optional one is NONE."""
        try:
            yield from self._file(kind)
        except (Unusable, _Missing) as error:
            if kind not in self._optional:
                raise
            yield Found(Diagnostic(Code(error.code), error.message, error.hint, kind))
            yield Covered(kind, Coverage.NONE)

    def _file(self, kind: Kind) -> Iterator[Event]:
        name = FILES[kind]
        if kind is Kind.USERS and self._manifest.version == "1.2":
            yield from self._people()
            return
        if not self._has(name):
            yield Covered(kind, Coverage.NONE)
            return
        readings = v1p2.READINGS if self._manifest.version == "1.2" else v1p1.READINGS
        rows = Rows()
        with self._table(name) as table:
            yield from _batches(kind, received(table, readings[kind], rows))
        yield from self._end(kind, rows, coverage_of(rows, self._mode(name)))

    def _people(self) -> Iterator[Event]:
        """The users with their roles; how the two files go together is told in `people`."""
        with closing(RoleBook()) as book:
            people = People(book, self._known, whole=self._fill(book))
            yield from self._found("roles", book.rows, Kind.USERS)
            rows, sent = Rows(), self._has("users")
            if sent:
                with self._table("users") as table:
                    yield from _batches(Kind.USERS, people.read(table, rows))
            coverage = coverage_of(rows, self._mode("users")) if sent else Coverage.NONE
            if coverage is not Coverage.FULL:
                for batch in _batches(Kind.USERS, people.others()):
                    coverage = Coverage.DELTA
                    yield batch
            yield from map(Found, people.check(rows, coverage))
            yield from self._end(Kind.USERS, rows, coverage)

    def _fill(self, book: RoleBook) -> bool:
        """Read the roles, and say whether they are all there are."""
        if not self._has("roles"):
            return False
        with self._table("roles") as table:
            book.fill(table)
        whole = coverage_of(book.rows, self._mode("roles")) is Coverage.FULL
        if self._known is not None and not whole and book.rows.count:
            book.trace(self._known.entries(Kind.USERS))
        return whole

    @contextmanager
    def _table(self, name: str) -> Iterator[Table]:
        """Open a file, and remember what is odd about its header until it has been read."""
        with read_table(self._package, self._manifest.version, name) as table:
            self._oddities[name] = table.header.oddities
            yield table

    def _end(self, kind: Kind, rows: Rows, coverage: Coverage) -> Iterator[Event]:
        name = FILES[kind]
        yield from self._found(name, rows, kind)
        if rows.nameless:
            yield Found(_unreadable(name, rows, kind))
        yield Covered(kind, coverage)

    def _found(self, name: str, rows: Rows, kind: Kind) -> Iterator[Found]:
        yield from map(Found, tolerated.in_columns(f"{name}.csv", self._oddities.get(name, ()), kind))
        if what := disagreement(name, rows, self._mode(name)):
            hint = f"Ask for the export again: the manifest must say what {name}.csv is."
            yield Found(Diagnostic(Code.SRC_MANIFEST_MISMATCH, what, hint, kind))

    def _mode(self, name: str) -> Mode | None:
        return self._manifest.modes.get(name)

    def _has(self, name: str) -> bool:
        """Whether the file is there; raises where the manifest says that it is and it is not."""
        if name in self._package.files:
            return True
        mode = self._mode(name)
        if mode in {"bulk", "delta"}:
            raise _Missing(
                Code.SRC_MANIFEST_MISMATCH,
                f"the manifest says that {name}.csv is {mode}, but there is no such file",
                EXPORT_AGAIN,
            )
        return False


class _Missing(Fatal):
    """A file that the manifest promises is not there."""


def _batches(kind: Kind, rows: Iterable[Received]) -> Iterator[Batch]:
    stream = iter(rows)
    while some := list(islice(stream, BATCH)):
        yield Batch(kind, some)


def _unreadable(name: str, rows: Rows, kind: Kind) -> Diagnostic:
    return Diagnostic(
        Code.SRC_INCOMPLETE,
        f"{name}.csv has {rows.nameless} lines whose sourcedId cannot be read: as any record may be among them, "
        "nothing that is missing in the file was taken for deleted",
        f"`rostersync validate` shows the lines. {EXPORT_AGAIN}",
        kind,
    )
