"""The command line: commands in reading order, global options before or after them, and the end of every call."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from rostersync import __version__
from rostersync.cli import (
    check,
    codes,
    demo,
    exits,
    explain,
    export,
    log,
    preview,
    purge,
    remove,
    reset,
    run,
    schedule,
    schools,
    status,
    unmatched,
    validate,
)
from rostersync.cli.arguments import globals_first
from rostersync.cli.context import Clock, Context, utc_now
from rostersync.cli.output import write_json, write_lines
from rostersync.cli.render.errors import error_document, error_lines
from rostersync.errors import Interrupted, RostersyncError, UsageError
from rostersync.signals import ending_in_order, interrupt_behind


class InReadingOrder(TyperGroup):
    """Lists the commands in the order of contract §2; typer puts groups such as `schools` last."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # typer has its own click
        """Give the names of the commands."""
        del ctx
        return sorted(self.commands, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))


_ORDER = (
    "check",
    "preview",
    "run",
    "reset",
    "log",
    "status",
    "schools",
    "explain",
    "unmatched",
    "export",
    "add",
    "edit",
    "remove",
    "purge",
    "schedule",
    "validate",
    "codes",
    "demo",
)

app = typer.Typer(
    cls=InReadingOrder,
    name="rostersync",
    help="Keeps a school's roster true: OneRoster in, a safe local roster out.",
    epilog="The options above may stand before or after the command. Codes in messages: rostersync codes.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

app.command("check")(check.check)
app.command("preview")(preview.preview)
app.command("run")(run.run)
app.command("reset")(reset.reset)
app.command("log")(log.log)
app.command("status")(status.status)
app.add_typer(schools.schools, name="schools")
app.command("explain")(explain.explain)
app.command("unmatched")(unmatched.unmatched)
app.command("export")(export.export)
app.command("remove")(remove.remove)
app.command("purge")(purge.purge)
app.command("schedule")(schedule.schedule)
app.command("validate")(validate.validate)
app.command("codes")(codes.codes)
app.command("demo")(demo.demo)


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context,
    config: Annotated[Path | None, typer.Option("--config", metavar="PATH", help="The configuration file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")] = False,
    verbose: Annotated[int, typer.Option("-v", "--verbose", count=True, show_default=False, help="Say more.")] = 0,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors.")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask a question.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> int:
    """Take the global options."""
    context: Context = ctx.obj
    context.config_path, context.json, context.verbose = config, json, verbose
    context.quiet, context.no_input = quiet, no_input
    if version:
        typer.echo(f"rostersync {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        if json:
            raise UsageError("no command was given", "See `rostersync --help` for the commands.")
        typer.echo(ctx.get_help())
    _set_up_logging(verbose)
    return exits.ExitCode.DONE


def main(arguments: Sequence[str], clock: Clock = utc_now) -> int:
    """Run the command line and return its exit code (contract §2); nothing but the code leaves it."""
    first, rest = globals_first(arguments)
    context = Context(clock, json="--json" in first, verbose=_verbosity(first))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        with ending_in_order():
            code = app([*first, *rest], prog_name="rostersync", standalone_mode=False, obj=context)
    except (RostersyncError, Interrupted) as error:
        return _failed(context, error)
    except _BAD_USAGE as error:
        return _failed(context, _usage(error))
    except typer.Abort:
        return _failed(context, Interrupted(signal.SIGINT))
    except Exception as error:  # noqa: BLE001 - the last place where what nobody foresaw can be told
        return _failed(context, interrupt_behind(error) or error)
    return int(code or exits.ExitCode.DONE)


def _failed(context: Context, error: BaseException) -> int:
    """Tell why the command could not be done: on stderr, and with `--json` as the one document on stdout."""
    if context.verbose:
        traceback.print_exception(error, file=sys.stderr)
    write_lines(sys.stderr, error_lines(error))
    # An interrupt may come when the answer is being printed: there is only one document.
    if context.json and not context.answered:
        write_json(error_document(error))
    return exits.of_error(error)


def _usage(error: Exception) -> UsageError:
    """Make our error of one that typer found in the arguments."""
    command = getattr(getattr(error, "ctx", None), "command_path", "rostersync")
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    message = message.replace("Value error, ", "")  # how pydantic, which typer asks, begins what it has to say
    return UsageError(message.rstrip("."), f"See `{command} --help`.")


def _verbosity(arguments: Sequence[str]) -> int:
    """How much is to be said, for errors that come before the options are read."""
    short = sum(each.count("v") for each in arguments if each.startswith("-") and not each.startswith("--"))
    return short + arguments.count("--verbose")


def _set_up_logging(verbose: int) -> None:
    """Let our own modules speak on stderr from `-vv` on; they never log secrets, which others might."""
    if verbose > 1:
        import logging  # noqa: PLC0415 - a tenth of what --help takes

        logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s")
        logging.getLogger("rostersync").setLevel(logging.DEBUG)


_BAD_USAGE: type[Exception] = typer.BadParameter.__mro__[2]
"""The base of all that typer finds wrong in arguments; which module has it depends on its version."""
