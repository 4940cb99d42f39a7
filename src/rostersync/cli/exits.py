"""The exit codes of contract §2, and the only table from errors and statuses to them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from rostersync import errors
from rostersync.model.run import Status


class ExitCode(IntEnum):
    """How the program ends; interrupted by a signal it is 128 and the signal's number."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PARTIAL = 3
    BLOCKED = 4
    BUSY = 5
    PENDING = 10


_BY_ERROR: dict[type[errors.RostersyncError], ExitCode] = {
    errors.UsageError: ExitCode.USAGE,
    errors.ConfigError: ExitCode.USAGE,
    errors.Blocked: ExitCode.BLOCKED,
    errors.Locked: ExitCode.BUSY,
}

_BY_STATUS: dict[Status, ExitCode] = {
    Status.SUCCESS: ExitCode.DONE,
    Status.PARTIAL: ExitCode.PARTIAL,
    Status.FAILED: ExitCode.FAILED,
    Status.BLOCKED: ExitCode.BLOCKED,
    Status.BUSY: ExitCode.BUSY,
}

_GRAVEST_FIRST = (ExitCode.FAILED, ExitCode.BLOCKED, ExitCode.PARTIAL, ExitCode.BUSY, ExitCode.DONE)


def of_error(error: BaseException) -> int:
    """The exit code of what kept a command from its end; what is not in the table has failed."""
    if isinstance(error, errors.Interrupted):
        return 128 + error.signal_number
    found = (code for kind, code in _BY_ERROR.items() if isinstance(error, kind))
    return next(found, ExitCode.FAILED)


def of_runs(statuses: Iterable[Status]) -> ExitCode:
    """The gravest exit code of several runs: 1 > 4 > 3 > 5 > 0."""
    return min((_BY_STATUS[status] for status in statuses), key=_GRAVEST_FIRST.index, default=ExitCode.DONE)
