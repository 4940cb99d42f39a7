"""The catalogue of codes: what each means, its usual cause, and what to do about it (contract §5).

`rostersync codes` prints it, and docs/codes.md is made from it.
"""

from __future__ import annotations

from rostersync.model.codes.names import Code, Severity

__all__ = ["Code", "Severity"]
