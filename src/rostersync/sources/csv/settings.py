"""What the CSV source needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class CsvSettings:
    """`source.*` of contract §1 for a CSV source: a folder, a zip, or a glob of which the newest by name counts."""

    path: Path
