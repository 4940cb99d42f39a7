"""How every integration stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rostersync.cli.render.document import Document
from rostersync.cli.render.parts import STATUS_STYLES, indented, number, time
from rostersync.cli.render.text import plain, safe


def status_view(document: Document) -> Iterator[RenderableType]:
    """A block for each integration."""
    if not document["integrations"]:
        yield Text("No integrations in the configuration.")
    for place, status in enumerate(document["integrations"]):
        if place:
            yield Text("")
        enabled = ("enabled", "green") if status["enabled"] else ("disabled", "yellow")
        yield Text.assemble((plain(status["name"]), "bold"), ": ", enabled)
        yield indented(_facts(status))


def _facts(status: Mapping[str, Any]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for name, value in (
        ("schedule", safe(status["schedule"] or "none, runs by hand")),
        ("next due", safe(_due(status))),
        ("last run", _last_run(status)),
        ("last success", safe(_when(status["last_success_at"]))),
        ("last sync", safe(_when(status["last_sync_at"]))),
        ("edited since", Text("yes, the next run is full", "yellow") if status["edited"] else Text("no")),
        ("in the roster", safe(_counts(status["counts"]))),
    ):
        grid.add_row(Text(name, "dim"), value)
    return grid


def _due(status: Mapping[str, Any]) -> str:
    if status["next_due"] is None:
        return "-"
    return _when(status["next_due"]) + ("" if status["enabled"] else ", but disabled")


def _when(stamp: str | None) -> str:
    return time(stamp) if stamp is None else f"{time(stamp)} UTC"


def _last_run(status: Mapping[str, Any]) -> Text:
    if status["last_run_id"] is None:
        return Text("never")
    return Text.assemble(
        (status["last_status"], STATUS_STYLES[status["last_status"]]), f", run {status['last_run_id']}"
    )


def _counts(counts: Mapping[str, int]) -> str:
    return " · ".join(f"{number(count)} {kind}" for kind, count in counts.items() if count) or "nothing"
