"""What kept a command from its end, as a document and for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rostersync.cli.render.document import document
from rostersync.errors import ConfigError, Interrupted, RostersyncError

if TYPE_CHECKING:
    from rich.console import RenderableType

# A signal may also come after a run was applied, while its outputs are written.
_GIVEN_UP = "A run is applied as a whole or not at all: `rostersync log` shows those that were."
_UNEXPECTED = "Repeat the command with -v to see where, and report it: this is a fault of the program."


def error_document(error: BaseException) -> dict[str, object]:
    """The document `rostersync/error/1`; what nobody foresaw has no code."""
    return document("error", **told(error))


def told(error: BaseException) -> dict[str, str | None]:
    """Code, message and hint of an error."""
    if isinstance(error, Interrupted):
        return {"code": str(error.code), "message": error.message, "hint": _GIVEN_UP}
    if isinstance(error, RostersyncError):
        return {"code": str(error.code), "message": error.message, "hint": error.hint}
    return {"code": None, "message": f"unexpected {type(error).__name__}: {error}", "hint": _UNEXPECTED}


def error_lines(error: BaseException) -> Iterator[RenderableType]:
    """What a person reads: what is wrong, and what to do; every problem of a configuration at once."""
    if isinstance(error, ConfigError):
        for problem in error.problems:
            yield from _lines(problem.code, str(problem))
            yield from _lines("", problem.hint, "  ")
        return
    what = told(error)
    yield from _lines(None if isinstance(error, Interrupted) else what["code"], what["message"] or "")
    if what["hint"]:
        yield from _lines("", f"\n{what['hint']}", "")


def _lines(code: str | None, text: str, indent: str | None = None) -> Iterator[RenderableType]:
    """The lines of a text, with the program's name and the code before the first unless it is indented."""
    from rich.text import Text  # noqa: PLC0415 - rich is slow to load, and --help must be fast

    from rostersync.cli.render.text import plain  # noqa: PLC0415 - as above

    for place, line in enumerate(text.splitlines()):
        if place or indent is not None:
            yield Text(f"{indent or ''}{plain(line)}")
        else:
            yield Text.assemble(("rostersync: ", "bold"), (f"{code}: " if code else "", "bold red"), plain(line))
