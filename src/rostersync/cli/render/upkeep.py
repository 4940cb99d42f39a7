"""What `reset`, `remove` and `purge` have done, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rostersync.cli.render.document import Document
from rostersync.cli.render.text import safe

if TYPE_CHECKING:
    from rich.console import RenderableType


def show_message(answer: Document) -> Iterator[RenderableType]:
    """The message as a sentence; a name at its beginning stays as it is written."""
    message = str(answer["message"])
    names = message.startswith(str(answer.get("integration")))
    yield safe((message if names else message[:1].upper() + message[1:]) + ".")
