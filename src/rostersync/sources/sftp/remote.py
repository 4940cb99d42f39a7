"""What of a server is the package: a zip, or the CSV files of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from posixpath import basename, join
from typing import TYPE_CHECKING, NamedTuple

from rostersync.errors import Fatal
from rostersync.model.codes import Code
from rostersync.sources.csv.package import by_name
from rostersync.sources.csv.zipped import MOST_ENTRIES
from rostersync.ssh.entry import Entry
from rostersync.ssh.failures import Missing

if TYPE_CHECKING:
    from rostersync.ssh.session import Session

_WILD = frozenset("*?[")


class RemoteFile(NamedTuple):
    """A file as it was seen: `size` in bytes, `modified` in seconds since 1970."""

    path: str
    size: int
    modified: int


class RemotePackage(NamedTuple):
    """A package as it was seen: its files by their place in it, which for a zip is its name."""

    path: str
    is_folder: bool
    files: dict[str, RemoteFile]

    @property
    def name(self) -> str:
        """Its name in the folder that it stands in."""
        return basename(self.path.rstrip("/")) or "package"

    @property
    def size(self) -> int:
        """All its bytes."""
        return sum(file.size for file in self.files.values())

    @property
    def modified(self) -> int:
        """When it was last written to."""
        return max((file.modified for file in self.files.values()), default=0)


def find(session: Session, path: str) -> RemotePackage:
    """Look at the package that a path or glob names; of several that match, the newest by name.

    Raises Fatal (RS-SRC-005) where what is there is no package, and SshError, among others for what is not there.
    """
    try:
        return look(session, path)
    except Missing:
        found = sorted(_matches(session, path), key=by_name) if _WILD & set(path) else []
        if not found:
            raise
    return look(session, found[-1])


def look(session: Session, path: str) -> RemotePackage:
    """Look at a zip or folder; raises as `find` does."""
    entry = session.look(path)
    if entry.is_file:
        found = RemotePackage(path, is_folder=False, files={})
        return found._replace(files={found.name: RemoteFile(path, entry.size, entry.modified)})
    if not entry.is_folder:
        raise _no_package(f"{path!a} is neither a folder nor a file")
    files = {name: RemoteFile(join(path, name), file.size, file.modified) for name, file in _csv_files(session, path)}
    if not files:
        raise _no_package(f"the folder {path!a} has no CSV files")
    if len(files) > MOST_ENTRIES:
        raise _no_package(f"the folder {path!a} has {len(files)} CSV files, more than a package can have")
    return RemotePackage(path, is_folder=True, files=files)


def _csv_files(session: Session, folder: str) -> Iterator[tuple[str, Entry]]:
    """The CSV files of a folder, or of the one folder in it where it has none itself."""
    entries = session.entries(folder)
    found = [(entry.name, entry) for entry in entries if _is_csv(entry)]
    below = [entry.name for entry in entries if entry.is_folder and not entry.name.startswith(".")]
    if not found and len(below) == 1:
        inner = session.entries(join(folder, below[0]))
        found = [(f"{below[0]}/{entry.name}", entry) for entry in inner if _is_csv(entry)]
    yield from sorted(found)


def _is_csv(entry: Entry) -> bool:
    return entry.is_file and entry.name.casefold().endswith(".csv")


def _matches(session: Session, pattern: str) -> Iterator[str]:
    """The paths that a glob names, in any order."""
    root = "/" if pattern.startswith("/") else ""
    *folders, last = [part for part in pattern.split("/") if part]
    places = [root]
    for part in folders:
        places = [join(place, name) for place in places for name in _named(session, place, part, folders=True)]
    for place in places:
        yield from (join(place, name) for name in _named(session, place, last))


def _named(session: Session, folder: str, pattern: str, *, folders: bool = False) -> list[str]:
    """The names in a folder that fit; hidden ones only where the pattern begins with a dot as well."""
    if not _WILD & set(pattern):
        return [pattern]
    return [
        entry.name
        for entry in session.entries(folder or ".")
        if fnmatchcase(entry.name, pattern)
        and (pattern.startswith(".") or not entry.name.startswith("."))
        and (entry.is_folder or (entry.is_file and not folders))
    ]


def _no_package(why: str) -> Fatal:
    hint = "Check `path`: it must be a zip, a folder with the CSV files, or a glob such as drop/*.zip."
    return Fatal(Code.SRC_ARCHIVE_UNREADABLE, why, hint)
