"""What `check` tries of a REST source: token, each collection, the clock; shown by small requests, not believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import httpx

from rostersync.errors import SourceError
from rostersync.model.kind import Kind
from rostersync.model.snapshot import Received
from rostersync.sources.base import Probe
from rostersync.sources.rest import failures
from rostersync.sources.rest.client import Client
from rostersync.sources.rest.codec import PATHS, Codec
from rostersync.sources.rest.reply import Reply

MOST_SKEW = 300
"""Seconds that the server's clock may differ from ours before it is worth a word."""

_FEW = 2
_FUTURE = "2999-01-01T00:00:00.000Z"
_PAST = "1970-01-02T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Seen:
    """One small page."""

    reply: Reply
    rows: list[Received]

    @property
    def ids(self) -> list[str]:
        """The keys of its rows."""
        return [row.sourced_id for row in self.rows]


def run(
    open_client: Callable[[], Client], codec: Codec, collections: Sequence[Kind], clock: Callable[[], datetime]
) -> Iterator[Probe]:
    """Try the token, the collections in order, and the clock; ends early where nothing more can work."""
    try:
        client = open_client()
        client.begin()
        client.ready()
    except SourceError as error:
        yield Probe("token", ok=False, message=error.message, code=error.code, hint=error.hint)
        return
    yield Probe("token", ok=True, message="credentials are in order")
    for kind in collections:
        try:
            yield _collection(client, codec, kind)
        except failures.FetchOver as error:
            yield Probe(str(kind), ok=False, message=error.message, code=error.code, hint=error.hint)
            return
        except SourceError as error:
            yield Probe(str(kind), ok=False, message=error.message, code=error.code, hint=error.hint)
    yield _clock(client, clock)


def _collection(client: Client, codec: Codec, kind: Kind) -> Probe:
    asked = {"limit": str(_FEW), "offset": "0", "sort": "sourcedId", "orderBy": "asc"}
    first = _see(client, codec, kind, asked)
    sorts = first is not None
    if first is None:
        first = _see(client, codec, kind, {"offset": "0"}, required=True)
    if first is None:
        raise failures.not_oneroster(f"/{PATHS[kind]} refuses to be read")
    detail: dict[str, object] = {
        "rows": len(first.rows),
        "total": first.reply.total,
        "ends_by": _ends_by(first.reply),
        "limit": sorts and len(first.rows) <= _FEW,
        "sort": sorts and _sorts(client, codec, kind, first),
        "filter": _filters(client, codec, kind, first),
    }
    return Probe(str(kind), ok=True, message=_words(detail), detail=detail)


def _see(client: Client, codec: Codec, kind: Kind, params: dict[str, str], *, required: bool = False) -> Seen | None:
    """One page; None where the server refuses the parameters."""
    path = PATHS[kind]
    reply = client.get(path, params)
    if reply.status in {404, 405, 410, 501}:
        raise failures.endpoint_missing(path, reply.status)
    if reply.status == httpx.codes.NO_CONTENT:
        return Seen(reply, [])
    if reply.ok:
        rows = codec.read(kind, reply.body)
        if rows is None and "filter" not in params and params.get("offset") == "0":
            raise failures.not_oneroster(f"/{path} answered with an empty object instead of a list `{path}`")
        return Seen(reply, rows or [])
    if required:
        raise failures.not_oneroster(f"/{path} answered {reply.status}")
    return None


def _ends_by(reply: Reply) -> str:
    """What tells the end of the collection."""
    if reply.total is not None and reply.total > 0:
        return "total"
    return "link" if reply.next_link else "empty page"


def _sorts(client: Client, codec: Codec, kind: Kind, first: Seen) -> bool:
    """Whether ids go up on the first page and from it to the next."""
    params = {"limit": str(_FEW), "offset": str(len(first.rows)), "sort": "sourcedId", "orderBy": "asc"}
    second = _see(client, codec, kind, params)
    if second is None:
        return False
    ids = [*first.ids, *second.ids]
    return all(before < after for before, after in pairwise(ids))


def _filters(client: Client, codec: Codec, kind: Kind, first: Seen) -> bool:
    """Whether a date that is yet to come gives nothing, and one long past gives something where there is something."""
    ahead = _see(client, codec, kind, _since(_FUTURE))
    if ahead is None or ahead.rows:
        return False
    behind = _see(client, codec, kind, _since(_PAST))
    return behind is not None and bool(behind.rows) == bool(first.rows)


def _since(moment: str) -> dict[str, str]:
    return {"limit": str(_FEW), "offset": "0", "filter": f"dateLastModified>='{moment}'"}


def _words(detail: dict[str, object]) -> str:
    """The detail in one line."""
    total = detail["total"]
    count = f"{total} records" if total is not None else "records come, without a total"
    ignored = [name for name in ("limit", "sort", "filter") if not detail[name]]
    return f"{count}; " + (f"not honored: {', '.join(ignored)}" if ignored else "limit, sort and filter are honored")


def _clock(client: Client, clock: Callable[[], datetime]) -> Probe:
    """The clocks compared; a difference is a warning: the probe holds, and has a hint."""
    server = client.first_date
    if server is None:
        return Probe("clock", ok=True, message="the server does not tell its time", detail={"skew_seconds": None})
    skew = round((server - clock()).total_seconds())
    detail: dict[str, object] = {"skew_seconds": skew}
    if abs(skew) <= MOST_SKEW:
        return Probe("clock", ok=True, message="the server's clock agrees with ours", detail=detail)
    hint = "Set both clocks by NTP; OAuth 1.0a signatures fail when they differ, and changes may be missed."
    return Probe("clock", ok=True, message=f"the server's clock is {abs(skew)} seconds off", hint=hint, detail=detail)
