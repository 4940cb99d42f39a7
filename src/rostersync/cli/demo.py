"""`demo`: the whole story on a sample district, told by the real commands."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from rostersync.cli import demo_folder
from rostersync.cli.context import Context, current
from rostersync.cli.demo_story import Story
from rostersync.cli.exits import ExitCode
from rostersync.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from rostersync.demo import District

STUDENTS = 120
ZONE = ZoneInfo("America/Chicago")
_AUGUST = 8
_NAP = 0.2


def demo(
    ctx: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A new folder, or the folder of an earlier demo.")
    ] = Path("rostersync-demo"),
    serve: Annotated[bool, typer.Option("--serve", help="Keep the server running afterwards, until Ctrl-C.")] = False,
) -> int:
    """Try everything on a sample district.

    Starts a OneRoster server on this machine, writes a ready configuration for it into DIR, and goes through check,
    preview, run, a changed district, preview, run and log. Nothing but DIR is written to.
    """
    _need_the_extra()
    from rostersync.demo import make_district, serve as serving  # noqa: PLC0415, I001 - an extra, which may be missing

    context = current(ctx)
    now = context.clock().astimezone(ZONE)
    demo_folder.prepare(folder)
    # The school year that the day lies in: the same district all year long.
    district = make_district(STUDENTS, year=now.year - (now.month < _AUGUST))
    with serving(district, clock=lambda: context.clock().timestamp()) as server:
        config = demo_folder.write(folder, server.url, server.credentials.client_secret)
        story = Story(context, config, server.url, _runner(ctx), stays=serve)
        code = story.tell(lambda: change(district, now))
        if serve and code == ExitCode.DONE:
            _wait(context, f"The server at {server.url} runs until Ctrl-C.")
    return code


def change(district: District, now: datetime) -> list[str]:
    """Let a few ordinary things happen to the district, always the same ones, and say what."""
    from rostersync.demo import changes  # noqa: PLC0415 - an extra

    rng = random.Random(1)  # noqa: S311 - sample data, no secrets
    happened = [
        changes.join(district, rng, now, "sch-01"),
        changes.join(district, rng, now, "sch-03"),
        changes.move_class(district, "stu-0014", "cls-0006", "cls-0012", now),
        changes.leave(district, "stu-0036", now),
        changes.expel(district, "stu-0050", now),
        changes.rename(district, "tch-0004", "Farrow", now),
    ]
    return [one.what if one.kind == "enrollments" else f"{one.sourced_id} {one.what}" for one in happened]


def _need_the_extra() -> None:
    """Raise UsageError where the server of the demo is not installed."""
    try:
        import starlette  # noqa: F401, PLC0415 - an extra
        import uvicorn  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        message = f"the demo needs {error.name}, which is not installed"
        raise UsageError(message, "pip install 'rostersync[demo]'") from error


def _runner(ctx: typer.Context) -> Callable[[Context, list[str]], int]:
    """Give the way to call another command of the same command line."""
    command = ctx.find_root().command

    def run(context: Context, words: list[str]) -> int:
        return int(command.main(words, prog_name="rostersync", standalone_mode=False, obj=context) or ExitCode.DONE)

    return run


def _wait(context: Context, line: str) -> None:
    """Wait for Ctrl-C or SIGTERM, which end the demo as they should."""
    context.say(line)
    try:
        while True:
            time.sleep(_NAP)
    except Interrupted:
        context.say("The server has stopped.")
