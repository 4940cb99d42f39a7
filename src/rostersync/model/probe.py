"""What `check` tells about one thing that it tried."""

from __future__ import annotations

from typing import NamedTuple


class Probe(NamedTuple):
    """One line of `check`: what was tried, whether it holds, and what to do where it does not."""

    name: str
    ok: bool
    message: str
    code: str | None = None
    hint: str = ""
    detail: dict[str, object] | None = None
