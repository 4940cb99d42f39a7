"""What a person sees while a fetch goes on: bars on a terminal, lines with `-v`, else nothing."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from rostersync.cli.render.text import plain
from rostersync.model.kind import Kind


class Count(ProgressColumn):
    """How many rows have come, out of how many where the source says."""

    def render(self, task: Task) -> Text:
        """Show the count; a phase has none."""
        if not task.fields.get("rows"):
            return Text("")
        total = "" if task.total is None else f" of {task.total:,.0f}"
        return Text(f"{task.completed:,.0f}{total}")


class Rate(ProgressColumn):
    """How many rows come in a second, on average."""

    def render(self, task: Task) -> Text:
        """Show the rate, once there is one."""
        elapsed = task.finished_time if task.finished else task.elapsed
        rate = task.completed / elapsed if task.fields.get("rows") and elapsed else 0
        return Text(f"{rate:,.0f}/s" if rate else "", "dim")


class Bars:
    """A bar for each collection, with total and rate, which go away when the work is done (pipeline.watch.Watch)."""

    def __init__(self, console: Console, *, verbose: bool = False) -> None:
        """Show bars on this console, and with `verbose` a line for each phase above them."""
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            Count(),
            Rate(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._verbose = verbose
        self._tasks: dict[Kind, TaskID] = {}
        self._phase: TaskID | None = None
        self._since = self._progress.get_time()

    def __enter__(self) -> Self:
        """Begin to show."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clear what is shown."""
        self._progress.stop()

    def phase(self, integration: str, phase: str) -> None:
        """Show the new phase; a fetch begins with no bars."""
        if self._verbose:
            self._progress.console.print(plain(f"{integration}: {phase}"))
        for task in [*self._tasks.values(), *([] if self._phase is None else [self._phase])]:
            self._progress.remove_task(task)
        self._tasks.clear()
        self._since = self._progress.get_time()
        self._phase = self._progress.add_task(plain(f"{integration} {phase}"), total=None)

    def fetched(self, kind: Kind, rows: int, total: int | None) -> None:
        """Move the bar of a collection."""
        if kind not in self._tasks:
            self._tasks[kind] = self._progress.add_task(f"  {kind}", total=total, rows=True)
            # Its first page was asked for when the last one of the collection before had come.
            self._progress.tasks[-1].start_time = self._since
        self._progress.update(self._tasks[kind], completed=rows, total=None if total is None else max(total, rows))
        self._since = self._progress.get_time()


class Lines:
    """A line for each phase, where there is no terminal (pipeline.watch.Watch)."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Take the way to say a line."""
        self._say = say

    def __enter__(self) -> Self:
        """Begin; nothing is needed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; nothing is left behind."""

    def phase(self, integration: str, phase: str) -> None:
        """Say the phase."""
        self._say(f"{integration}: {phase}")

    def fetched(self, kind: Kind, rows: int, total: int | None) -> None:
        """Say nothing of single pages."""
