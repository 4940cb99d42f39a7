"""The column that rostersync's own packages say in what the standard's columns cannot (docs/outputs.md)."""

from __future__ import annotations

from typing import Final

REAL_COLUMN: Final = "metadata.rostersync"
"""A JSON object: what the roster has, by column, where the cell of that column says something else."""
