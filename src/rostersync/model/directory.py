"""An account of the school's directory, as rule 8 looks at it."""

from __future__ import annotations

from typing import NamedTuple


class Account(NamedTuple):
    """One account; `emails` holds the address and its aliases. Keys are as the directory gives them."""

    id: str
    emails: tuple[str, ...] = ()
    username: str | None = None
    identifier: str | None = None
    master_identifier: str | None = None
    sourced_id: str | None = None
    disabled: bool = False
