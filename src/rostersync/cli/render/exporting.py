"""What `export` has written, and what the format could not hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rostersync.cli.render.document import Document
from rostersync.cli.render.records import diagnostics
from rostersync.cli.render.text import safe

if TYPE_CHECKING:
    from rich.console import RenderableType

    from rostersync.outputs.base import Written


def export_document(name: str, format_: str, path: Path, written: Written) -> dict[str, Any]:
    """The values of the document (contract §3)."""
    return {
        "message": f"{name} is exported to {path}: {written.rows:,} rows of {format_}",
        "integration": name,
        "format": format_,
        "path": str(path),
        "rows": written.rows,
        "diagnostics": list(diagnostics(written.left_out)),
    }


def show_export(answer: Document) -> Iterator[RenderableType]:
    """The message as a sentence, then what was left out and what to do about it."""
    yield safe(f"{answer['message']}.")
    for found in answer["diagnostics"]:
        yield safe(f"{found['code']} {found['severity']}: {found['message']}", "yellow")
        yield safe(found["hint"])
