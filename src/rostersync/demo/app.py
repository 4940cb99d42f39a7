"""The OneRoster server itself: from a path to a reply, with the faults acting at each stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from rostersync.demo.auth import Gate
from rostersync.demo.call import Call
from rostersync.demo.district import District
from rostersync.demo.faults.base import TOKEN, Fault, Faults
from rostersync.demo.nested import NESTED, select_nested
from rostersync.demo.query import arrange, link_header, links, parse_fields, parse_query, select_fields
from rostersync.demo.reader import FLAT, Reader
from rostersync.demo.replies import Refused, Reply, json_reply, refusal
from rostersync.demo.wire import Wire1p1, Wire1p2

BASES = {"1.1": "/ims/oneroster/v1p1", "1.2": "/ims/oneroster/rostering/v1p2"}
RESOURCES_V1P2 = "/ims/oneroster/resources/v1p2"
TOKEN_PATH = "/token"  # noqa: S105 - a path


class Asked(NamedTuple):
    """A request as it came: the raw path and query, headers in lower case, the body."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""


class Place(NamedTuple):
    """Where a path leads: the collections on the way and the sourcedIds between them."""

    version: str
    names: tuple[str, ...]
    ids: tuple[str, ...]

    @property
    def single(self) -> bool:
        """Say whether the path ends in a sourcedId."""
        return len(self.ids) == len(self.names)


