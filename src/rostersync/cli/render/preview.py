"""A preview as a diff that a person reads in ten seconds: counts first, then rows, then what speaks against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from rostersync.cli.render.document import Document
from rostersync.cli.render.parts import attention, bullet, by_code, changed, heading, indented, numbers, pending, typed
from rostersync.cli.render.plan import Sample, plan_rows
from rostersync.cli.render.text import plain
from rostersync.model.codes import CATALOGUE, Code


def preview_view(document: Document, limit: int, command: Callable[..., str]) -> Iterator[RenderableType]:
    """Show a preview: what would change, the held schools, the diagnostics, and the guard's verdict."""
    shown = document["preview"]
    head = f": preview · {shown['mode']} fetch · as of {shown['date']}"
    yield Text.assemble((plain(shown["integration"]), "bold"), (head, "dim"))
    if pending(shown["changes"]):
        yield from _changes(shown, limit)
    else:
        yield heading("No changes.")
        rest = ", but for the held schools" if shown["held_schools"] else ""
        compared = "The roster was compared with what the source and the options ask for"
        yield indented(Text(f"{compared}: they are equal{rest}."))
    yield heading("Numbers after it")
    yield from numbers(shown["counts"])
    yield from _held(shown["held_schools"])
    groups = [group for group in by_code(shown["diagnostics"]) if group.code != Code.SCHOOL_HELD]
    if groups:
        yield heading("Needs attention")
        yield from attention(groups)
    yield from _verdict(shown, command)


def _changes(shown: Mapping[str, Any], limit: int) -> Iterator[RenderableType]:
    yield heading("What would change")
    yield changed(shown["changes"])
    yield heading("Plan")
    sample = Sample(shown["plan"], limit)
    if sample.totals:
        yield from plan_rows(sample)
    else:
        yield indented(Text("Nothing of it fits --kind and --school."))


def _held(schools: list[Mapping[str, str]]) -> Iterator[RenderableType]:
    if not schools:
        return
    yield Text.assemble((f"\nHeld schools ({Code.SCHOOL_HELD})", "bold red"), ": their rows stay as they are")
    for school in schools:
        yield indented(bullet("·", plain(f"{school['name']} ({school['sourced_id']}): {school['why']}")))
    yield indented(bullet("→", CATALOGUE[Code.SCHOOL_HELD].remedy))


def _verdict(shown: Mapping[str, Any], command: Callable[..., str]) -> Iterator[RenderableType]:
    verdict, name = shown["verdict"], shown["integration"]
    if verdict["allowed"]:
        yield Text.assemble(("\nGuard: ", "bold"), ("allowed", "green"))
    else:
        reasons = plain(", ".join(verdict["reasons"]))
        yield Text.assemble(
            ("\nGuard: ", "bold"), ("blocked", "bold red"), f" by {reasons}; a run would change nothing"
        )
    yield Text.assemble(("Plan:  ", "bold"), plain(shown["plan_hash"]))
    if pending(shown["changes"]):
        yield Text("To apply exactly this plan:")
        yield typed(command("run", name, "--approve", shown["plan_hash"]))
