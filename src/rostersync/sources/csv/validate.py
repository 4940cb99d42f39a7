"""The validator: everything that is wrong with a OneRoster CSV package, at its line and with what to do about it.

It reads every file twice: first to learn which records there are, then to hold each row to the standard. Findings are
given as they are found; memory stays the same for any size of package and any number of findings.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from rostersync.errors import Fatal
from rostersync.model.codes import Code, Severity
from rostersync.sources.csv.checks import files
from rostersync.sources.csv.checks.finding import Finding
from rostersync.sources.csv.checks.index import Index
from rostersync.sources.csv.checks.rows import Known, RowChecks
from rostersync.sources.csv.checks.survey import Seen, survey
from rostersync.sources.csv.layout import LAYOUTS, Version
from rostersync.sources.csv.manifest import Manifest, read_manifest
from rostersync.sources.csv.package import Package, open_package
from rostersync.sources.csv.refusals import Refusal, Unusable
from rostersync.sources.csv.table import read_table

__all__ = ["Finding", "Severity", "Validation", "validate"]

_FIRST = ("orgs", "academicSessions", "courses", "classes", "users", "roles", "enrollments")


def validate(path: Path) -> Iterator[Finding]:
    """Everything that is wrong with the package at a path: a folder, a zip or a glob."""
    return iter(Validation(path))


class Validation:
    """One validation. What it says beside its findings is known once they have all been taken."""

    def __init__(self, path: Path) -> None:
        """Take the path of the package; nothing is opened yet."""
        self.path = path
        self.version: Version | None = None
        self.readable = True
        """Whether the package could be read at all."""
        self.counts: Counter[Severity] = Counter(dict.fromkeys(reversed(Severity), 0))

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.counts.total()

    def __iter__(self) -> Iterator[Finding]:
        """Give the findings, in the order of the package, the manifest, the files and their lines.

        Raises:
            Fatal: there is no room for the temporary file that the validator needs.
        """
        try:
            for found in self._findings():
                self.counts[found.severity] += 1
                yield found
        except sqlite3.Error as error:
            hint = "Free some room in the folder for temporary files, or set TMPDIR to another one."
            raise Fatal(Code.SRC_ARCHIVE_UNREADABLE, f"no temporary file could be written: {error}", hint) from error

    def _findings(self) -> Iterator[Finding]:
        try:
            with closing(open_package(self.path)) as package, closing(Index()) as index:
                yield from self._package(package, index)
        except Refusal as error:
            self.readable = False
            yield files.refused(error)

    def _package(self, package: Package, index: Index) -> Iterator[Finding]:
        yield from files.notices(package)
        try:
            manifest = read_manifest(package)
        except Refusal as error:
            yield files.refused(error)
            manifest = Manifest("1.2" if "roles" in package.files else "1.1")
        else:
            yield from files.manifest_slips(manifest)
            yield from files.listed(package, manifest)
        self.version = manifest.version
        names = _in_order(package, manifest.version)
        known = Known(manifest.version, index, {}, frozenset(names))
        yield from self._survey(package, manifest, names, known)
        for name in names:
            if name in known.files:
                with read_table(package, manifest.version, name) as table:
                    yield from RowChecks(table, known).findings()

    def _survey(self, package: Package, manifest: Manifest, names: list[str], known: Known) -> Iterator[Finding]:
        """The first reading; a file that cannot be used is reported and left out from then on."""
        surveyed: dict[str, Seen] = {}
        for name in names:
            try:
                with read_table(package, manifest.version, name) as table:
                    yield from files.header(table.file, table.header)
                    seen = survey(table, known.index)
            except Unusable as error:
                yield files.refused(error)
                continue
            surveyed[name] = seen
            yield from files.judged(name, seen, manifest.modes.get(name))
        known.files = surveyed


def _in_order(package: Package, version: Version) -> list[str]:
    """The files that are read, those first that others refer to."""
    order = [*_FIRST, *(name for name in LAYOUTS[version] if name not in _FIRST)]
    return [name for name in order if name in package.files and name in LAYOUTS[version]]
