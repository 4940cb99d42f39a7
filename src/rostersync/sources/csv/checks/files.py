"""What is off about a package as a whole: its files, its manifest, and how both go together."""

from __future__ import annotations

from collections.abc import Iterator

from rostersync.model.codes import Code, Severity
from rostersync.sources.csv.checks.finding import Finding
from rostersync.sources.csv.checks.survey import Seen
from rostersync.sources.csv.header import Header
from rostersync.sources.csv.layout import GRADEBOOK, LAYOUTS, MANIFEST
from rostersync.sources.csv.manifest import Manifest, Mode, Slip
from rostersync.sources.csv.package import Package
from rostersync.sources.csv.refusals import Refusal

_E, _W = Severity.ERROR, Severity.WARNING
_SAY = "Let the manifest say of every file whether it is bulk, delta or absent."


def refused(error: Refusal) -> Finding:
    """What could not be read."""
    return Finding(
        str(error.code), error.rule, _E, error.file, error.line, None, error.value or None, error.message, error.hint
    )


def notices(package: Package) -> Iterator[Finding]:
    """What is odd about the names in the package."""
    code = str(Code.SRC_ARCHIVE_UNREADABLE)
    for rule, file, message, remedy in package.notices:
        yield Finding(code, rule, _W, file, None, None, None, message, remedy)


def manifest_slips(manifest: Manifest) -> Iterator[Finding]:
    """What is not by the book in the manifest, in the order of its lines."""
    if not manifest.present:
        message = "there is no manifest.csv, so that the package counts as OneRoster 1.0"
        yield _manifest("manifest-missing", _W, None, None, None, message, "Add a manifest, if it is 1.1 or 1.2.")
    for slip in sorted(manifest.slips, key=lambda slip: slip.line):
        yield _slip(slip)


def _slip(slip: Slip) -> Finding:
    severity = _E if slip.grave else _W
    return _manifest(slip.rule, severity, slip.line, slip.column, slip.value, slip.message, slip.remedy)


def _manifest(
    rule: str, severity: Severity, line: int | None, column: str | None, value: str | None, message: str, remedy: str
) -> Finding:
    code = str(Code.SRC_MANIFEST_MISMATCH)
    return Finding(code, rule, severity, "manifest.csv", line, column, value, message, remedy)


def listed(package: Package, manifest: Manifest) -> Iterator[Finding]:
    """Files that the manifest promises and that are not there, or that are there and absent by the manifest."""
    known = {MANIFEST, *LAYOUTS[manifest.version], *GRADEBOOK[manifest.version]}
    for name in sorted(package.files):
        if name not in known:
            message = f"{name}.csv is no file of OneRoster {manifest.version}, and was not read"
            code = str(Code.SRC_MANIFEST_MISMATCH)
            remedy = "Leave it out, or mend oneroster.version."
            yield Finding(code, "file-of-other-version", _W, f"{name}.csv", None, None, None, message, remedy)
        elif manifest.present and name != MANIFEST and _is_absent(manifest, name):
            yield _listed(
                "file-not-listed", manifest, name, f"{name}.csv is there, though the manifest does not say so"
            )
    for name, mode in sorted(manifest.modes.items()):
        if mode != "absent" and name in known and name not in package.files:
            yield _listed("file-missing", manifest, name, f"the manifest says {mode} of {name}.csv, which is not there")


def _is_absent(manifest: Manifest, name: str) -> bool:
    """Whether the manifest says absent of a file, or nothing; what it says that is no mode is told elsewhere."""
    return manifest.modes.get(name) == "absent" or f"file.{name}" not in manifest.lines


def _listed(rule: str, manifest: Manifest, name: str, message: str) -> Finding:
    line = manifest.lines.get(f"file.{name}", 1)
    value = manifest.modes.get(name)
    return _manifest(
        rule, _E, line, f"file.{name}", value, message, f"{_SAY} Nothing is missing from the package then."
    )


def header(file: str, found: Header) -> Iterator[Finding]:
    """What is odd about a header."""
    for rule, column, message, remedy, grave in found.oddities:
        severity = _E if grave else _W
        yield Finding(str(Code.SRC_NOT_ONEROSTER), rule, severity, file, 1, column, None, message, remedy)


def judged(file: str, seen: Seen, manifest: Mode | None) -> Iterator[Finding]:
    """Decide what the rows of a file are held to, and say where that is not what the manifest says."""
    rows = seen.rows
    name = f"{file}.csv"
    if not rows.count:
        seen.mode = None if manifest == "absent" else manifest
        if not seen.broken:
            message = f"{name} has a header and no rows"
            remedy = "Leave the file out and say absent in the manifest; an empty bulk file says that all is deleted."
            yield Finding(str(Code.SRC_INCOMPLETE), "no-rows", _E, name, 1, None, None, message, remedy)
        return
    stated = None if manifest == "absent" else manifest
    seen.mode, line = _mode(seen, stated)
    if stated is not None and seen.mode != stated:
        signs = "have a status" if seen.mode == "delta" else "have neither status nor dateLastModified"
        message = f"the manifest says that {name} is {stated}, and its rows {signs}: the rows count"
        yield Finding(
            str(Code.SRC_MANIFEST_MISMATCH), "mode-disagrees", _E, name, line, "status", stated, message, _SAY
        )
    if stated is None and 0 < rows.stamped < rows.count:
        message = f"some rows of {name} have a status, and some have none"
        yield Finding(
            str(Code.SRC_MANIFEST_MISMATCH), "mode-mixed", _E, name, seen.first_blank, "status", None, message, _SAY
        )


def _mode(seen: Seen, stated: Mode | None) -> tuple[Mode | None, int]:
    """What the rows are held to, and the first line that says so."""
    rows = seen.rows
    if rows.stamped == rows.count:
        return "delta", seen.first_stamped
    if rows.blank == rows.count:
        return "bulk", seen.first_blank
    if stated is None and rows.stamped:
        return None, seen.first_blank
    return stated or "bulk", seen.first_blank
