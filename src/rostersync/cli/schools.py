"""`schools list` and `schools sync`: the source's orgs as the options see them, and those put into the roster."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import typer

from rostersync.cli.context import Context, current
from rostersync.cli.exits import ExitCode
from rostersync.cli.lines import show_lines
from rostersync.cli.options import AcceptSource, Name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rostersync.model.diagnostic import Diagnostic

schools = typer.Typer(help="List the source's schools, or make them known.")


@schools.command("list")
def list_(ctx: typer.Context, name: Name) -> int:
    """Show the source's orgs as a tree, and what the options make of each.

    Selected, excluded, unknown or held, what it is mapped to, and how many active users and classes the roster has of
    it now. Asks the source, and writes nothing.
    """
    from rostersync.cli.render import schools as render  # noqa: PLC0415 - rich is slow to load, and --help must be fast
    from rostersync.pipeline.schools import list_schools  # noqa: PLC0415 - as above

    context = current(ctx)
    config = context.load()
    integration = context.wire(config, name)
    with context.open_store(config) as store:
        listed = list_schools(integration, store)
    context.show(render.listed(listed), render.show_listed)
    _tell(context, listed.diagnostics)
    return ExitCode.DONE


@schools.command("sync")
def sync(
    ctx: typer.Context,
    name: Name,
    accept_source_change: AcceptSource = False,
) -> int:
    """Put the selected schools into the roster.

    For schools.mode = "manual", where no school is known before. Their users and classes come with the next run.
    """
    from rostersync.cli.render import schools as render  # noqa: PLC0415 - as above
    from rostersync.pipeline.options import Options  # noqa: PLC0415 - as above
    from rostersync.pipeline.run import check_source  # noqa: PLC0415 - as above
    from rostersync.pipeline.schools import sync_schools  # noqa: PLC0415 - as above

    context = current(ctx)
    config = context.load()
    integration = context.wire(config, name)
    with context.open_store(config, create=True) as store:
        check_source(integration, store, Options(accept_source_change=accept_source_change))
        synced = sync_schools(integration, store)
    show_lines(context, render.synced(name, config.integration(name).schools.mode, synced), render.show_synced)
    _tell(context, synced.diagnostics)
    return ExitCode.DONE


def _tell(context: Context, diagnostics: Iterable[Diagnostic]) -> None:
    """Tell on stderr what was found on the way: each code once, and how many more there are of it."""
    found = Counter[str]()
    first: dict[str, Diagnostic] = {}
    for each in diagnostics:
        found[each.code] += 1
        first.setdefault(each.code, each)
    for code, one in first.items():
        more = f" (and {found[code] - 1} more)" if found[code] > 1 else ""
        context.say(f"{one.severity}: {code}: {one.message}{more}. {one.hint}".rstrip())
