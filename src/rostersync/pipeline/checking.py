"""What `check` tries for one integration: everything that a run would need, reading little and writing nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

from rostersync.config.schema import IntegrationConfig
from rostersync.directories.base import Directory
from rostersync.errors import RostersyncError
from rostersync.outputs.probe import probe
from rostersync.pipeline.fetching import needed
from rostersync.pipeline.inputs import settled_by_hand
from rostersync.sources.base import Probe
from rostersync.wiring import Integration


@dataclass(frozen=True, slots=True)
class Checked:
    """The items of one integration in the order in which they were tried."""

    integration: str
    items: tuple[Probe, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing failed; a warning is no failure."""
        return all(item.ok for item in self.items)


def check(integration: Integration) -> Checked:
    """Try everything that a run of this integration would need."""
    return Checked(integration.name, tuple(_items(integration)))


def _items(integration: Integration) -> Iterator[Probe]:
    yield Probe("configuration", ok=True, message="the configuration is valid and every secret could be read")
    yield from _tried("source", _source(integration))
    if integration.open_directory is not None:
        yield from _tried("directory", _directory(integration.open_directory))
    if integration.config.match.overrides is not None:
        yield from _tried("overrides", _overrides(integration.config))
    for output in integration.outputs:
        yield from probe(output)


def _source(integration: Integration) -> Iterator[Probe]:
    with closing(integration.open_source()) as source:
        yield from source.probe(needed(integration.policy.sync))


def _directory(open_directory: Callable[[], Directory]) -> Iterator[Probe]:
    with closing(open_directory()) as directory:
        yield from directory.probe()


def _overrides(config: IntegrationConfig) -> Iterator[Probe]:
    settled = settled_by_hand(config)
    message = f"match.overrides settles {len(settled):,} user{'' if len(settled) == 1 else 's'} by hand"
    yield Probe("overrides", ok=True, message=message)


def _tried(name: str, items: Iterator[Probe]) -> Iterator[Probe]:
    """Pass the items on; an error is one more of them."""
    try:
        yield from items
    except RostersyncError as error:
        yield Probe(name, ok=False, message=error.message, code=str(error.code), hint=error.hint)
