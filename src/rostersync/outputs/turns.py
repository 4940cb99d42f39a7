"""Lets one process at a time write outputs in a folder, by a lock that dies with the process."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rostersync.outputs.failures import refused

_PATIENCE = 300.0
_PAUSE = 0.05
_NO_LOCKS = frozenset({errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP})


@contextmanager
def alone(path: Path, folder: Path, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the folder of an output against other writers; wait up to `patience` seconds for them, else OutputError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        end = time.monotonic() + patience
        while not _taken(descriptor):
            if time.monotonic() > end:
                raise refused(path, "another process is writing in its folder", "Wait for it to end, then try again.")
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    """Try to take the lock; where the file system has none, as some network file systems, go on without."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True
