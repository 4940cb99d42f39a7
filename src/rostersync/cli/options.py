"""Options and arguments that several commands share, and what they mean."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rostersync.errors import UsageError

if TYPE_CHECKING:
    from rostersync.config.load import Config
    from rostersync.config.schema import IntegrationConfig

Name = Annotated[str, typer.Argument(metavar="NAME", help="An integration.", show_default=False)]
Names = Annotated[
    list[str] | None, typer.Argument(metavar="NAME", help="Integrations; all that are enabled if none is named.")
]
Day = Annotated[
    datetime | None,
    typer.Option("--date", metavar="D", formats=["%Y-%m-%d"], help="Decide as of this day, YYYY-MM-DD."),
]
Full = Annotated[bool, typer.Option("--full", help="Fetch everything, not only what has changed.")]
AcceptSource = Annotated[
    bool, typer.Option("--accept-source-change", help="Go on though the integration now reads another source.")
]
PackageFile = Annotated[
    Path | None,
    typer.Option("--file", metavar="ROSTER.zip", help="Read this package instead; for an integration of files."),
]


def day_of(asked: datetime | None) -> date | None:
    """The day that `--date` names."""
    return None if asked is None else asked.date()


def chosen(config: Config, names: list[str] | None) -> list[IntegrationConfig]:
    """The integrations that are named, each once, or all that are enabled; raises UsageError for an unknown name."""
    if names:
        return [config.integration(name) for name in dict.fromkeys(names)]
    return [integration for integration in config.integrations.values() if integration.enabled]


def same_file(command: str, file: Path | None) -> tuple[str, ...]:
    """The words that make a command read the same file again."""
    return () if file is None or command not in {"preview", "run"} else ("--file", str(file))


def positive(value: int, option: str) -> None:
    """Refuse a number below one; raises UsageError."""
    if value < 1:
        raise UsageError(f"{option} must be at least 1, not {value}")
