"""What every command is given: the global options, the clock, and the ways to read and to answer."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from rostersync.cli.output import write_json, write_lines, write_text
from rostersync.cli.render.document import Document

if TYPE_CHECKING:
    from rich.console import RenderableType

    from rostersync.config.load import Config
    from rostersync.store.database import Store
    from rostersync.wiring import Integration

Clock = Callable[[], datetime]
View = Callable[[Document], "Iterable[RenderableType]"]
"""Makes what a person reads out of a document."""


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Context:
    """The global options (contract §2) and the clock of this call; `answered` once its document is being printed."""

    clock: Clock = utc_now
    config_path: Path | None = None
    json: bool = False
    verbose: int = 0
    quiet: bool = False
    no_input: bool = False
    answered: bool = False

    def load(self) -> Config:
        """Find, read and check the configuration; raises ConfigError."""
        from rostersync.config.load import load  # noqa: PLC0415 - pydantic is slow to load, and --help must be fast

        return load(self.config_path, os.environ, Path.cwd())

    def wire(self, config: Config, name: str, file: Path | None = None) -> Integration:
        """Put an integration together, to read `file` instead of its source where one is given.

        Raises UsageError for an unknown name and for a file that cannot be read by it, and ConfigError for its secrets.
        """
        from rostersync.wiring import from_file, wire  # noqa: PLC0415 - as above

        integration = wire(config, name, self.clock, os.environ)
        return integration if file is None else from_file(integration, file)

    def open_store(self, config: Config, *, create: bool = False) -> Store:
        """Open the store; without `create` one that does not exist yet is replaced by an empty throw-away one."""
        from rostersync.cli.memory import return_large_blocks  # noqa: PLC0415 - as above
        from rostersync.store.connect import open_store  # noqa: PLC0415 - as above

        return_large_blocks()
        return open_store(config.store.path, create=create)

    def command(self, *words: str) -> str:
        """The line to type for a command, with the same configuration."""
        config = () if self.config_path is None else ("--config", str(self.config_path))
        return shlex.join(["rostersync", *config, *words])

    @property
    def may_ask(self) -> bool:
        """Whether questions can be asked: on a terminal, and without `--no-input`."""
        return not self.no_input and sys.stdin.isatty()

    def show(self, document: Document, view: View) -> None:
        """Answer on stdout: the document with `--json`, else what the view makes of it for a person."""
        if self.json:
            self.print(document)
        else:
            write_text(sys.stdout, view(document))

    def print(self, document: Document) -> None:
        """Print the one document of the call on stdout."""
        write_json(document, self._answer)

    def _answer(self) -> None:
        """Note that from here on another document would be a second one."""
        self.answered = True

    def say(self, line: str) -> None:
        """Tell something beside the answer on stderr, unless `--quiet`."""
        if not self.quiet:
            from rostersync.cli.render.text import safe  # noqa: PLC0415 - as above

            write_lines(sys.stderr, [safe(line)])


def current(ctx: typer.Context) -> Context:
    """Give the context of the call that typer is working on."""
    return cast("Context", ctx.obj)
