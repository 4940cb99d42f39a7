"""The parameters of a collection, with each version's way with bad input (oneroster §2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from rostersync.demo.district import Record
from rostersync.demo.fields import is_known, known_fields
from rostersync.demo.filtering import Filter, parse_filter, values_at
from rostersync.demo.reader import Reader
from rostersync.demo.replies import Refused, status_info
from rostersync.demo.wire import Wire

DEFAULT_LIMIT = 100


@dataclass(slots=True)
class Query:
    """What a request asks of a collection; `warnings` are told beside the data (1.1 only)."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    sort: str = ""
    descending: bool = False
    filter: Filter | None = None
    fields: tuple[str, ...] = ()
    warnings: list[dict[str, str]] = field(default_factory=list)


def parse_query(params: dict[str, str], version: str, kind: str, *, as_text: bool = False) -> Query:
    """Read the parameters; raises Refused where the version refuses them."""
    query = Query(_whole(params, "limit", DEFAULT_LIMIT, 1), _whole(params, "offset", 0, 0))
    if params.get("filter"):
        query.filter = parse_filter(params["filter"], version, kind, as_text=as_text)
    query.fields = parse_fields(params, version, kind, query.warnings)
    order = params.get("orderBy", "asc")
    if order not in ("asc", "desc"):
        raise Refused("invalid_data", f"orderBy must be asc or desc, not {order}")
    query.descending = order == "desc"
    query.sort = _sort(params, version, kind, query.warnings)
    return query


def parse_fields(params: dict[str, str], version: str, kind: str, warnings: list[dict[str, str]]) -> tuple[str, ...]:
    """Read `fields`: 1.2 refuses an unknown one, 1.1 gives all fields and a warning; blank is refused by both."""
    if "fields" not in params:
        return ()
    names = tuple(name.strip() for name in params["fields"].split(",") if name.strip())
    if not names:
        raise Refused("blank_selection", "fields is blank")
    unknown = [name for name in names if name not in known_fields(version, kind)]
    if unknown and version == "1.1":
        warnings.append(_warning("invalid_selection_field", f"unknown field {unknown[0]} in fields"))
        return ()
    if unknown:
        raise Refused("invalid_selection", f"unknown field {unknown[0]} in fields")
    return names


def _sort(params: dict[str, str], version: str, kind: str, warnings: list[dict[str, str]]) -> str:
    """Read `sort`: an unknown field means the default order, with a warning in 1.1."""
    name = params.get("sort", "")
    if not name or is_known(version, kind, name):
        return name
    if version == "1.1":
        warnings.append(_warning("invalid_sort_field", f"unknown field {name} in sort"))
    return ""


def _warning(minor: str, description: str) -> dict[str, str]:
    """Make a warning of 1.1."""
    return status_info("success", "warning", minor, description)


def _whole(params: dict[str, str], name: str, default: int, least: int) -> int:
    """Read a whole number that must not be less than `least`."""
    text = params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise Refused("invalid_data", f"{name} must be a whole number of at least {least}, not {text}")
    return int(text)


def arrange(reader: Reader, name: str, rows: list[Record] | None, kind: str, query: Query) -> list[Record]:
    """Filter and sort rows (None: the whole collection of that name) as a query asks."""
    by_id = query.sort == "sourcedId"
    chosen = reader.rows(name, by_id=by_id) if rows is None else rows
    if query.filter is not None:
        chosen = _filtered(reader, kind, chosen, query.filter)
    if query.sort and not (by_id and rows is None):
        chosen = sorted(chosen, key=lambda row: values_at(_seen(reader, kind, row, [query.sort]), query.sort))
    return chosen[::-1] if query.sort and query.descending else chosen


# What is the same in a record and in its rendered form, so that looking at it need not render every record.
AS_IT_IS = frozenset({"sourcedId", "status", "dateLastModified", "type", "title", "email", "username", "familyName"})


def _filtered(reader: Reader, kind: str, rows: list[Record], wanted: Filter) -> list[Record]:
    """Keep the rows that pass a filter."""
    paths = [clause.path for clause in wanted.clauses]
    return [row for row in rows if wanted.holds(_seen(reader, kind, row, paths))]


def _seen(reader: Reader, kind: str, row: Record, paths: list[str]) -> Wire:
    """Give what has to be looked at to find the values at some paths."""
    return row if AS_IT_IS.issuperset(paths) else reader.wire.render(kind, row)


def select_fields(rows: Iterable[Wire], fields: tuple[str, ...]) -> list[Wire]:
    """Cut rows to the fields asked for, required or not."""
    return [{name: row[name] for name in fields if name in row} for row in rows] if fields else list(rows)


def links(url: str, params: dict[str, str], query: Query, total: int) -> dict[str, str]:
    """Give the URLs of the pages around this one; `last` has the shrunken limit of the standard's example."""
    limit, offset = query.limit, query.offset
    pages = {}
    if offset + limit < total:
        pages["next"] = _page(url, params, limit, offset + limit)
    if total:
        start = (total - 1) // limit * limit
        pages["last"] = _page(url, params, total - start, start)
    pages["first"] = _page(url, params, limit, 0)
    if offset:
        pages["prev"] = _page(url, params, limit, max(0, offset - limit))
    return pages


def _page(url: str, params: dict[str, str], limit: int, offset: int) -> str:
    """Give the URL of a page; whatever else was asked stays."""
    others = {name: value for name, value in params.items() if name not in ("limit", "offset")}
    return f"{url}?{urlencode({'limit': limit, 'offset': offset, **others})}"


def link_header(pages: dict[str, str]) -> str:
    """Write the Link header (RFC 8288)."""
    return ", ".join(f'<{url}>; rel="{relation}"' for relation, url in pages.items())
