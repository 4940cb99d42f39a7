"""What a run or a preview is asked for on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Options:
    """`--full`, `--date`, `--offline` and `--accept-source-change`; of `run` alone `--approve` and `--force`."""

    full: bool = False
    day: date | None = None
    offline: bool = False
    accept_source_change: bool = False
    approve: str | None = None
    force: bool = False
