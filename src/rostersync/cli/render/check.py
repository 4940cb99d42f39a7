"""What was checked: a table of what passed; what failed says code, cause and remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rostersync.cli.render.document import Document
from rostersync.cli.render.parts import bullet, indented
from rostersync.cli.render.text import plain, safe
from rostersync.model.codes import CATALOGUE, Code

_SIGNS = {"info": ("ok", "green"), "warning": ("warn", "yellow"), "error": ("FAIL", "bold red")}


def check_view(document: Document) -> Iterator[RenderableType]:
    """Every integration with its items."""
    for place, checked in enumerate(document["checks"]):
        if place:
            yield Text("")
        verdict = ("passed", "green") if checked["ok"] else ("failed", "bold red")
        yield Text.assemble((plain(checked["integration"]), "bold"), ": ", verdict)
        yield indented(_table(checked["items"]))
        for item in checked["items"]:
            yield from _trouble(item)


def _table(items: list[Mapping[str, Any]]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for item in items:
        grid.add_row(Text(*_SIGNS[item["severity"]]), safe(item["name"]), safe(item["message"]))
    return grid


def _trouble(item: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Code, cause and remedy of what failed, and the advice of a warning."""
    hint = item["detail"].get("hint", "")
    if item["ok"] and not hint:
        return
    title = plain(f"{item['name']}: {item['code']} " if item["code"] else f"{item['name']} ")
    if item["code"] is None:
        yield Text(f"\n{title}", "bold yellow")
        yield indented(bullet("→", plain(hint)))
        return
    entry = CATALOGUE[Code(item["code"])]
    yield Text.assemble((f"\n{title}", "bold red"), entry.title)
    yield indented(Text(f"Cause:  {entry.cause}"))
    yield indented(Text(f"Remedy: {plain(hint) or entry.remedy}"))
