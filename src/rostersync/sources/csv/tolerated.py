"""What a run tells of a package that differs from the standard and was accepted: once of it, and once of each file.

Unknown files and columns are nobody's mistake here, and are not told; `validate` tells everything.
"""

from __future__ import annotations

from collections.abc import Sequence

from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.sources.csv.entries import Notice
from rostersync.sources.csv.header import Oddity

_NAMES = frozenset({"wrapping-folder", "file-name-case"})
_COLUMNS = frozenset({"header-case", "header-order", "header-incomplete", "header-metadata"})
_SHOWN = 3
_HINT = "Nothing needs doing. `rostersync validate` shows each difference, for the vendor to mend."


def in_names(package: str, notices: Sequence[Notice]) -> list[Diagnostic]:
    """What to tell of the names of the files in a package: one warning, or none."""
    return _told(package, [notice.message for notice in notices if notice.rule in _NAMES], None)


def in_columns(file: str, oddities: Sequence[Oddity], kind: Kind) -> list[Diagnostic]:
    """What to tell of the columns of a file: one warning, or none."""
    return _told(file, [oddity.message for oddity in oddities if oddity.rule in _COLUMNS], kind)


def _told(what: str, differences: list[str], kind: Kind | None) -> list[Diagnostic]:
    if not differences:
        return []
    more = [f"and {len(differences) - _SHOWN} more"] if len(differences) > _SHOWN else []
    message = f"{what}: {'; '.join([*differences[:_SHOWN], *more])}"
    return [Diagnostic(Code.SRC_TOLERATED, message, _HINT, kind)]
