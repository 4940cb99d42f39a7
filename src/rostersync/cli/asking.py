"""Questions before something that cannot be taken back: asked on the terminal, never on stdout (contract §2)."""

from __future__ import annotations

import sys

from rostersync.cli.context import Context
from rostersync.cli.render.text import plain
from rostersync.errors import UsageError


def confirm(context: Context, question: str, option: str = "--yes") -> None:
    """Go on only after a yes; raises UsageError where nobody can be asked, or the answer is another."""
    if ask(context, f"{question} [y/N] ", option).casefold() not in {"y", "yes"}:
        raise UsageError("not confirmed: nothing was changed", "Answer yes, or give " + option + ".")


def ask(context: Context, question: str, option: str) -> str:
    """Ask for a line on stderr; no more input is an empty answer. Raises UsageError where nobody can be asked."""
    if not context.may_ask:
        raise UsageError("this must be confirmed and nobody can be asked: nothing was changed", f"Give {option}.")
    sys.stderr.write("\n".join(plain(line) for line in question.split("\n")))
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        sys.stderr.write("\n")
    return answer.strip()
