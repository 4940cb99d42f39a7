"""The catalogue of codes: what each means, its usual cause, and what to do about it (contract §5).

`rostersync codes` prints it, and docs/codes.md is made from it.
"""

from __future__ import annotations

from rostersync.model.codes.entry import Entry, Text
from rostersync.model.codes.findings import FINDINGS
from rostersync.model.codes.keeping import KEEPING
from rostersync.model.codes.names import Code, Severity
from rostersync.model.codes.starting import STARTING

_TEXTS: dict[Code, Text] = STARTING | FINDINGS | KEEPING

CATALOGUE: dict[Code, Entry] = {
    code: Entry(text.title, code.severity, text.meaning, text.cause, text.remedy)
    for code, text in ((code, _TEXTS[code]) for code in Code)
}
"""Every code with what is said about it, in the order of contract §5."""

__all__ = ["CATALOGUE", "Code", "Entry", "Severity"]