@dataclass(slots=True)
class Roster:
    """Serves a district at an origin (`http://127.0.0.1:8000`); `clock` gives the seconds since 1970 for `Date`."""

    district: District
    origin: str
    gate: Gate
    faults: Faults
    clock: Callable[[], float]
    readers: dict[str, Reader] = field(init=False)

    def __post_init__(self) -> None:
        """Make the readers of both versions."""
        users, origin = self.district.users, self.origin
        self.readers = {
            "1.1": Reader(self.district, Wire1p1(users, origin + BASES["1.1"])),
            "1.2": Reader(self.district, Wire1p2(users, origin + BASES["1.2"], origin + RESOURCES_V1P2)),
        }

    def answer(self, asked: Asked) -> Reply:
        """Answer any request."""
        reply = self._token(asked) if asked.path == TOKEN_PATH else self._read(asked)
        reply.headers.setdefault("Date", self._date())
        return reply

    def _date(self) -> str:
        """Write the time for the Date header."""
        return formatdate(self.clock(), usegmt=True)

    def _finish(self, call: Call, reply: Reply, faults: Sequence[Fault]) -> Reply:
        """Let the faults have the last word; one that is to be without Date has an empty one, which is not sent."""
        reply.headers["Date"] = self._date()
        for fault in faults:
            reply = fault.reply(call, reply)
        reply.headers.setdefault("Date", "")
        return reply

    def _token(self, asked: Asked) -> Reply:
        """Answer a request for a token."""
        if asked.method != "POST":
            return json_reply({"error": "invalid_request"}, 405, {"Allow": "POST"})
        form = dict(parse_qsl(asked.body.decode("utf-8", "replace")))
        faults = self.faults.striking(TOKEN)
        call = Call("1.2", TOKEN, "", "", single=True, url=self.origin + TOKEN_PATH, params=form, headers=asked.headers)
        reply = _first(faults, call) or self.gate.give_token(asked.headers.get("authorization", ""), form, faults)
        return self._finish(call, reply, faults)

    def _read(self, asked: Asked) -> Reply:
        """Answer a request for roster data."""
        place = find_place(asked.path)
        if place is None:
            version = next((name for name, base in BASES.items() if asked.path.startswith(base)), "1.2")
            return refusal(version, Refused("unknown_object", "there is nothing at this path"))
        if asked.method != "GET":
            return refusal(place.version, Refused("invalid_data", "rostering is read only", 405, {"Allow": "GET"}))
        call = self._call(asked, place)
        faults = self.faults.striking(call.collection)
        reply = _first(faults, call) or self._try(asked, place, call, faults)
        return self._finish(call, reply, faults)

    def _call(self, asked: Asked, place: Place) -> Call:
        """Describe a request for the faults."""
        last = FLAT[place.names[-1]]
        return Call(
            place.version,
            "/".join(place.names),
            last.kind,
            last.single if place.single else last.envelope,
            single=place.single,
            url=self.origin + asked.path,
            params=read_params(asked.query),
            headers=asked.headers,
        )

    def _try(self, asked: Asked, place: Place, call: Call, faults: Sequence[Fault]) -> Reply:
        """Check credentials and read; a refusal is a reply."""
        scope = "full" if len(place.names) > 1 else FLAT[place.names[0]].scope
        need = (place.version, "resource" if place.names[-1] == "resources" else scope)
        url = call.url + (f"?{asked.query}" if asked.query else "")
        try:
            self.gate.admit(url, asked.headers, need, faults)
            for fault in faults:
                fault.ask(call)
            if place.single:
                self._one(place, call)
            else:
                self._page(place, call, faults)
        except Refused as refused:
            return refusal(place.version, refused)
        return self._render(call, faults)

    def _one(self, place: Place, call: Call) -> None:
        """Put the one record that is asked for into the call."""
        reader = self.readers[place.version]
        record = reader.one(place.names[-1], place.ids[-1])
        if record is None:
            raise Refused("unknown_object", f"there is no {call.envelope} {place.ids[-1]}")
        fields = parse_fields(call.params, place.version, call.kind, call.query.warnings)
        call.page = select_fields([reader.wire.render(call.kind, record)], fields)

    def _page(self, place: Place, call: Call, faults: Sequence[Fault]) -> None:
        """Put the page that is asked for into the call, with its total and its links."""
        reader = self.readers[place.version]
        call.query = query = parse_query(call.params, place.version, call.kind, as_text=call.as_text)
        rows = select_nested(reader, place.names, place.ids) if len(place.names) > 1 else None
        if rows is None and len(place.names) > 1:
            raise Refused("unknown_object", f"there is no such {place.names[0]}: {place.ids[0]}")
        chosen = arrange(reader, place.names[-1], rows, call.kind, query)
        call.total, call.skip = len(chosen), query.offset
        for fault in faults:
            chosen = fault.arrange(chosen)
            fault.aim(call)
        page = chosen[call.skip : call.skip + query.limit]
        call.page = select_fields((reader.wire.render(call.kind, row) for row in page), query.fields)
        call.links = links(call.url, call.params, query, call.total)
        call.last_page = query.offset + query.limit >= call.total

    def _render(self, call: Call, faults: Sequence[Fault]) -> Reply:
        """Write the reply."""
        for fault in faults:
            fault.rows(call)
        document: dict[str, object] = {call.envelope: call.page[0] if call.single else call.page}
        if call.query.warnings:
            document["statusInfoSet"] = call.query.warnings
        call.document = document
        for fault in faults:
            fault.document(call)
        headers = {} if call.total is None or call.single else {"X-Total-Count": str(call.total)}
        if call.links:
            headers["Link"] = link_header(call.links)
        return json_reply(call.document, headers=headers)


def _first(faults: Sequence[Fault], call: Call) -> Reply | None:
    """Give the reply of the first fault that answers instead of the server."""
    return next((reply for fault in faults if (reply := fault.intercept(call)) is not None), None)


def find_place(path: str) -> Place | None:
    """Read a raw path; None where it leads nowhere."""
    resources = path.startswith(RESOURCES_V1P2 + "/")
    bases = {"1.2": RESOURCES_V1P2} if resources else BASES
    for version, base in bases.items():
        if path.startswith(base + "/"):
            parts = [unquote(part) for part in path.removeprefix(base + "/").split("/")]
            names, ids = tuple(parts[::2]), tuple(parts[1::2])
            known = names in NESTED if len(names) > 1 else names[0] in FLAT
            about_resources = names[-1] == "resources"
            right = (about_resources == resources) if version == "1.2" else names != ("users", "resources")
            whole = len(names) == 1 or len(ids) < len(names)
            return Place(version, names, ids) if known and right and whole and all(ids) else None
    return None


def read_params(query: str) -> dict[str, str]:
    """Read the query; `fields` may also come several times, as the OpenAPI file of 1.2 has it."""
    params: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        params[name] = f"{params[name]},{value}" if name == "fields" and name in params else value
    return params
