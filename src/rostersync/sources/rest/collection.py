"""One fetch: its collections page by page, complete or not at all (architecture, "How a run is safe" 2 and 5)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import NoReturn

import httpx

from rostersync.errors import Fatal
from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Coverage, Kind
from rostersync.model.snapshot import Received
from rostersync.sources.base import Batch, Covered, Event, Found, Request, Restart
from rostersync.sources.records.fields import stamp
from rostersync.sources.rest import bounds, failures
from rostersync.sources.rest.ahead import Ahead
from rostersync.sources.rest.asking import Asking, Query
from rostersync.sources.rest.codec import PATHS, Codec, modified_of
from rostersync.sources.rest.narrowing import FieldsLost, Narrowing, lost
from rostersync.sources.rest.pages import Done, Facts, Flaw, Paging, settled
from rostersync.sources.rest.reply import Reply

_MISSING = frozenset({404, 405, 410, 501})


class FilterNotHonored(Exception):  # noqa: N818 (the collection is fetched in full instead)
    """The server did not do what the filter asks."""


class Collections:
    """The collections of one fetch, and what the fetch has learned about the server."""

    def __init__(self, asking: Asking, narrowing: Narrowing, codec: Codec, ahead: Ahead, width: int) -> None:
        """Begin a fetch; `width` is how many pages may be under way."""
        self._asking = asking
        self._narrowing = narrowing
        self._codec = codec
        self._ahead = ahead
        self._width = width
        self._revision: str | None = None
        self._foreign_link = False

    def fetch(self, kind: Kind, request: Request) -> Iterator[Event]:
        """One collection with its `Covered`.

        Raises:
            Fatal: it cannot be had and is not optional.
            FetchOver: nothing more can be had.
            StartOver: the server's data changed under the fetch.
        """
        try:
            if request.since is None or kind in request.always_full:
                yield from self._full(kind)
            else:
                yield from self._delta(kind, request.since)
        except failures.FetchOver:
            raise
        except Fatal as error:
            if kind not in request.optional:
                raise
            yield self._anew(kind)
            yield Found(_not_had(kind, error))
            yield Covered(kind, Coverage.NONE)
        finally:
            self._ahead.drop()

    def _full(self, kind: Kind) -> Iterator[Event]:
        yield from self._complete(Query(kind))
        yield Covered(kind, Coverage.FULL)

    def _delta(self, kind: Kind, since: str) -> Iterator[Event]:
        """What changed since the cursor; everything, where the server cannot be trusted to say what that is."""
        query = Query(kind, since)
        try:
            rows = yield from self._complete(query)
            if not rows:
                self._doubt(query)
        except failures.FetchOver:
            raise
        except (Fatal, FilterNotHonored) as why:
            yield self._anew(kind)
            yield from self._complete(Query(kind))
            yield Found(_in_full(kind, why))
            yield Covered(kind, Coverage.FULL)
        else:
            yield Covered(kind, Coverage.DELTA)

    def _doubt(self, query: Query) -> None:
        """Nothing came: look at the newest row, which the filter should have given if it is younger than the cursor."""
        reply = self._asking.newest(query.kind)
        rows = self._rows(query, reply, 0)
        if any(modified_of(row) > stamp(query.since) for row in rows):
            raise FilterNotHonored("it gave nothing although there are newer records")

    def _complete(self, query: Query) -> Generator[Event, None, int]:
        """All rows of a query, read whole from the start where its `fields` failed; returns how many there are."""
        try:
            return (yield from self._agreeing(query))
        except FieldsLost:
            self._narrowing.stop()
            yield self._anew(query.kind)
            return (yield from self._agreeing(query))

    def _agreeing(self, query: Query) -> Generator[Event, None, int]:
        """All rows of a query, fetched again once where they do not add up; returns how many there are."""
        first, second = Paging(), Paging()
        flaws = yield from self._pages(query, first)
        if not flaws:
            return first.received
        if Flaw.LOOP in flaws:
            _refuse(query.kind, flaws, first)
        self._narrowing.stop()
        yield self._anew(query.kind)
        again = yield from self._pages(query, second)
        if not settled(flaws, again, (first.ids, second.ids)):
            _refuse(query.kind, again or flaws, second)
        return second.received

    def _anew(self, kind: Kind) -> Restart:
        """Forget the collection, and whatever answers may still be under way."""
        self._ahead.drop()
        self._asking.renew()
        return Restart(kind)

    def _pages(self, query: Query, paging: Paging) -> Generator[Event, None, frozenset[Flaw]]:
        """One walk through the pages; returns what does not add up."""
        offset, step = 0, 0
        while True:
            reply = self._ahead.take(offset) or self._asking.page(query, offset)
            self._check_revision(reply)
            rows = self._rows(query, reply, offset)
            self._check_filter(query, rows)
            yield from self._report_foreign_link(query.kind, reply)
            verdict = paging.update(Facts([row.sourced_id for row in rows], reply.total, _has_next(reply)))
            if isinstance(verdict, Done):
                if rows and Flaw.LOOP not in verdict.flaws:
                    yield Batch(query.kind, rows, paging.total)
                return verdict.flaws
            step, offset, first = step or len(rows), verdict, not offset
            if first and _more(paging, reply, self._asking.page_size):
                query = self._narrowing.narrow(query, reply, self._codec.reading(query.kind))
            bounds.check_all(PATHS[query.kind], paging.received)
            if len(reply.body) <= bounds.AHEAD:
                self._look_ahead(query, paging, step)
            yield Batch(query.kind, rows, paging.total)

    def _look_ahead(self, query: Query, paging: Paging, step: int) -> None:
        """Ask for the next pages by the size of the first, where the total says that they exist."""
        if paging.total is not None and self._width > 1:
            end = min(paging.total, paging.received + step * self._ahead.room)
            self._ahead.plan(
                lambda offset: self._asking.page(query, offset, bounds.AHEAD), range(paging.received, end, step)
            )

    def _rows(self, query: Query, reply: Reply, offset: int) -> list[Received]:
        """The rows of a page; an empty list where the page is the end."""
        path = PATHS[query.kind]
        if query.fields and not reply.ok:
            raise lost(query.kind, reply.status)
        if reply.status == httpx.codes.NO_CONTENT:
            return []
        if reply.ok:
            rows = self._read(query, reply)
            if rows is None and not offset and query.since is None:
                raise failures.not_oneroster(f"/{path} answered with an empty object instead of a list `{path}`")
            return rows or []
        if offset:
            raise failures.incomplete(f"/{path} answered {reply.status} after {offset} rows")
        if reply.status in _MISSING:
            raise failures.endpoint_missing(path, reply.status)
        raise failures.not_oneroster(f"/{path} answered {reply.status}")

    def _read(self, query: Query, reply: Reply) -> list[Received] | None:
        """Decode a page; one under `fields` that cannot be read, or not a row of it, is no better than none."""
        if not query.fields:
            return self._codec.read(query.kind, reply.body)
        try:
            rows = self._codec.read(query.kind, reply.body)
        except Fatal:
            raise lost(query.kind, reply.status) from None
        if rows and all(row.rejection is not None for row in rows):
            raise lost(query.kind, reply.status)
        return rows

    def _check_revision(self, reply: Reply) -> None:
        revision = reply.headers.get("x-perm-rev")
        if revision is None:
            return
        if self._revision not in (None, revision):
            raise failures.StartOver
        self._revision = revision

    def _check_filter(self, query: Query, rows: list[Received]) -> None:
        if query.since is None:
            return
        cursor = stamp(query.since)
        if any(modified_of(row) < cursor for row in rows):
            raise FilterNotHonored("it gave records that are older, or that tell no readable date")

    def _report_foreign_link(self, kind: Kind, reply: Reply) -> Iterator[Event]:
        if self._foreign_link or not reply.next_link or not reply.leads_away(reply.next_link):
            return
        self._foreign_link = True
        yield Found(_foreign_link(kind))


def _has_next(reply: Reply) -> bool | None:
    link = reply.next_link
    return None if link is None else bool(link)


def _more(paging: Paging, reply: Reply, page_size: int) -> bool:
    """Whether more pages are to be expected after the first."""
    if paging.total is not None:
        return paging.received < paging.total
    return bool(reply.next_link) or paging.received >= page_size


def _refuse(kind: Kind, flaws: frozenset[Flaw], paging: Paging) -> NoReturn:
    said = "" if paging.total is None else f" of {paging.total}"
    raise failures.incomplete(f"/{PATHS[kind]}: {'; '.join(sorted(flaws))} ({paging.received} rows{said})")


def _not_had(kind: Kind, error: Fatal) -> Diagnostic:
    """Why an optional collection is missing from this fetch (rule 11)."""
    if error.code == Code.SRC_ENDPOINT_MISSING:
        return Diagnostic(Code.SRC_ENDPOINT_MISSING, error.message, error.hint, kind)
    cause = error.message if error.code == Code.SRC_INCOMPLETE else f"{error.message} ({error.code})"
    return Diagnostic(Code.SRC_INCOMPLETE, f"{kind} could not be had: {cause}", error.hint, kind)


def _in_full(kind: Kind, why: Exception) -> Diagnostic:
    return Diagnostic(
        Code.SRC_FILTER_IGNORED,
        f"{kind} were fetched in full, because the server did not honor the filter by date: {why}",
        'Nothing is lost, it only takes longer. `sync.mode = "full"` saves the attempt.',
        kind,
    )


def _foreign_link(kind: Kind) -> Diagnostic:
    return Diagnostic(
        Code.NET_FOREIGN_LINK,
        f"/{PATHS[kind]} points to its next page on another server; the link was not followed",
        "Nothing is lost: pages are asked for by their offset. A proxy in front of the server may cause this.",
        kind,
    )
