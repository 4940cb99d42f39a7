"""Every command of the program, as the command line itself knows them, and the lines to try each with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import typer

from rostersync.cli.app import app

NAME: Final = "main"

NETWORK: Final[dict[str, tuple[str, ...]]] = {
    "check": (),
    "preview": (NAME,),
    "run": (NAME,),
    "schools list": (NAME,),
    "schools sync": (NAME,),
}
"""The commands that use secrets."""

LOCAL: Final[dict[str, tuple[str, ...]]] = {
    "status": (),
    "log": ("--last", "--changes"),
    "explain": (NAME, "nobody@example.org"),
    "unmatched": (NAME, "--suggest"),
    "export": (NAME, "--format", "jsonl", "--output", "exported"),
    "schedule": ("--crontab",),
    "schedule --systemd": ("--systemd",),
    "validate": ("package",),
    "codes": ("RS-AUTH-001",),
    "reset": (NAME, "--yes"),
    "demo": ("occupied",),
    "purge": (NAME, "--confirm", NAME),
    "remove": (NAME, "--yes"),
}
"""The others; the last two take away what the others look at."""

VERBOSITIES: Final[tuple[tuple[str, ...], ...]] = (
    (),
    ("--json",),
    ("-v",),
    ("-vv",),
    ("-vvv", "--json"),
    ("-q",),
    ("-vvv",),
)
LOUDEST: Final[tuple[tuple[str, ...], ...]] = VERBOSITIES[-1:] + VERBOSITIES[1:2]
"""What the commands that use no secrets are tried with."""


def untried() -> list[str]:
    """The commands of the program that no line here tries."""
    tried = {line.partition(" --")[0] for line in (*NETWORK, *LOCAL)}
    return sorted(set(known()) - tried)


def known() -> Iterator[str]:
    """The commands of the program, those of groups with the name of their group."""
    yield from _below(typer.main.get_command(app), "")


def _below(command: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - typer has its own click
    members = getattr(command, "commands", None)
    if members is None:
        yield path.strip()
        return
    for name, member in members.items():
        yield from _below(member, f"{path} {name}")


def line(name: str, words: tuple[str, ...]) -> list[str]:
    """The arguments of a command."""
    return [*name.partition(" --")[0].split(), *words]
