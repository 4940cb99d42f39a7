"""The story that the demo tells: the commands as they are typed, what each answers, and what to try next."""

from __future__ import annotations

import io
import json
import shlex
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rostersync.cli.context import Context
from rostersync.cli.exits import ExitCode
from rostersync.cli.output import write_json, write_lines, write_text
from rostersync.cli.render.document import document

NAME = "springdale"
BEFORE = (("check",), ("preview", NAME), ("run", NAME))
AFTER = (("preview", NAME), ("run", NAME), ("log", NAME))
_QUERY = "SELECT role, count(*) FROM roster_users WHERE state = 'active' GROUP BY role"
_RULE = "─" * 72
_TYPED = ("$ ", "  ")


@dataclass(slots=True)
class Story:
    """One telling; `run` calls a command, and `stays` is whether the server goes on when the story has ended.

    With `--json` nothing is told, and the answers are gathered for the one document at the end.
    """

    context: Context
    config: Path
    origin: str
    run: Callable[[Context, list[str]], int]
    stays: bool = False
    steps: list[dict[str, Any]] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    def tell(self, change: Callable[[], list[str]]) -> int:
        """Go through everything; the first command that does not end well ends the story with its exit code."""
        self._say(
            f"A sample district, Springdale Unified, on a OneRoster 1.2 server of this machine: {self.origin}",
            f"Its configuration is {self.config}, and the store will be beside it.",
        )
        code = self._all(BEFORE)
        if code == ExitCode.DONE:
            self.changed = change()
            self._say("", _RULE, "The next day, the district has changed:", *(f"  {what}" for what in self.changed))
            code = self._all(AFTER)
        self._end(code)
        return code

    def _all(self, commands: tuple[tuple[str, ...], ...]) -> int:
        return next((code for words in commands if (code := self._command(*words))), ExitCode.DONE)

    def _command(self, *words: str) -> int:
        """Call one command, shown as a person would type it."""
        typed = ["--config", str(self.config), *words]
        shown = shlex.join(["rostersync", *typed])
        self._say("", _RULE, f"$ {shown}", "")
        called = replace(self.context, config_path=None)
        flags = [*["-v"] * self.context.verbose, *["-q"] * self.context.quiet, "--no-input"]
        if not self.context.json:
            return self.run(called, [*flags, *typed])
        answer = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with redirect_stdout(answer):
            code = self.run(called, [*flags, "--json", *typed])
        body = answer.detach().getvalue()
        self.steps.append({"command": shown, "exit_code": code, "answer": json.loads(body)})
        return code

    def _end(self, code: int) -> None:
        """Say what there is to try, or give the document."""
        if self.context.json:
            message = "the story is told" if code == ExitCode.DONE else "a command of the story did not end well"
            told = {"message": message, "config": str(self.config), "changed": self.changed, "steps": self.steps}
            write_json(document("demo", **told))
        elif code == ExitCode.DONE:
            self._say("", _RULE, *self._next())
        else:
            self._say("", f"The story ends here: the last command ended with exit code {code}.")

    def _next(self) -> list[str]:
        """What to try next, as lines to type."""
        folder = self.config.parent
        database = shlex.quote(str(folder / "rostersync.db"))
        typed = replace(self.context, config_path=self.config).command
        return [
            f"{folder} holds the configuration (rostersync.toml) and the store (rostersync.db). To try next:",
            "",
            "What the second run changed, row by row:",
            f"  {typed('log', NAME, '--last', '--changes')}",
            "Why a student is not in the roster:",
            f"  {typed('explain', NAME, 'stu-0036')}",
            "The roster itself, through its views:",
            f'  sqlite3 {database} "{_QUERY}"',
            "Another setting, seen before it is applied; change [integrations.springdale.sync], then:",
            f"  {typed('preview', NAME, '--offline')}",
            *self._with_server(typed),
        ]

    def _with_server(self, typed: Callable[..., str]) -> list[str]:
        """What needs the server, where it goes on."""
        if not self.stays:
            return [
                "A server that goes on, for the commands that need one:",
                "  rostersync demo ANOTHER_FOLDER --serve",
            ]
        return ["The schools as the settings see them:", f"  {typed('schools', 'list', NAME)}"]

    def _say(self, *lines: str) -> None:
        if not self.context.json:
            for line in lines:
                # What is to be typed stays whole; a sentence is folded between words.
                (write_lines if line.startswith(_TYPED) else write_text)(sys.stdout, [line])
