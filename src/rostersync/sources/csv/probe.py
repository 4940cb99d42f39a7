"""What `check` tries of a CSV source: the package, its manifest, and every file that is needed, read to its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from rostersync.errors import SourceError
from rostersync.model.codes import Code
from rostersync.model.kind import Kind
from rostersync.sources.base import Probe
from rostersync.sources.csv.cells import Broken
from rostersync.sources.csv.coverage import Rows, disagreement, said_by
from rostersync.sources.csv.manifest import Manifest, read_manifest
from rostersync.sources.csv.package import Package, open_package
from rostersync.sources.csv.refusals import EXPORT_AGAIN
from rostersync.sources.csv.rows import FILES
from rostersync.sources.csv.table import Table, read_table


def run(path: Path, collections: Sequence[Kind]) -> Iterator[Probe]:
    """Try the package, then the files of the collections in order; ends early where nothing more can work."""
    try:
        package = open_package(path)
    except SourceError as error:
        yield _failed("package", error)
        return
    with closing(package):
        try:
            manifest = read_manifest(package)
        except SourceError as error:
            yield _failed("package", error)
            return
        yield _package(package, manifest)
        for name in _names(collections, manifest):
            yield _file(package, manifest, name)


def _names(collections: Sequence[Kind], manifest: Manifest) -> Iterator[str]:
    for kind in collections:
        if kind is Kind.USERS and manifest.version == "1.2":
            yield "roles"
        yield FILES[kind]


def _package(package: Package, manifest: Manifest) -> Probe:
    """What was found, and what is odd about it."""
    detail: dict[str, object] = {
        "path": str(package.path),
        "version": manifest.version,
        "files": sorted(f"{name}.csv" for name in package.files),
    }
    said = f"version {manifest.version}" if manifest.present else "no manifest, so read as version 1.0"
    notices = [notice.message for notice in package.notices]
    hint = f"Tolerated: {'; '.join(notices[:5])}." if notices else ""
    return Probe("package", ok=True, message=f"{package.path.name}: {said}", hint=hint, detail=detail)


def _file(package: Package, manifest: Manifest, name: str) -> Probe:
    mode = manifest.modes.get(name)
    if name not in package.files:
        if mode in {"bulk", "delta"}:
            message = f"the manifest says {mode}, but there is no such file"
            return Probe(f"{name}.csv", ok=False, message=message, code=Code.SRC_MANIFEST_MISMATCH, hint=EXPORT_AGAIN)
        detail: dict[str, object] = {"mode": "absent", "rows": 0}
        return Probe(f"{name}.csv", ok=True, message="absent: stays as it was last known", detail=detail)
    try:
        with read_table(package, manifest.version, name) as table:
            return _read(table, manifest)
    except SourceError as error:
        return _failed(f"{name}.csv", error)


def _read(table: Table, manifest: Manifest) -> Probe:
    """Read a file through."""
    rows, broken, first = Rows(), 0, ""
    status, modified = (table.header.places.get(name) for name in ("status", "dateLastModified"))
    for row in table.rows():
        if isinstance(row, Broken):
            broken += 1
            first = first or f"line {row.line}: {row.message}"
            continue
        rows.see("" if status is None else row.cells[status], "" if modified is None else row.cells[modified])
    mode = manifest.modes.get(table.name)
    said = said_by(rows, mode) or mode or "bulk"
    detail: dict[str, object] = {"mode": said, "rows": rows.count + broken, "broken": broken}
    message = f"{said}, {rows.count + broken} rows" + (f", {broken} of them broken ({first})" if broken else "")
    if what := disagreement(table.name, rows, mode):
        return Probe(
            table.file, ok=False, message=what, code=Code.SRC_MANIFEST_MISMATCH, hint=EXPORT_AGAIN, detail=detail
        )
    oddities = [oddity.message for oddity in table.header.oddities]
    if broken:
        hint = "`rostersync validate` shows every line; broken records stay as they were."
        return Probe(table.file, ok=False, message=message, code=Code.DATA_REJECTED, hint=hint, detail=detail)
    hint = f"Tolerated: {'; '.join(oddities[:5])}." if oddities else ""
    return Probe(table.file, ok=True, message=message, hint=hint, detail=detail)


def _failed(name: str, error: SourceError) -> Probe:
    return Probe(name, ok=False, message=error.message, code=error.code, hint=error.hint)
