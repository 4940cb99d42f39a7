"""Write docs/commands.md out of the help texts; a test holds the two together."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch

import typer

from rostersync.cli.app import app, main

PAGE = Path(__file__).with_name("commands.md")
WIDTH = {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}
OPENING = """# Commands

What `rostersync COMMAND --help` says, in one page. The exit codes are in the [README](../README.md#exit-codes), the
codes in messages in [codes.md](codes.md). This page is made by `make docs`."""


def page() -> str:
    """Give the whole page as Markdown, groups after the commands."""
    sections = [section(words) for words in [(), *commands(app)]]
    return "\n\n".join([OPENING, *sections]) + "\n"


def commands(group: typer.Typer, *before: str) -> Iterator[tuple[str, ...]]:
    """Yield the words that call each command, those of groups too."""
    for command in group.registered_commands:
        yield (*before, command.name or "")
    for each in group.registered_groups:
        if each.typer_instance is not None:
            yield from commands(each.typer_instance, *before, each.name or "")


def section(words: tuple[str, ...]) -> str:
    """Give what one command says of itself."""
    return f"## {' '.join(('rostersync', *words))}\n\n```text\n{help_of(words)}```"


def help_of(words: tuple[str, ...]) -> str:
    """Give the help text of a command in a fixed width."""
    told = io.StringIO()
    with patch.dict(os.environ, WIDTH), redirect_stdout(told):
        main([*words, "--help"])
    return "".join(f"{line.rstrip()}\n" for line in told.getvalue().strip().splitlines())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
