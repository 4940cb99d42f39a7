"""`schedule`: when each integration is due, and what cron or systemd needs to ask for it."""

from __future__ import annotations

import getpass
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rostersync.cli.context import Context, current
from rostersync.cli.exits import ExitCode
from rostersync.cli.lines import show_lines
from rostersync.errors import UsageError

if TYPE_CHECKING:
    from rostersync.cli.render.installing import Installation
    from rostersync.cli.render.schedule import Due
    from rostersync.config.load import Config
    from rostersync.config.schema import IntegrationConfig

TIMES = 5
"""How many due times are shown."""

_PROGRAM = "rostersync"


def schedule(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The integration; all by default.", show_default=False)
    ] = None,
    crontab: Annotated[bool, typer.Option("--crontab", help="Print the line for a crontab.")] = False,
    systemd: Annotated[bool, typer.Option("--systemd", help="Print a service and a timer for systemd.")] = False,
) -> int:
    """Show when runs are due, and what cron needs.

    The schedule itself stands in the configuration: cron or systemd asks every five minutes what is due, so that time
    zones, clock changes and missed times come out right.
    """
    from rostersync.cli.render import schedule as render  # noqa: PLC0415 - rich is slow to load, and --help must be fast

    context = current(ctx)
    if crontab and systemd:
        raise UsageError("--crontab and --systemd exclude each other", "Ask for one of them.")
    config = context.load()
    chosen = [config.integration(name)] if name is not None else list(config.integrations.values())
    if not (crontab or systemd):
        context.show(render.scheduled(_due(context, config, chosen)), render.show)
        return ExitCode.DONE
    installation = _installation(config, chosen, name)
    for note in render.notes(installation, systemd=systemd):
        context.say(note)
    show_lines(context, *(render.systemd(installation) if systemd else render.crontab(installation)))
    return ExitCode.DONE


def _due(context: Context, config: Config, chosen: list[IntegrationConfig]) -> list[Due]:
    """Gather the due times of each integration."""
    from rostersync.cli.render.schedule import Due  # noqa: PLC0415 - as above
    from rostersync.config.schedule import is_due, upcoming  # noqa: PLC0415 - as above
    from rostersync.pipeline.status import last_started  # noqa: PLC0415 - as above

    now = context.clock()
    with context.open_store(config) as store:
        return [
            Due(
                each,
                now=each.enabled and is_due(each.schedule, last_started(store, each.name), now),
                times=tuple(upcoming(each.schedule, now, TIMES)),
            )
            for each in chosen
        ]


def _installation(config: Config, chosen: list[IntegrationConfig], name: str | None) -> Installation:
    """Gather what a line or a unit needs; raises UsageError where no run would ever come due."""
    from rostersync.cli.render.installing import Installation  # noqa: PLC0415 - as above
    from rostersync.config.secrets import references  # noqa: PLC0415 - as above

    due = [each for each in chosen if each.enabled and each.schedule is not None and each.schedule.cron is not None]
    if not due:
        what = f"{name} is" if name is not None else "all integrations are"
        raise UsageError(
            f"{what} manual or not enabled: there is nothing to install",
            f'Give it a time first: [integrations.{name or "NAME"}.schedule] with cron = "0 18 * * 1-5" and timezone.',
        )
    secrets = sorted({str(reference) for each in due for _, reference in references(each)})
    # systemd ignores the paths of folders that it would have to normalize.
    store = config.store.path.resolve()
    folders = {store.parent, *(output.path.parent.resolve() for each in due for output in each.outputs)}
    command = (*_program(), "--config", str(config.path), "--quiet", "run", "--due", *([name] if name else []))
    return Installation(command, store, tuple(sorted(folders)), tuple(secrets), getpass.getuser())


def _program(found: Callable[[str], str | None] = shutil.which) -> tuple[str, ...]:
    """How this very program is called by its full path."""
    called, beside = Path(sys.argv[0]).absolute(), Path(sys.executable).absolute().with_name(_PROGRAM)
    for place in (called, beside):
        if place.name == _PROGRAM and os.access(place, os.X_OK) and place.is_file():
            return (str(place),)
    elsewhere = found(_PROGRAM)
    return (os.path.abspath(elsewhere),) if elsewhere else (sys.executable, "-m", _PROGRAM)  # noqa: PTH100 - keeps links
