"""One request for roster data on its way through the server: what faults see and may change."""

from __future__ import annotations

from dataclasses import dataclass, field

from rostersync.demo.query import Query
from rostersync.demo.wire import Wire


@dataclass(slots=True)
class Call:
    """A request for a collection, a single record or a nested read.

    `collection` is the path without its ids (`users`, `schools/classes`), `single` whether one record is asked for.
    `skip` is where the page really begins, which faults may move away from the offset asked for.
    """

    version: str
    collection: str
    kind: str
    envelope: str
    single: bool
    url: str
    params: dict[str, str]
    headers: dict[str, str]
    query: Query = field(default_factory=Query)
    as_text: bool = False
    skip: int = 0
    total: int | None = None
    page: list[Wire] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    document: object = None
    last_page: bool = False
