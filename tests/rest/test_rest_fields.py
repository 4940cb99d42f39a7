"""Only mapped fields are asked for where the server honors `fields`; where it does not, nothing is ever lost by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from rostersync.model.kind import Coverage, Kind
from rostersync.sources.rest import RestSource
from tests.rest.rest_api import STAMP, Api, Fetched, fetch, orgs

Make = Callable[..., RestSource]
Row = dict[str, Any]
Page = Callable[[list[Row], list[str], int], list[Row]]

SECRETS = {"password": "pa55-canary", "ssn": "078-05-1120", "metadata": {"secret": "meta-canary"}, "demographics": {}}
MAPPED_1P1 = {
    *("sourcedId", "status", "dateLastModified", "enabledUser", "username", "givenName", "middleName", "familyName"),
    *("identifier", "email", "grades", "role", "orgs", "agents"),
}
MAPPED_1P2 = MAPPED_1P1 - {"role", "orgs"} | {"roles", "primaryOrg", "userMasterIdentifier"}


def user(number: int, **fields: object) -> Row:
    return {
        "sourcedId": f"u{number:03}",
        "status": "active",
        "dateLastModified": STAMP,
        "enabledUser": True,
        "username": f"user{number}",
        "email": f"user{number}@example.org",
        "role": "student",
        "orgs": [{"sourcedId": "o1", "type": "org"}],
        "agents": [],
        **SECRETS,
        **fields,
    }


def users(count: int, **fields: object) -> list[Row]:
    return [user(number, **fields) for number in range(count)]


def cut(rows: list[Row], names: list[str], _offset: int) -> list[Row]:
    """What the standard says."""
    return [{name: row[name] for name in names if name in row} for row in rows]


@dataclass
class Choosy(Api):
    """A server that has its own way with `fields`."""

    envelope: str = "users"
    choose: Page = cut
    refusal: int = 0
    refused_from: int = 0
    bodies: list[bytes] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        names = request.url.params.get("fields")
        offset = int(request.url.params.get("offset", "0"))
        answer = super().__call__(request)
        if names is None:
            return answer
        if self.refusal and offset >= self.refused_from:
            return httpx.Response(self.refusal, text="no such parameter")
        page = self.choose(answer.json()[self.envelope], names.split(","), offset)
        made = httpx.Response(200, json={self.envelope: page}, headers=self.about(len(self.rows), offset, len(page)))
        self.bodies.append(made.content)
        return made

    @property
    def asked(self) -> list[tuple[int, bool]]:
        """Each request: its offset, and whether it asked for fields."""
        return [(int(each.url.params["offset"]), "fields" in each.url.params) for each in self.requests]


def read(source_of: Make, server: Api, version: str = "1.1", **given: object) -> Fetched:
    return fetch(source_of(users=server, version=version, concurrency=1, page_size=10, **given), Kind.USERS)


@pytest.mark.parametrize(("version", "mapped"), [("1.1", MAPPED_1P1), ("1.2", MAPPED_1P2)])
def test_the_mapped_fields_of_the_version_are_asked_for(source_of: Make, version: str, mapped: set[str]) -> None:
    given: Row = {} if version == "1.1" else {"roles": [{"role": "student", "org": {"sourcedId": "o1"}}]}
    rows = [
        {name: value for name, value in row.items() if version == "1.1" or name not in {"role", "orgs"}}
        for row in users(25, **given)
    ]
    server = Choosy(rows)
    assert len(read(source_of, server, version).ids(Kind.USERS)) == 25
    assert server.asked == [(0, False), (0, True), (10, True), (20, True)]
    assert {frozenset(each.url.params["fields"].split(",")) for each in server.requests[1:]} == {frozenset(mapped)}
    assert not any(canary in body for body in server.bodies for canary in (b"canary", b"078-05"))


def test_the_rows_are_the_same_with_fields_and_without(source_of: Make) -> None:
    with_fields = read(source_of, Choosy(users(33)))
    whole = read(source_of, Choosy(users(33)), fields="all")
    assert with_fields.rows == whole.rows
    assert not with_fields.restarts


def test_nothing_is_asked_twice_where_all_came_with_the_first_page(source_of: Make) -> None:
    server = Choosy(users(9))
    read(source_of, server)
    assert server.asked == [(0, False), (9, False)]


def test_nothing_is_asked_twice_where_the_server_sends_only_what_is_mapped(source_of: Make) -> None:
    server = Choosy([{name: row[name] for name in row if name not in SECRETS} for row in users(25)])
    read(source_of, server)
    assert [fields for _, fields in server.asked] == [False, False, False]


def test_fields_of_the_other_version_and_flat_ones_are_asked_for_where_they_are_sent(source_of: Make) -> None:
    server = Choosy(users(25, orgSourcedIds="o1", primaryOrg={"sourcedId": "o1"}))
    read(source_of, server)
    assert {"orgSourcedIds", "primaryOrg"} <= set(server.requests[-1].url.params["fields"].split(","))


def without(*lost: str) -> Page:
    return lambda rows, names, offset: cut(rows, [name for name in names if name not in lost], offset)


WRONG: dict[str, Page] = {
    "ignores it": lambda rows, _names, _offset: rows,
    "drops roles": without("role"),
    "drops orgs": without("orgs"),
    "drops the empty agents": without("agents"),
    "drops status": without("status"),
    "drops the ids": without("sourcedId"),
    "only the ids": lambda rows, _names, offset: cut(rows, ["sourcedId"], offset),
    "other values": lambda rows, names, offset: [row | {"role": "guest"} for row in cut(rows, names, offset)],
    "null for what it drops": lambda rows, names, offset: [row | {"email": None} for row in cut(rows, names, offset)],
    "fewer rows": lambda rows, names, offset: cut(rows, names, offset)[1:],
    "none": lambda _rows, _names, _offset: [],
    "no objects": lambda rows, _names, _offset: [row["sourcedId"] for row in rows],
    "one row differs": lambda rows, names, offset: [*cut(rows[:-1], names, offset), rows[-1]],
}


@pytest.mark.parametrize("habit", WRONG)
def test_a_server_that_loses_anything_is_read_whole(source_of: Make, habit: str) -> None:
    server = Choosy(users(25), choose=WRONG[habit])
    fetched = read(source_of, server)
    assert fetched.rows == read(source_of, Choosy(users(25)), fields="all").rows
    assert fetched.coverage == {Kind.USERS: Coverage.FULL}
    assert server.asked == [(0, False), (0, True), (10, False), (20, False)]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500, 503])
def test_a_server_that_refuses_fields_is_read_whole_and_not_asked_again(source_of: Make, status: int) -> None:
    people, schools = Choosy(users(25), refusal=status), Choosy(orgs(25), envelope="orgs", refusal=status)
    for row in schools.rows:
        row["metadata"] = {}
    source = source_of(users=people, orgs=schools, concurrency=1, page_size=10)
    fetched = fetch(source, Kind.USERS, Kind.ORGS)
    assert (len(fetched.ids(Kind.USERS)), len(fetched.ids(Kind.ORGS)), fetched.codes) == (25, 25, [])
    assert not any(fields for _, fields in schools.asked)


def late(page: Page) -> Page:
    """Honors the first page, and is wrong from the second on."""
    return lambda rows, names, offset: (page if offset else cut)(rows, names, offset)


@pytest.mark.parametrize("habit", ["drops roles", "only the ids", "no objects", "fewer rows", "none"])
def test_a_server_that_loses_it_later_is_read_whole_from_the_start(source_of: Make, habit: str) -> None:
    server = Choosy(users(25), choose=late(WRONG[habit]))
    fetched = read(source_of, server)
    assert fetched.rows == read(source_of, Choosy(users(25)), fields="all").rows
    assert fetched.restarts == [Kind.USERS]
    assert [fields for _, fields in server.asked[-3:]] == [False, False, False]


@pytest.mark.parametrize("status", [400, 404])
def test_a_server_that_refuses_it_later_is_read_whole_from_the_start(source_of: Make, status: int) -> None:
    server = Choosy(users(25), refusal=status, refused_from=10)
    fetched = read(source_of, server)
    assert (len(fetched.ids(Kind.USERS)), fetched.restarts) == (25, [Kind.USERS])


def test_whole_records_can_be_asked_for(source_of: Make) -> None:
    server = Choosy(users(25))
    read(source_of, server, fields="all")
    assert not any(fields for _, fields in server.asked)


def test_a_delta_asks_for_the_date_too(source_of: Make) -> None:
    server = Choosy(users(25))
    fetched = fetch(source_of(users=server, page_size=10), Kind.USERS, since="2026-10-01T00:00:00.000Z")
    assert fetched.coverage == {Kind.USERS: Coverage.DELTA}
    assert (0, True) in server.asked
    assert len(fetched.ids(Kind.USERS)) == 25


def test_pages_asked_for_ahead_are_narrowed_as_well(source_of: Make) -> None:
    server = Choosy(users(95))
    fetched = fetch(source_of(users=server, page_size=10, concurrency=4), Kind.USERS)
    assert fetched.ids(Kind.USERS) == [f"u{number:03}" for number in range(95)]
    assert [offset for offset, fields in server.asked if not fields] == [0]
