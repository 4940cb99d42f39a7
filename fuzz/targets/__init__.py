"""What is fuzzed. Each module has `seeds()`, samples to begin with, and `one(data)`, which tries one input.

`one` lets our own errors pass and raises whatever else comes out: that is a finding.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Final, Protocol, cast

NAMES: Final = ("pages", "bodies", "tables", "packages", "settings", "headers", "moments")


class Target(Protocol):
    """One module of this package."""

    def seeds(self) -> Iterator[bytes]:
        """Give samples that are right, or nearly so."""
        ...

    def one(self, data: bytes) -> None:
        """Try one input; raises anything but our own errors."""
        ...


def load(name: str) -> Target:
    """Load a target by its name."""
    return cast("Target", importlib.import_module(f"fuzz.targets.{name}"))
