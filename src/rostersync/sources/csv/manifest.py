"""manifest.csv: which version a package is of, and whether each file is bulk, delta or absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, cast

from rostersync.sources.csv.cells import Broken
from rostersync.sources.csv.layout import MANIFEST, Version, file_names
from rostersync.sources.csv.package import Package
from rostersync.sources.csv.refusals import Refusal
from rostersync.sources.csv.text import Lines, Readable

Mode = Literal["bulk", "delta", "absent"]
_MODES = ("bulk", "delta", "absent")
_FILE = "file."
_HEADER = ["propertyName", "value"]
_VERSIONS: dict[str, Version] = {"1.0": "1.0", "1.1": "1.1", "1.2": "1.2", "1.2.0": "1.2", "1.2.1": "1.2"}


class Slip(NamedTuple):
    """Something in the manifest that is not by the book: what, where, and whether it is an error."""

    rule: str
    line: int
    column: str
    value: str
    message: str
    remedy: str
    grave: bool = True


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the manifest says; a package without one is of version 1.0 and says nothing of its files."""

    version: Version = "1.0"
    modes: dict[str, Mode] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    slips: tuple[Slip, ...] = ()

    @property
    def present(self) -> bool:
        """Whether there is a manifest."""
        return bool(self.lines)


def read_manifest(package: Package) -> Manifest:
    """Read the manifest of a package.

    Raises:
        Refusal: it cannot be read, or names no version that is known.
    """
    if MANIFEST not in package.files:
        return Manifest()
    slips: list[Slip] = []
    with package.read(MANIFEST) as stream:
        said = _properties(stream, slips.append)
    version = _version(said)
    modes: dict[str, Mode] = {}
    for name, (line, value) in said.items():
        if name.startswith(_FILE):
            _mode(name, line, value, modes, slips.append)
    slips.extend(_unsaid(said, version))
    return Manifest(version, modes, {name: line for name, (line, _) in said.items()}, tuple(slips))


def _properties(stream: Readable, report: Callable[[Slip], None]) -> dict[str, tuple[int, str]]:
    """The properties by name, each with its line."""
    lines = Lines("manifest.csv", stream)
    header = [name.strip() for name in lines.header()]
    if [name.casefold() for name in header[:2]] != [name.casefold() for name in _HEADER]:
        raise _no_manifest("its header is not propertyName,value", 1)
    if header != _HEADER:
        found = ",".join(header)
        report(Slip("manifest-header", 1, "propertyName", found, "the header is not exactly propertyName,value", _MEND))
    said: dict[str, tuple[int, str]] = {}
    for row in lines.rows(len(header)):
        if isinstance(row, Broken):
            raise _no_manifest(row.message, row.line)
        name, value = row.cells[0].strip(), row.cells[1].strip()
        if name in said and said[name][1] != value:
            raise _no_manifest(f"{name[:60]!a} stands in it twice with different values", row.line)
        if name in said:
            report(Slip("manifest-property-twice", row.line, name, value, f"{name[:60]} stands there twice", _MEND))
        said[name] = (row.line, value)
    return said


def _no_manifest(why: str, line: int) -> Refusal:
    return Refusal(
        "manifest-unreadable",
        f"manifest.csv line {line}: {why}",
        "It has the header propertyName,value and one property a line, such as file.users,bulk.",
        file="manifest.csv",
        line=line,
    )


def _version(said: dict[str, tuple[int, str]]) -> Version:
    line, value = said.get("oneroster.version", (1, ""))
    version = _VERSIONS.get(value)
    if version is None:
        raise Refusal(
            "oneroster-version",
            f"manifest.csv line {line}: oneroster.version is {value[:40]!a}",
            "It must be 1.1 or 1.2 (1.2 for the 1.2.1 correction as well).",
            file="manifest.csv",
            line=line,
            value=value,
        )
    return version


def _mode(name: str, line: int, value: str, modes: dict[str, Mode], report: Callable[[Slip], None]) -> None:
    """Take what the manifest says of one file."""
    mode = value.lower()
    if mode not in _MODES:
        message = f"{name} is {value[:40]!a}, and not one of {', '.join(_MODES)}"
        report(Slip("manifest-mode", line, name, value, message, "Write bulk, delta or absent."))
        return
    if mode != value:
        message = f"{name} is {value[:40]!a} in another case than the standard's"
        report(Slip("value-case", line, name, value, message, f"Write {mode}.", grave=False))
    modes[name.removeprefix(_FILE).removesuffix(".csv")] = cast("Mode", mode)


def _unsaid(said: dict[str, tuple[int, str]], version: Version) -> Iterator[Slip]:
    """What the manifest should say, or should not."""
    line, value = said.get("manifest.version", (1, ""))
    if value != "1.0":
        yield Slip("manifest-version", line, "manifest.version", value, "manifest.version is not 1.0", "Write 1.0.")
    line, value = said["oneroster.version"]
    if value in {"1.2.0", "1.2.1"}:
        message = f"oneroster.version is {value}, for which the standard writes 1.2"
        yield Slip("oneroster-version", line, "oneroster.version", value, message, "Write 1.2.", grave=False)
    names = {f"{_FILE}{name}" for name in file_names(version)}
    for name in sorted(names - said.keys()):
        message = f"{name} is not in the manifest, which must speak of every file"
        yield Slip("manifest-property-missing", 1, name, "", message, f"Add {name} with bulk, delta or absent.")
    fixed = {"manifest.version", "oneroster.version", "source.systemName", "source.systemCode"}
    for name in said.keys() - names - fixed:
        message = f"{name[:60]!a} is no property of OneRoster {version}"
        yield Slip("manifest-property-unknown", said[name][0], name, said[name][1], message, _MEND, grave=False)


_MEND = "Write the manifest as the standard has it: one property a line, each once, spelled exactly."
