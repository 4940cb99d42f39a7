"""`rostersync check`: everything that a run would need is tried, and nothing written."""

from __future__ import annotations

import typer

from rostersync.cli.context import current
from rostersync.cli.exits import ExitCode
from rostersync.cli.options import Names, chosen
from rostersync.cli.render.document import document


def check(ctx: typer.Context, names: Names = None) -> int:
    """Try configuration, secrets, token and every collection."""
    from rostersync.cli.render import records  # noqa: PLC0415 - --help must be fast
    from rostersync.cli.render.check import check_view  # noqa: PLC0415 - as above
    from rostersync.pipeline import checking  # noqa: PLC0415 - as above

    context = current(ctx)
    config = context.load()
    wired = [context.wire(config, integration.name) for integration in chosen(config, names)]
    checks = []
    for integration in wired:
        if context.verbose:
            context.say(f"{integration.name}: check")
        checks.append(records.check(checking.check(integration)))
    context.show(document("check", checks=checks), check_view)
    if not checks:
        context.say("No integration is enabled.")
    return ExitCode.DONE if all(checked["ok"] for checked in checks) else ExitCode.FAILED
