"""When each integration is due, and the texts to install."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.text import Text

from rostersync.cli.render.document import Document, document
from rostersync.cli.render.installing import Installation, crontab_line, units
from rostersync.cli.render.text import plain, safe
from rostersync.config.schema import IntegrationConfig
from rostersync.pipeline.times import moment, stamp

if TYPE_CHECKING:
    from rich.console import RenderableType

Answer = tuple[Document, Callable[[Document], "Iterator[RenderableType]"]]


@dataclass(frozen=True, slots=True)
class Due:
    """One integration: whether it is due now, and its next times in UTC; none where it is manual."""

    config: IntegrationConfig
    now: bool
    times: tuple[datetime, ...]


def scheduled(found: list[Due]) -> Document:
    """The document of `schedule`; without cron an integration is manual and its `schedule` null."""
    rows = [_row(each) for each in found]
    message = f"{sum(each.config.enabled and bool(each.times) for each in found)} of {len(found)} have a schedule"
    return document("schedule", message=message, integrations=rows)


def _row(each: Due) -> dict[str, Any]:
    schedule = each.config.schedule
    return {
        "name": each.config.name,
        "enabled": each.config.enabled,
        "schedule": schedule.cron if schedule else None,
        "timezone": str(each.config.timezone),
        "due": each.now,
        "next_due": [stamp(time) for time in each.times],
    }


def show(answer: Document) -> Iterator[RenderableType]:
    """The times of each integration, as the clocks of its time zone show them."""
    for place, each in enumerate(answer["integrations"]):
        yield from [""] * bool(place)
        yield _head(each)
        yield from (Text(f"  {_local(time, each['timezone'])}") for time in each["next_due"])
    if not answer["integrations"]:
        yield "The configuration has no integrations."
    elif any(each["next_due"] for each in answer["integrations"]):
        yield ""
        yield "`rostersync run --due` runs what is due; --crontab and --systemd print what calls it."


def _head(each: dict[str, Any]) -> Text:
    if not each["next_due"]:
        return Text.assemble((plain(each["name"]), "bold"), ": manual, no schedule")
    head = Text.assemble((plain(each["name"]), "bold"), f": {plain(each['schedule'])} ({plain(each['timezone'])})")
    if not each["enabled"]:
        head.append(", not enabled: nothing will run", "yellow")
    elif each["due"]:
        head.append(", due now", "yellow")
    return head


def _local(time: str, zone: str) -> str:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - only a person needs it

    return moment(time).astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M %Z")


def crontab(installation: Installation) -> Answer:
    """The line for a crontab, and nothing else, so that it can be piped into one."""
    lines = [crontab_line(installation)]
    message = "add the line with `crontab -e`"
    return document("schedule", message=message, crontab=lines), lambda answer: map(safe, answer["crontab"])


def systemd(installation: Installation) -> Answer:
    """The two units, each under the path where it belongs."""
    message = "write the units into /etc/systemd/system, then: systemctl enable --now rostersync.timer"
    return document("schedule", message=message, units=units(installation)), _show_units


def _show_units(answer: Document) -> Iterator[RenderableType]:
    for place, (name, text) in enumerate(answer["units"].items()):
        yield from [""] * bool(place)
        yield safe(f"# /etc/systemd/system/{name}")
        yield from map(safe, text.splitlines())


def notes(installation: Installation, *, systemd: bool) -> Iterator[str]:
    """What has to be done beside installing."""
    if systemd:
        yield "Write each unit into its file, then: systemctl daemon-reload && systemctl enable --now rostersync.timer"
        if not installation.store.parent.is_dir():
            yield f"The folder {installation.store.parent} is missing: make it with mode 0700, or run once by hand."
        return
    yield "Add the line with `crontab -e`."
    for variable in installation.names("env"):
        yield f'cron does not know the variable {variable}: set it in the crontab, or keep the secret in a "file:".'
    for name in installation.names("cred"):
        yield f'cred:{name} comes from systemd alone: under cron keep the secret in a "file:".'
