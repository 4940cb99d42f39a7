"""A line of `check`."""

from __future__ import annotations

from rostersync.model.probe import Probe


def test_a_line_that_holds_needs_no_code_and_no_hint() -> None:
    assert Probe("clock", ok=True, message="agrees") == ("clock", True, "agrees", None, "", None)
