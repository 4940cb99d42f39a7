"""Runs as a person reads them: one in full, or many in a table with what needs attention now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rostersync.cli.render.document import Document
from rostersync.cli.render.parts import (
    STATUS_STYLES,
    attention,
    brief,
    bullet,
    by_code,
    changed,
    heading,
    indented,
    number,
    numbers,
    pending,
    time,
    typed,
)
from rostersync.cli.render.plan import Sample, plan_rows
from rostersync.cli.render.text import plain, safe

Run = Mapping[str, Any]
Command = Callable[..., str]
"""Makes the command line to type out of a command's words."""

PLAN_ROWS = 50

_NUMBERS = {
    "unmatched_users": "Un-\nmatched",
    "matched_students": "Matched\nstudents",
    "matched_teachers": "Matched\nteachers",
    "imported_classes": "Imported\nclasses",
}


def runs_view(document: Document, command: Command) -> Iterator[RenderableType]:
    """Every run in full."""
    for place, run in enumerate(document["runs"]):
        if place:
            yield Text("")
        yield from run_view(run, command)


def run_view(run: Run, command: Command) -> Iterator[RenderableType]:
    """One run: how it ended, its numbers, what changed, what needs attention, and what to type next."""
    yield _title(run)
    if run["error"] is not None:
        yield from _error(run["error"])
        return
    yield from numbers(run["counts"])
    yield from _changes(run)
    groups = by_code(run["diagnostics"])
    if groups:
        yield heading("Needs attention")
        yield from attention(groups)
    yield from _outputs(run)
    if run["status"] == "blocked":
        yield from _blocked(run, command)


def log_view(document: Document, command: Command) -> Iterator[RenderableType]:
    """Runs in a table, newest first; below it what the newest run of each integration has to say."""
    runs = list(document["runs"])
    if not runs:
        yield Text("No runs.")
        return
    several = len({run["integration"] for run in runs}) > 1
    yield _table(runs, several=several)
    seen: set[str] = set()
    for run in runs:
        if run["integration"] not in seen:
            seen.add(run["integration"])
            yield from _latest(run, command)


def _title(run: Run) -> Text:
    """Integration and status, then how the run was made."""
    parts = [f"{run['mode']} fetch", f"as of {run['date']}", f"{_seconds(run):.1f} s"]
    if run["id"] is not None:
        parts.insert(0, f"run {run['id']}")
    if run["forced"]:
        parts.append("forced")
    status = (run["status"], STATUS_STYLES[run["status"]])
    return Text.assemble((plain(run["integration"]), "bold"), ": ", status, (f" · {' · '.join(parts)}", "dim"))


def _seconds(run: Run) -> float:
    started, finished = (datetime.fromisoformat(run[key]) for key in ("started_at", "finished_at"))
    return (finished - started).total_seconds()


def _error(error: Mapping[str, str]) -> Iterator[RenderableType]:
    yield indented(Text.assemble((plain(error["code"]), "bold red"), f" {plain(error['message'])}"))
    if error["hint"]:
        yield indented(bullet("→", plain(error["hint"])))
    yield indented(Text("Nothing was changed."))


def _changes(run: Run) -> Iterator[RenderableType]:
    blocked = run["status"] == "blocked"
    if not pending(run["changes"]):
        rest = ", but for the held schools" if run["counts"]["held_schools"] else ""
        yield heading(f"No changes: the roster already is what the source and the options ask for{rest}.")
        return
    yield heading("What would have changed" if blocked else "What changed")
    yield changed(run["changes"])
    if "plan" in run:
        yield Text("")
        yield from plan_rows(Sample(run["plan"], PLAN_ROWS))


def _outputs(run: Run) -> Iterator[RenderableType]:
    if run["outputs"]:
        yield heading("Outputs")
    for output in run["outputs"]:
        yield indented(safe(f"{output['format']} {output['path']} ({number(output['rows'])} rows)"))


def _blocked(run: Run, command: Command) -> Iterator[RenderableType]:
    """What to type next."""
    name = run["integration"]
    again = ("--full",) if run["mode"] == "full" else ()
    yield heading("Blocked: nothing was changed. What to type next")
    yield indented(Text("to look at the plan as it is now:"))
    yield typed(command("preview", name, *again), 4)
    yield indented(Text("to apply exactly the plan of this run:"))
    yield typed(command("run", name, "--approve", run["plan_hash"], *again), 4)


def _table(runs: list[Run], *, several: bool) -> Table:
    """A line for each run; rich cuts values off under `min_width`, so that the columns must fit by their heads."""
    made = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    made.add_column("Run", justify="right")
    for column in ("Started\nUTC", *(("Integration",) if several else ()), "Status"):
        made.add_column(column, overflow="fold")
    for column in _NUMBERS.values():
        made.add_column(column, justify="right", overflow="fold")
    made.add_column("Changes", overflow="fold")
    for run in runs:
        made.add_row(*_cells(run, several=several))
    return made


def _cells(run: Run, *, several: bool) -> Iterator[Text]:
    counts, done, started = run["counts"], run["error"] is None, time(run["started_at"])
    yield Text(str(run["id"]))
    yield Text(started.replace(" ", "\n") if several else started)
    if several:
        yield safe(run["integration"])
    yield Text(run["status"], STATUS_STYLES[run["status"]])
    for key in _NUMBERS:
        yield Text(number(counts[key]) if done else "-")
    yield brief(run["changes"]) if done else safe(run["error"]["code"], "red")


def _latest(run: Run, command: Command) -> Iterator[RenderableType]:
    """What the newest run of an integration has to say."""
    if run["error"] is not None:
        yield heading(f"Needs attention: {run['integration']}, run {run['id']}")
        yield from _error(run["error"])
        return
    groups = by_code(run["diagnostics"])
    if groups:
        yield heading(f"Needs attention: {run['integration']}, run {run['id']}")
        yield from attention(groups)
    if run["status"] == "blocked":
        yield from _blocked(run, command)
