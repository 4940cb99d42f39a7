"""A OneRoster API out of literals, and what the tests of the REST source share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx

from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.snapshot import Received
from rostersync.sources.base import Batch, Covered, Event, Found, Request, Restart, Started
from rostersync.sources.rest import NoAuth, RestSettings, RestSource

ROOT = "https://sis.example.org/ims/oneroster/v1p1"
TOKEN_URL = "https://sis.example.org/oauth/token"
NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
STAMP = "2026-11-01T00:00:00.000Z"

Handler = Callable[[httpx.Request], httpx.Response]


def org(sourced_id: str, **fields: object) -> dict[str, Any]:
    return {
        "sourcedId": sourced_id,
        "status": "active",
        "dateLastModified": STAMP,
        "name": "N",
        "type": "school",
    } | fields


def orgs(count: int) -> list[dict[str, Any]]:
    return [org(f"o{number:05}") for number in range(count)]


def settings(**changes: object) -> RestSettings:
    return replace(RestSettings("1.1", ROOT, NoAuth(), page_size=10, retries=2), **changes)  # type: ignore[arg-type]


@dataclass
class Api:
    """One collection behind a mocked transport; every switch is a habit of some server."""

    rows: list[dict[str, Any]]
    clamp: int = 10_000
    total: Callable[[int], int | str | None] = lambda count: count
    link: Callable[[int, bool], str | None] = lambda _offset, _last: None
    envelope: str = "orgs"
    headers: dict[str, str] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        asked = request.url.params
        if self.refused & set(asked):
            return httpx.Response(400, text="unknown parameter")
        rows = self.matching(asked.get("filter"))
        if asked.get("sort") == "dateLastModified":
            rows = sorted(rows, key=lambda row: str(row["dateLastModified"]), reverse=True)
        offset = int(asked.get("offset", "0"))
        page = rows[offset : offset + min(int(asked.get("limit", "100")), self.clamp)]
        return httpx.Response(200, json={self.envelope: page}, headers=self.about(len(rows), offset, len(page)))

    def matching(self, condition: str | None) -> list[dict[str, Any]]:
        if condition is None:
            return self.rows
        return [row for row in self.rows if str(row["dateLastModified"]) >= condition.split("'")[1]]

    def about(self, count: int, offset: int, size: int) -> dict[str, str]:
        total, link = self.total(count), self.link(offset, offset + size >= count)
        found = {"X-Total-Count": total, "Link": link}
        return self.headers | {name: str(value) for name, value in found.items() if value is not None}


@dataclass
class Fetched:
    """A fetch, as the merge would see it."""

    rows: dict[Kind, list[Received]] = field(default_factory=dict)
    coverage: dict[Kind, Coverage] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)
    restarts: list[Kind | None] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        return [str(diagnostic.code) for diagnostic in self.found]

    def ids(self, kind: Kind = Kind.ORGS) -> list[str]:
        return [row.sourced_id for row in self.rows.get(kind, [])]

    def add(self, event: Event) -> None:
        self.events.append(event)
        match event:
            case Batch():
                self.rows.setdefault(event.kind, []).extend(event.rows)
            case Restart(None):
                self.restarts.append(None)
                self.rows.clear()
                self.coverage.clear()
            case Restart():
                self.restarts.append(event.kind)
                self.rows.pop(event.kind or Kind.ORGS, None)
            case Covered():
                self.coverage[event.kind] = event.coverage
            case Found():
                self.found.append(event.diagnostic)
            case Started():
                assert len(self.events) == 1


def fetch(
    source: RestSource, *collections: Kind, since: str | None = None, always_full: frozenset[Kind] = frozenset()
) -> Fetched:
    fetched = Fetched()
    for event in source.fetch(Request(collections or (Kind.ORGS,), since, always_full)):
        fetched.add(event)
    return fetched
