"""What a server may send at a time: little JSON that becomes many objects, pages larger than the others, no end."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest
import respx

from rostersync.errors import Fatal
from rostersync.model.kind import Kind
from rostersync.sources.rest import OAuth2, RestSource, bounds
from rostersync.sources.rest.codec import Codec
from tests.rest.rest_api import TOKEN_URL, Api, fetch, orgs

Make = Callable[..., RestSource]
MANY = 10 * 1024 * 1024


def page(piece: bytes, size: int = MANY) -> bytes:
    return b'{"users":[' + piece * (size // len(piece)) + b"{}]}"


@pytest.mark.parametrize("piece", [b"{},", b"[],", b"1,", b'{"sourcedId":1},', b'{"a":1},', b"[[[]]],"], ids=repr)
def test_a_dense_page_is_refused_before_it_is_read(piece: bytes) -> None:
    with pytest.raises(Fatal, match="more values") as caught:
        Codec("1.2").read(Kind.USERS, page(piece))
    assert caught.value.code == "RS-SRC-001"
    assert "page_size" in caught.value.hint


@pytest.mark.parametrize("piece", [b"1,", b'{"sourcedId":"a"},'], ids=repr)
def test_a_page_of_too_many_rows_is_refused(piece: bytes) -> None:
    with pytest.raises(Fatal, match="rows"):
        Codec("1.2").read(Kind.USERS, page(piece, size=bounds.ROWS * len(piece)))


def test_a_page_of_a_whole_district_is_read() -> None:
    user = {
        "sourcedId": "u", "status": "active", "dateLastModified": "2026-11-01T00:00:00.000Z", "metadata": {"a": "b"},
        "username": "user.name", "enabledUser": "true", "givenName": "Given", "familyName": "Family", "role": "student",
        "email": "user.name@example.org", "grades": ["07"], "identifier": "123456", "middleName": "", "phone": "",
        "orgs": [{"href": "https://sis.example.org/ims/oneroster/v1p1/orgs/o1", "sourcedId": "o1", "type": "org"}],
    }  # fmt: skip
    body = json.dumps({"users": [user | {"sourcedId": f"u{number}"} for number in range(40_000)]}).encode()
    rows = Codec("1.1").read(Kind.USERS, body)
    assert rows is not None
    assert len(rows) == 40_000
    assert all(row.record is not None for row in rows)


def test_a_page_too_large_to_be_asked_for_ahead_is_had_in_its_turn(
    source_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "AHEAD", 1500)
    rows = orgs(10) + [row | {"name": "N" * 300} for row in orgs(40)[10:]]
    fetched = fetch(source_of(orgs=Api(rows), concurrency=4))
    assert fetched.ids() == [row["sourcedId"] for row in rows]


def test_a_collection_without_end_is_given_up(source_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "IN_ALL", 35)
    with pytest.raises(Fatal, match="does not end") as caught:
        fetch(source_of(orgs=Api(orgs(1000), total=lambda _: None)))
    assert caught.value.code == "RS-SRC-002"


def test_a_token_reply_has_its_own_bound(source_of: Make, mocked: respx.MockRouter) -> None:
    reply = {"access_token": "t", "token_type": "bearer", "x": "y" * bounds.TOKEN}
    mocked.post(TOKEN_URL).mock(return_value=httpx.Response(200, json=reply))
    with pytest.raises(Fatal, match="1 MiB") as caught:
        fetch(source_of(orgs=Api(orgs(3)), auth=OAuth2(TOKEN_URL, "id", "secret")))
    assert caught.value.code == "RS-AUTH-002"


LONG = "\u202e" * (bounds.LONGEST + 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("givenName", LONG),
        ("email", {"a": [LONG]}),
        ("sourcedId", LONG),
        ("grades", ["07", LONG]),
        ("roles", [{"role": LONG}]),
        ("agents", [{"sourcedId": LONG}]),
        ("agents", ["a"] * (bounds.ENTRIES + 1)),
        ("roles", [{"role": "student"}] * (bounds.ENTRIES + 1)),
    ],
    ids=["name", "deep", "id", "a grade", "a role", "an agent", "agents", "roles"],
)
def test_a_record_beyond_reason_is_rejected_and_the_others_are_not(field: str, value: object) -> None:
    users: list[dict[str, object]] = [
        {"sourcedId": f"u{number}", "role": "student", "x": "y" * 1000} for number in range(2000)
    ]
    users[7] |= {"roles": [{"role": "student"}], field: value}
    rows = Codec("1.2").read(Kind.USERS, json.dumps({"users": users}).encode())
    assert rows is not None
    rejected = rows[7].rejection
    assert rejected is not None
    assert (rejected.code, rejected.field) == ("RS-DATA-001", field)
    assert len(rows[7].sourced_id) < 200
    assert rejected.schools == ()


def test_what_nobody_reads_may_be_as_long_as_it_likes() -> None:
    user = {"sourcedId": "u", "roles": [{"role": "student"}], "metadata": {"photo": "A" * 2 * 1024 * 1024}}
    rows = Codec("1.2").read(Kind.USERS, json.dumps({"users": [user]}).encode())
    assert rows is not None
    assert rows[0].record is not None
