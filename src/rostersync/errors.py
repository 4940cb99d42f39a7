"""Every error that rostersync raises, by what the caller can do about it.

    RostersyncError             code, message, hint
    ├── UsageError              the command line asks for what cannot be (RS-CFG-007)
    ├── ConfigError             the configuration is wrong; carries every problem found
    ├── SourceError             the source of the roster
    │   ├── Retriable           worth another try after a pause
    │   └── Fatal               the same request would fail again
    ├── DirectoryError          the school's directory
    ├── OutputError             an output file or its delivery
    ├── StoreError              the local store
    ├── Locked                  another run holds the integration, or the store
    └── Blocked                 the guard refuses the plan
    Interrupted                 SIGINT or SIGTERM arrived; no Exception, so that no library holds on to it

Errors carry the code of contract §5 as text: this floor knows nothing of the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass


class RostersyncError(Exception):
    """Something went wrong that the user can be told about: code, message and what to do."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        """Keep the code of contract §5, one sentence of what happened and one of what to do."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class UsageError(RostersyncError):
    """The command line asks for something that does not exist or cannot be done (exit 2)."""

    def __init__(self, message: str, hint: str = "", code: str = "RS-CFG-007") -> None:
        """Keep the message; the code is RS-CFG-007 unless a more exact one is named."""
        super().__init__(code, message, hint)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the configuration: where, what, and what is allowed."""

    code: str
    file: str
    line: int | None
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Render `file:line: key: message`, leaving out what is not known."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return ": ".join(part for part in (place, self.key, self.message) if part)


class ConfigError(RostersyncError):
    """The configuration cannot be used; `problems` lists everything wrong in it at once."""

    def __init__(self, problems: list[Problem]) -> None:
        """Take the code of the first problem and join all of them into the message."""
        first = problems[0]
        super().__init__(first.code, "\n".join(str(problem) for problem in problems), first.hint)
        self.problems = problems


class SourceError(RostersyncError):
    """The source could not give what was asked of it."""


class Retriable(SourceError):
    """A failure that may pass: 429, 5xx, a broken connection, a timeout."""

    def __init__(self, code: str, message: str, hint: str = "", *, retry_after: float | None = None) -> None:
        """Keep the pause that the server asked for, in seconds, where it asked for one."""
        super().__init__(code, message, hint)
        self.retry_after = retry_after


class Fatal(SourceError):
    """A failure that the same request would meet again."""


class DirectoryError(RostersyncError):
    """The school's directory could not be read whole."""


class OutputError(RostersyncError):
    """An output could not be written."""


class StoreError(RostersyncError):
    """The local store cannot be read or written."""


class Locked(RostersyncError):
    """Another run holds the integration or the store (exit 5)."""


class Blocked(RostersyncError):
    """The guard refuses to apply the plan (exit 4)."""


class Interrupted(BaseException):
    """A signal asked the program to end (exit 128 + signal); like KeyboardInterrupt it passes `except Exception`."""

    def __init__(self, signal_number: int) -> None:
        """Keep the number of the signal that arrived."""
        self.code = "RS-CFG-007"
        self.message = f"interrupted by signal {signal_number}"
        super().__init__(self.message)
        self.signal_number = signal_number
