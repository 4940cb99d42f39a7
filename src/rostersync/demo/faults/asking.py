"""Faults of the parameters: sorting and filtering otherwise than asked, or refusing to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from rostersync.demo.call import Call
from rostersync.demo.faults.base import Fault
from rostersync.demo.replies import Refused


@dataclass(frozen=True)
class DescendingByDefault(Fault):
    """Without `orderBy` the order is descending, also without `sort`."""

    def ask(self, call: Call) -> None:
        """Fill the gap with desc."""
        if "orderBy" not in call.params:
            call.params.setdefault("sort", "sourcedId")
            call.params["orderBy"] = "desc"


@dataclass(frozen=True)
class SortNeedsOrderBy(Fault):
    """`sort` without `orderBy` is refused."""

    def ask(self, call: Call) -> None:
        """Refuse the one without the other."""
        if "sort" in call.params and "orderBy" not in call.params:
            raise Refused("invalid_data", "sort needs orderBy")


@dataclass(frozen=True)
class RefuseParameters(Fault):
    """These parameters are refused as unknown: any of limit, offset, sort, orderBy, filter, fields."""

    names: Collection[str] = ("sort", "orderBy")

    def ask(self, call: Call) -> None:
        """Refuse the first of them."""
        for name in self.names:
            if name in call.params:
                raise Refused("invalid_data", f"unknown parameter {name}")


@dataclass(frozen=True)
class SortIgnored(Fault):
    """`sort` and `orderBy` change nothing."""

    def ask(self, call: Call) -> None:
        """Drop both."""
        call.params.pop("sort", None)
        call.params.pop("orderBy", None)


@dataclass(frozen=True)
class OrderByIgnored(Fault):
    """`orderBy` changes nothing: the order is ascending."""

    def ask(self, call: Call) -> None:
        """Drop it."""
        call.params.pop("orderBy", None)


@dataclass(frozen=True)
class FilterIgnored(Fault):
    """`filter` changes nothing."""

    def ask(self, call: Call) -> None:
        """Drop it."""
        call.params.pop("filter", None)


@dataclass(frozen=True)
class FilterRefused(Fault):
    """`filter` is refused, with this status (400, 403, 500 …)."""

    status: int = 400

    def ask(self, call: Call) -> None:
        """Refuse it."""
        if "filter" in call.params:
            raise Refused("invalid_filter", "filters are not supported", self.status)


@dataclass(frozen=True)
class FilterFindsNothing(Fault):
    """`filter` answers nothing, whatever it says."""

    def rows(self, call: Call) -> None:
        """Throw the page away."""
        if "filter" in call.params and not call.single:
            call.page, call.total, call.links = [], 0, {}


@dataclass(frozen=True)
class FilterAsText(Fault):
    """Times in a filter are compared as mere text: `…T00:00:00Z` is not `…T00:00:00.000Z`."""

    def ask(self, call: Call) -> None:
        """Say how to compare."""
        call.as_text = True
