"""What a run has to say about one thing that is off."""

from __future__ import annotations

from typing import NamedTuple

from rostersync.model.codes import Code, Severity
from rostersync.model.kind import Kind


class Diagnostic(NamedTuple):
    """One finding (contract §3): its code decides its severity."""

    code: Code
    message: str
    hint: str = ""
    kind: Kind | None = None
    sourced_id: str | None = None
    school: str | None = None

    @property
    def severity(self) -> Severity:
        """The severity that the catalogue gives to the code."""
        return self.code.severity
