"""What `check` finds out about a server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from rostersync.model.kind import Kind
from rostersync.sources.base import Probe
from rostersync.sources.rest import OAuth2, RestSource
from tests.rest.rest_api import NOW, TOKEN_URL, Api, orgs

Make = Callable[..., RestSource]

DATE = "Sat, 21 Nov 2026 18:00:00 GMT"


def probe(source: RestSource, *collections: Kind) -> dict[str, Probe]:
    return {found.name: found for found in source.probe(collections or (Kind.ORGS,))}


def detail(found: Probe) -> dict[str, object]:
    assert found.detail is not None
    return found.detail


def test_a_good_server_passes(source_of: Make) -> None:
    found = probe(source_of(orgs=Api(orgs(9), headers={"Date": DATE})))
    assert list(found) == ["token", "orgs", "clock"]
    assert all(one.ok and not one.hint for one in found.values())
    assert detail(found["orgs"]) == {
        "rows": 2, "total": 9, "ends_by": "total", "limit": True, "sort": True, "filter": True,
    }  # fmt: skip
    assert detail(found["clock"]) == {"skew_seconds": 0}


def test_it_asks_for_little(source_of: Make) -> None:
    api = Api(orgs(900))
    probe(source_of(orgs=api))
    assert len(api.requests) <= 5
    assert all(int(request.url.params["limit"]) <= 2 for request in api.requests)


def ignoring(*names: str) -> Callable[[httpx.Request], httpx.Response]:
    api = Api(orgs(9)[::-1])

    def handler(request: httpx.Request) -> httpx.Response:
        url = request.url
        for name in names:
            url = url.copy_remove_param(name)
        return api(httpx.Request("GET", url))

    return handler


@pytest.mark.parametrize("name", ["limit", "filter"])
def test_what_a_server_ignores_is_seen(source_of: Make, name: str) -> None:
    found = probe(source_of(orgs=ignoring(name)))["orgs"]
    assert detail(found)[name] is False
    assert name in found.message
    assert found.ok


def test_rows_out_of_order_are_seen(source_of: Make) -> None:
    assert detail(probe(source_of(orgs=Api(orgs(9)[::-1])))["orgs"])["sort"] is False


def test_a_filter_that_finds_nothing_at_all_is_seen(source_of: Make) -> None:
    api = Api(orgs(9))
    empty = httpx.Response(200, json={"orgs": []})
    found = probe(source_of(orgs=lambda asked: empty if "filter" in asked.url.params else api(asked)))
    assert detail(found["orgs"])["filter"] is False


@pytest.mark.parametrize("refused", ["sort", "limit", "filter"])
def test_a_server_that_refuses_parameters_is_still_read(source_of: Make, refused: str) -> None:
    found = probe(source_of(orgs=Api(orgs(9), refused=frozenset({refused}))))["orgs"]
    assert found.ok
    assert detail(found)[refused] is False


@pytest.mark.parametrize(
    ("total", "link", "ends_by"),
    [
        (9, None, "total"),
        (None, '<x>; rel="next"', "link"),
        (0, None, "empty page"),
        (None, '<x>; rel="first"', "empty page"),
    ],
)
def test_how_the_end_is_told(source_of: Make, total: int | None, link: str | None, ends_by: str) -> None:
    api = Api(orgs(9), total=lambda _: total, link=lambda _offset, _last: link)
    assert detail(probe(source_of(orgs=api))["orgs"])["ends_by"] == ends_by


def test_a_failing_collection_does_not_hide_the_others(source_of: Make) -> None:
    source = source_of(courses=lambda _: httpx.Response(404), orgs=Api(orgs(1)), users=lambda _: httpx.Response(403))
    found = probe(source, Kind.COURSES, Kind.USERS, Kind.ORGS)
    assert [(one.ok, one.code) for one in found.values()] == [
        (True, None), (False, "RS-SRC-003"), (False, "RS-AUTH-004"), (True, None), (True, None),
    ]  # fmt: skip
    assert found["courses"].hint


def test_nothing_is_tried_without_a_token(source_of: Make, mocked: object) -> None:
    del mocked
    source = source_of(orgs=Api(orgs(1)), auth=OAuth2(TOKEN_URL.replace("https", "http"), "id", "secret"))
    found = probe(source)
    assert list(found) == ["token"]
    assert found["token"].code == "RS-NET-002"


def test_a_401_ends_the_probe(source_of: Make) -> None:
    found = probe(source_of(orgs=lambda _: httpx.Response(401), courses=Api([])), Kind.ORGS, Kind.COURSES)
    assert list(found) == ["token", "orgs"]
    assert found["orgs"].code == "RS-AUTH-003"


@pytest.mark.parametrize(("minutes", "warned"), [(4, False), (-4, False), (6, True), (-6, True)])
def test_a_clock_that_is_off_is_worth_a_word(source_of: Make, minutes: int, warned: bool) -> None:  # noqa: FBT001
    ours = NOW + timedelta(minutes=minutes)
    found = probe(source_of(orgs=Api(orgs(1), headers={"Date": DATE}), clock=lambda: ours))["clock"]
    assert found.ok
    assert bool(found.hint) is warned
    assert detail(found)["skew_seconds"] == -minutes * 60


def test_a_server_without_a_clock(source_of: Make) -> None:
    assert detail(probe(source_of(orgs=Api(orgs(1))))["clock"]) == {"skew_seconds": None}
