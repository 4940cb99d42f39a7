"""What a file covers: what its rows say, which counts, and what the manifest says (oneroster-reference §5)."""

from __future__ import annotations

from dataclasses import dataclass

from rostersync.model.kind import Coverage
from rostersync.sources.csv.manifest import Mode


@dataclass(slots=True)
class Rows:
    """How the rows of a file have been filled: bulk has neither status nor dateLastModified, delta has both."""

    blank: int = 0
    dated: int = 0
    stamped: int = 0
    nameless: int = 0
    """Broken rows whose sourcedId could not be read."""

    def see(self, status: str, modified: str) -> None:
        """Count one row."""
        if status:
            self.stamped += 1
        elif modified:
            self.dated += 1
        else:
            self.blank += 1

    @property
    def count(self) -> int:
        """All rows."""
        return self.blank + self.dated + self.stamped


def said_by(rows: Rows, manifest: Mode | None) -> Mode | None:
    """What the rows say of their file; None where there are none.

    One row with a status makes it a delta: what is missing in a file that may be one is not taken for deleted. Dates
    alone say nothing, so that the manifest is believed.
    """
    if not rows.count:
        return None
    if rows.stamped or (rows.dated and manifest == "delta"):
        return "delta"
    return "bulk"


def coverage_of(rows: Rows, manifest: Mode | None) -> Coverage:
    """What a file that was read to its end covers.

    A file of nothing but a header is what its manifest says, else bulk, and so suddenly empty (rule 13).
    A bulk file with rows whose sourcedId could not be read is no full one: any record may be among them.
    """
    mode = said_by(rows, manifest) or manifest or "bulk"
    if mode == "absent":
        return Coverage.NONE
    return Coverage.FULL if mode == "bulk" and not rows.nameless else Coverage.DELTA


def disagreement(file: str, rows: Rows, manifest: Mode | None) -> str | None:
    """What to say where the rows and the manifest disagree."""
    said = said_by(rows, manifest)
    if said is None or manifest is None or said == manifest:
        return None
    signs = {"bulk": "have neither status nor dateLastModified", "delta": "have a status"}[said]
    return f"the manifest says that {file}.csv is {manifest}, but its rows {signs}: it was read as {said}"
