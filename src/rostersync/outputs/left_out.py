"""What a format cannot hold, gathered while an output is written, and told in one diagnostic."""

from __future__ import annotations

from pathlib import Path

from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind

_NAMED = 10


class LeftOut:
    """Counts the records that are left out by kind and reason, and remembers the first of each by name."""

    def __init__(self) -> None:
        """Start with nothing left out."""
        self._counts: dict[tuple[Kind, str], int] = {}
        self._named: dict[tuple[Kind, str], list[str]] = {}

    def add(self, kind: Kind, sourced_id: str, why: str) -> None:
        """Remember a record and the rule of the format that it would break."""
        key = (kind, why)
        self._counts[key] = self._counts.get(key, 0) + 1
        named = self._named.setdefault(key, [])
        if len(named) < _NAMED:
            named.append(sourced_id)

    def diagnostics(self, format_: str, path: Path) -> tuple[Diagnostic, ...]:
        """One warning that names the records and why, or none where everything went out."""
        if not self._counts:
            return ()
        parts = "; ".join(self._part(kind, why) for kind, why in sorted(self._counts))
        message = f"{format_} in {path} is without what the format cannot hold: {parts}"
        hint = "Complete these records in the student information system. Everything else was written."
        return (Diagnostic(Code.DATA_REJECTED, message, hint),)

    def _part(self, kind: Kind, why: str) -> str:
        """Tell of one kind and reason."""
        count, named = self._counts[kind, why], self._named[kind, why]
        more = f" and {count - len(named)} more" if count > len(named) else ""
        what = kind.removesuffix("es" if kind is Kind.CLASSES else "s") if count == 1 else str(kind)
        return f"{count} {what}, {why} ({', '.join(named)}{more})"
