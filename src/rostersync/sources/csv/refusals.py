"""Why a package, or a file of one, cannot be read; each kind of reason has a short name that stays the same (`rule`).

Refusal            the package as a whole (RS-SRC-005): nothing of it is used
├── Changed        it was written to while it was read (RS-SRC-002)
└── Unusable       one file of it (RS-SRC-002): what it would say is not to be had (rule 11)
"""

from __future__ import annotations

from rostersync.errors import Fatal
from rostersync.model.codes import Code


class Refusal(Fatal):
    """A package that is not read: which rule it breaks, and where."""

    def __init__(
        self, rule: str, message: str, hint: str, *, file: str | None = None, line: int | None = None, value: str = ""
    ) -> None:
        """Keep the rule's name, one sentence of what is wrong, one of what to do, and the place."""
        super().__init__(self.reason(), message, hint)
        self.rule = rule
        self.file = file
        self.line = line
        self.value = value

    @staticmethod
    def reason() -> Code:
        """The code that it is reported under."""
        return Code.SRC_ARCHIVE_UNREADABLE


class Changed(Refusal):
    """A package that was written to while it was read."""

    @staticmethod
    def reason() -> Code:
        """The code that it is reported under."""
        return Code.SRC_INCOMPLETE


class Unusable(Refusal):
    """One file that cannot be read to its end, or whose columns are not known."""

    @staticmethod
    def reason() -> Code:
        """The code that it is reported under."""
        return Code.SRC_INCOMPLETE


EXPORT_AGAIN = "Ask for the export again, and check that the upload had ended before it was read."


def changed(file: str) -> Changed:
    """The file was written to while it was read."""
    return Changed(
        "changed-while-read",
        f"{file} changed while it was read",
        "Nothing was used of it. Let the upload end first: write to another name and rename, or run later.",
        file=file,
    )
