"""Faults of totals, links and pages."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from rostersync.demo.call import Call
from rostersync.demo.district import Record
from rostersync.demo.faults.base import Fault


@dataclass(frozen=True)
class NoTotal(Fault):
    """There is no X-Total-Count."""

    def rows(self, call: Call) -> None:
        """Forget the total."""
        call.total = None


@dataclass(frozen=True)
class Total(Fault):
    """X-Total-Count is this number, whatever the rows: 0 with rows, or a negative one."""

    value: int = 0

    def rows(self, call: Call) -> None:
        """Tell another total."""
        call.total = self.value


@dataclass(frozen=True)
class TotalTooLarge(Fault):
    """X-Total-Count promises more rows than ever come: the collection is truncated."""

    by: int = 10

    def rows(self, call: Call) -> None:
        """Promise more."""
        call.total = (call.total or 0) + self.by


@dataclass(frozen=True)
class TotalMoves(Fault):
    """X-Total-Count grows from request to request."""

    by: int = 1

    def rows(self, call: Call) -> None:
        """Add a little more every time."""
        call.total = (call.total or 0) + self.by * (self.number - 1)


@dataclass(frozen=True)
class NoLink(Fault):
    """There is no Link header."""

    def rows(self, call: Call) -> None:
        """Forget the links."""
        call.links = {}


@dataclass(frozen=True)
class ClampLimit(Fault):
    """No page has more rows than this, whatever limit is asked for."""

    limit: int = 50

    def ask(self, call: Call) -> None:
        """Lower the limit."""
        asked = call.params.get("limit", "100")
        if not call.single and asked.isdigit():
            call.params["limit"] = str(min(int(asked), self.limit))


@dataclass(frozen=True)
class SamePage(Fault):
    """Every offset gives the first page."""

    def aim(self, call: Call) -> None:
        """Begin at the first row."""
        call.skip = 0


@dataclass(frozen=True)
class ShiftPages(Fault):
    """Pages after the first begin that many rows too late (which drops rows) or, negative, too early (repeats)."""

    by: int = -1

    def aim(self, call: Call) -> None:
        """Begin elsewhere."""
        if call.skip:
            call.skip = max(0, call.skip + self.by)


@dataclass(frozen=True)
class UnstableOrder(Fault):
    """The rows are in another order at every request, so that pages overlap and miss rows; the total stays right."""

    by: int = 1

    def arrange(self, rows: list[Record]) -> list[Record]:
        """Begin the list some rows later than the time before."""
        start = self.by * (self.number - 1) % max(1, len(rows))
        return rows[start:] + rows[:start]


@dataclass(frozen=True)
class NextOnLastPage(Fault):
    """The last page has a `next` link too."""

    def rows(self, call: Call) -> None:
        """Point back to this very page."""
        if call.links and call.last_page:
            call.links = {"next": call.links["first"], **call.links}


@dataclass(frozen=True)
class RelativeNext(Fault):
    """Links are relative."""

    def rows(self, call: Call) -> None:
        """Leave the origin out."""
        call.links = {name: url.replace(_origin(url), "") for name, url in call.links.items()}


@dataclass(frozen=True)
class NextElsewhere(Fault):
    """Links lead to another origin, as from behind a proxy."""

    origin: str = "http://internal.example.org"

    def rows(self, call: Call) -> None:
        """Name the other origin."""
        call.links = {name: url.replace(_origin(url), self.origin) for name, url in call.links.items()}


@dataclass(frozen=True)
class NextDropsFilter(Fault):
    """Links carry limit and offset and nothing else of what was asked."""

    def rows(self, call: Call) -> None:
        """Cut the links after the offset."""
        call.links = {name: "&".join(url.split("&")[:2]) for name, url in call.links.items()}


def _origin(url: str) -> str:
    """Give scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
