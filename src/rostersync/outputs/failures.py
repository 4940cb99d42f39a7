"""The one place where what the file system refuses becomes our error (RS-OUT-001)."""

from __future__ import annotations

import errno
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rostersync.errors import OutputError

NOT_WRITTEN = "RS-OUT-001"

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def boundary(path: Path) -> Iterator[None]:
    """Turn what the system raises while an output is written to this path into OutputError."""
    try:
        yield
    except OSError as error:
        raise refused(path, error.strerror or str(error), _hint(error.errno)) from error
    except zipfile.LargeZipFile as error:
        raise refused(path, "a file of it is too large for a zip", "Give a folder as the path.") from error


def refused(path: Path, why: str, hint: str) -> OutputError:
    """Make the error of an output that is not written, with what to do."""
    return OutputError(NOT_WRITTEN, f"{path} cannot be written: {why}", f"{hint} What was there before is untouched.")


def _hint(number: int | None) -> str:
    """Say what to do about an error of the system."""
    if number in _FULL:
        return "Make room on that disk, about twice what the roster takes: the new set is written beside the old one."
    if number in _FORBIDDEN:
        return "Let the user who runs rostersync write in that folder, or give another path in [[outputs]]."
    if number in (errno.EBUSY, errno.EXDEV):
        return "A mount point cannot be replaced: give a folder or a zip inside of it."
    return "Check the path in [[outputs]], the disk, and the rights of the folder."
