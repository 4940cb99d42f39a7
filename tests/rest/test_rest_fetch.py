"""Whole fetches: complete or not at all, in full where the server cannot be trusted with a filter."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from rostersync.errors import Fatal, SourceError
from rostersync.model.kind import Coverage, Kind
from rostersync.sources.base import Batch, Request, Started
from rostersync.sources.rest import RestSource
from rostersync.sources.rest.ahead import Ahead
from rostersync.sources.rest.failures import FetchOver
from rostersync.sources.rest.reply import Reply
from tests.rest.rest_api import NOW, ROOT, Api, fetch, org, orgs, settings

Make = Callable[..., RestSource]
Handler = Callable[[httpx.Request], httpx.Response]

SINCE = "2026-11-01T12:00:00.000Z"
NEW = "2026-11-02T00:00:00.000Z"


def params(api: Api) -> list[dict[str, str]]:
    return [dict(request.url.params) for request in api.requests]


def offsets(api: Api) -> list[int]:
    return [int(request.url.params["offset"]) for request in api.requests]


def answering(status: int, **kept: Any) -> Handler:  # noqa: ANN401
    return lambda _request: httpx.Response(status, **kept)


def test_pages_are_asked_for_in_order_of_their_ids(source_of: Make) -> None:
    api = Api(orgs(4))
    fetch(source_of(orgs=api, page_size=3, concurrency=1))
    assert params(api) == [
        {"limit": "3", "offset": "0", "sort": "sourcedId", "orderBy": "asc"},
        {"limit": "3", "offset": "3", "sort": "sourcedId", "orderBy": "asc"},
    ]


TOTALS: list[Callable[[int], int | str | None]] = [
    lambda count: count,
    lambda _count: None,
    lambda _count: 0,
    lambda _count: -1,
    lambda _count: "many",
]
LINKS: list[Callable[[int, bool], str | None]] = [
    lambda _offset, _last: None,
    lambda _offset, last: '<x>; rel="first"' if last else '</orgs?offset=1>; rel="next"',
    lambda offset, _last: f'<{ROOT}/orgs?offset={offset}>; rel="next"',
    lambda _offset, _last: '<https://inner.example.org/orgs>; rel="next"',
]


@pytest.mark.parametrize("total", TOTALS, ids=range(len(TOTALS)))
@pytest.mark.parametrize("link", LINKS, ids=range(len(LINKS)))
@pytest.mark.parametrize("clamp", [7, 1000])
@pytest.mark.parametrize("count", [0, 1, 20, 33])
def test_every_row_comes_whatever_total_and_links_say(
    source_of: Make,
    total: Callable[[int], int | str | None],
    link: Callable[[int, bool], str | None],
    clamp: int,
    count: int,
) -> None:
    rows = orgs(count)[::-1]
    fetched = fetch(source_of(orgs=Api(rows, clamp=clamp, total=total, link=link), concurrency=3))
    assert fetched.ids() == [row["sourcedId"] for row in rows]
    assert fetched.coverage == {Kind.ORGS: Coverage.FULL}
    assert fetched.restarts == []


def test_a_link_to_another_origin_is_reported_once_and_not_followed(source_of: Make) -> None:
    api = Api(orgs(30), link=LINKS[3])
    fetched = fetch(source_of(orgs=api))
    assert fetched.codes == ["RS-NET-004"]
    assert {request.url.host for request in api.requests} == {"sis.example.org"}


@given(st.integers(0, 40), st.integers(1, 12), st.integers(1, 5), st.integers(1, 12))
def test_looking_ahead_changes_nothing(count: int, clamp: int, width: int, page_size: int) -> None:
    with respx.mock(assert_all_called=False) as router:
        router.get(f"{ROOT}/orgs").mock(side_effect=Api(orgs(count), clamp=clamp))
        source = RestSource(settings(concurrency=width, page_size=page_size), clock=lambda: NOW)
        assert fetch(source).ids() == [row["sourcedId"] for row in orgs(count)]
        source.close()


def test_pages_that_do_not_fit_are_thrown_away_and_asked_for_again(source_of: Make) -> None:
    api = Api(orgs(40))

    def uneven(request: httpx.Request) -> httpx.Response:
        api.clamp = 3 if request.url.params["offset"] == "10" else 10
        return api(request)

    fetched = fetch(source_of(orgs=uneven, concurrency=4))
    assert fetched.ids() == [row["sourcedId"] for row in orgs(40)]
    assert 13 in offsets(api)


def test_a_batch_says_the_total(source_of: Make) -> None:
    source = source_of(orgs=Api(orgs(15)))
    batches = [event for event in source.fetch(Request((Kind.ORGS,))) if isinstance(event, Batch)]
    assert [(len(batch.rows), batch.total) for batch in batches] == [(10, 15), (5, 15)]


@pytest.mark.parametrize("refused", ["sort", "orderBy", "limit"])
def test_refused_parameters_are_left_out_from_then_on(source_of: Make, refused: str) -> None:
    api = Api(orgs(250), refused=frozenset({refused}))
    fetched = fetch(source_of(orgs=api, concurrency=1))
    assert len(fetched.ids()) == 250
    assert sum(refused in asked for asked in params(api)) == (2 if refused == "limit" else 1)


def test_a_server_that_refuses_everything(source_of: Make) -> None:
    with pytest.raises(Fatal, match="400") as caught:
        fetch(source_of(orgs=answering(400)))
    assert caught.value.code == "RS-SRC-001"


def growing(api: Api, until: int) -> Handler:
    """A row more with every request, until so many have been asked."""

    def handler(request: httpx.Request) -> httpx.Response:
        if len(api.requests) < until:
            api.rows = [*api.rows, org(f"z{len(api.requests)}")]
        return api(request)

    return handler


def test_a_total_that_moved_is_fetched_again_once(source_of: Make) -> None:
    api = Api(orgs(15))
    fetched = fetch(source_of(orgs=growing(api, 2), concurrency=1))
    assert fetched.restarts == [Kind.ORGS]
    assert len(fetched.ids()) == 17
    assert fetched.coverage == {Kind.ORGS: Coverage.FULL}


def test_a_total_that_keeps_moving_is_not_to_be_had(source_of: Make) -> None:
    with pytest.raises(Fatal, match="total changed") as caught:
        fetch(source_of(orgs=growing(Api(orgs(15)), 99), concurrency=1))
    assert caught.value.code == "RS-SRC-002"


def test_fewer_rows_than_the_total_are_not_to_be_had(source_of: Make) -> None:
    api = Api(orgs(15), total=lambda count: count + 3)
    with pytest.raises(Fatal, match="fewer rows") as caught:
        fetch(source_of(orgs=api))
    assert caught.value.code == "RS-SRC-002"
    assert offsets(api).count(0) == 2


def overlapping(api: Api) -> Handler:
    """Every page after the first begins a row too early, and there is no total."""

    def handler(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        return api(httpx.Request("GET", request.url.copy_set_param("offset", str(max(offset - 1, 0)))))

    return handler


def test_ids_that_repeat_are_accepted_when_both_fetches_have_the_same(source_of: Make) -> None:
    fetched = fetch(source_of(orgs=overlapping(Api(orgs(12), total=lambda _: None))))
    assert fetched.restarts == [Kind.ORGS]
    assert set(fetched.ids()) == {row["sourcedId"] for row in orgs(12)}


def test_ids_that_repeat_are_refused_when_the_fetches_differ(source_of: Make) -> None:
    api = Api(orgs(12), total=lambda _: None)

    def changing(request: httpx.Request) -> httpx.Response:
        api.rows = [*orgs(12), org(f"z{len(api.requests)}")]
        return overlapping(api)(request)

    with pytest.raises(Fatal, match="same ids") as caught:
        fetch(source_of(orgs=changing))
    assert caught.value.code == "RS-SRC-002"


def test_the_same_page_for_every_offset_is_a_loop(source_of: Make) -> None:
    def stuck(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"orgs": orgs(10)})

    with pytest.raises(Fatal, match="came again") as caught:
        fetch(source_of(orgs=stuck))
    assert caught.value.code == "RS-SRC-002"


def at_the_end(answer: httpx.Response) -> Handler:
    api = Api(orgs(10), total=lambda _: None)
    return lambda request: api(request) if request.url.params["offset"] == "0" else answer


@pytest.mark.parametrize("answer", [httpx.Response(204), httpx.Response(200, json={})], ids=["204", "{}"])
def test_after_a_good_page_nothing_is_the_end(source_of: Make, answer: httpx.Response) -> None:
    assert len(fetch(source_of(orgs=at_the_end(answer))).ids()) == 10


def test_204_as_the_first_page_is_an_empty_list(source_of: Make) -> None:
    fetched = fetch(source_of(orgs=answering(204)))
    assert (fetched.ids(), fetched.coverage) == ([], {Kind.ORGS: Coverage.FULL})


def test_an_empty_object_as_the_first_page_is_an_error(source_of: Make) -> None:
    with pytest.raises(Fatal, match="empty object") as caught:
        fetch(source_of(orgs=answering(200, json={})))
    assert caught.value.code == "RS-SRC-001"


def test_a_page_that_fails_later_makes_the_collection_incomplete(source_of: Make) -> None:
    with pytest.raises(Fatal, match="404 after 10 rows") as caught:
        fetch(source_of(orgs=at_the_end(httpx.Response(404))))
    assert caught.value.code == "RS-SRC-002"


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        (answering(404), "RS-SRC-003"),
        (answering(501), "RS-SRC-003"),
        (answering(403), "RS-AUTH-004"),
        (answering(500), "RS-NET-003"),
        (answering(418), "RS-SRC-001"),
        (answering(304), "RS-SRC-001"),
        (answering(200, text="<html>"), "RS-SRC-001"),
        (answering(200, json={"users": []}), "RS-SRC-001"),
        (answering(200, json=[]), "RS-SRC-001"),
        (Api(orgs(3), total=lambda _: 9), "RS-SRC-002"),
    ],
    ids=range(10),
)
def test_a_required_collection_fails_with_its_cause(source_of: Make, handler: Handler, code: str) -> None:
    with pytest.raises(Fatal) as caught:
        fetch(source_of(orgs=handler, retries=0))
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize(
    ("handler", "code", "cause"),
    [
        (answering(404), "RS-SRC-003", "404"),
        (answering(405), "RS-SRC-003", "405"),
        (answering(410), "RS-SRC-003", "410"),
        (answering(501), "RS-SRC-003", "501"),
        (answering(403), "RS-SRC-002", "RS-AUTH-004"),
        (answering(500), "RS-SRC-002", "RS-NET-003"),
        (answering(200, text="<html>"), "RS-SRC-002", "RS-SRC-001"),
        (Api(orgs(3), total=lambda _: 9, envelope="courses"), "RS-SRC-002", "fewer rows"),
    ],
    ids=range(8),
)
def test_an_optional_collection_is_none_with_its_cause(
    source_of: Make, handler: Handler, code: str, cause: str
) -> None:
    fetched = fetch(source_of(courses=handler, orgs=Api(orgs(1)), retries=0), Kind.COURSES, Kind.ORGS)
    assert fetched.coverage == {Kind.COURSES: Coverage.NONE, Kind.ORGS: Coverage.FULL}
    assert fetched.codes == [code]
    assert cause in fetched.found[0].message
    assert fetched.found[0].kind is Kind.COURSES
    assert Kind.COURSES not in fetched.rows


def unreachable(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


@pytest.mark.parametrize("handler", [answering(401), unreachable], ids=["401", "unreachable"])
def test_what_no_collection_escapes_ends_the_fetch_even_in_an_optional_one(source_of: Make, handler: Handler) -> None:
    with pytest.raises(FetchOver):
        fetch(source_of(courses=handler, orgs=Api(orgs(1)), retries=0), Kind.COURSES, Kind.ORGS)


# Delta


def changed(*new: int, count: int = 5) -> list[dict[str, Any]]:
    return [org(f"o{number}", dateLastModified=NEW) if number in new else org(f"o{number}") for number in range(count)]


def test_a_delta_asks_for_what_changed_and_nothing_else(source_of: Make) -> None:
    api = Api(changed(1, 3))
    fetched = fetch(source_of(orgs=api), since=SINCE)
    assert fetched.ids() == ["o1", "o3"]
    assert fetched.coverage == {Kind.ORGS: Coverage.DELTA}
    assert {asked["filter"] for asked in params(api)} == {f"dateLastModified>='{SINCE}'"}
    assert b"filter=dateLastModified%3E%3D" in api.requests[0].url.query


def test_an_empty_delta_is_believed_when_nothing_is_newer(source_of: Make) -> None:
    api = Api(changed())
    fetched = fetch(source_of(orgs=api), since=SINCE)
    assert (fetched.ids(), fetched.coverage, fetched.codes) == ([], {Kind.ORGS: Coverage.DELTA}, [])
    assert params(api)[-1] == {"limit": "1", "offset": "0", "sort": "dateLastModified", "orderBy": "desc"}


@pytest.mark.parametrize("answer", [httpx.Response(204), httpx.Response(200, json={})], ids=["204", "{}"])
def test_nothing_under_a_filter_is_an_empty_delta(source_of: Make, answer: httpx.Response) -> None:
    api = Api(changed())
    fetched = fetch(source_of(orgs=lambda asked: answer if "filter" in asked.url.params else api(asked)), since=SINCE)
    assert fetched.coverage == {Kind.ORGS: Coverage.DELTA}


def without_filter(answer: Callable[[Api, httpx.Request], httpx.Response]) -> tuple[Api, Handler]:
    api = Api(changed(2, 4))
    return api, lambda asked: answer(api, asked) if "filter" in asked.url.params else api(asked)


def ignoring(api: Api, asked: httpx.Request) -> httpx.Response:
    return api(httpx.Request("GET", re.sub("filter=[^&]*", "", str(asked.url))))


def undated(_api: Api, _asked: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"orgs": [org("o2", dateLastModified="lately")]})


DISHONEST: list[Callable[[Api, httpx.Request], httpx.Response]] = [
    ignoring,
    undated,
    lambda _api, _asked: httpx.Response(400),
    lambda _api, _asked: httpx.Response(422),
    lambda _api, _asked: httpx.Response(500),
    lambda _api, _asked: httpx.Response(200, text="<html>"),
    lambda _api, _asked: httpx.Response(200, json={"orgs": []}),
    lambda _api, _asked: httpx.Response(204),
    lambda _api, _asked: httpx.Response(200, json={"orgs": changed(2, 4)[2:3]}, headers={"X-Total-Count": "5"}),
]


@pytest.mark.parametrize("answer", DISHONEST, ids=range(len(DISHONEST)))
def test_a_filter_that_is_not_honored_means_a_full_fetch(
    source_of: Make, answer: Callable[[Api, httpx.Request], httpx.Response]
) -> None:
    _, handler = without_filter(answer)
    fetched = fetch(source_of(orgs=handler, retries=0), since=SINCE)
    assert fetched.ids() == ["o0", "o1", "o2", "o3", "o4"]
    assert fetched.coverage == {Kind.ORGS: Coverage.FULL}
    assert fetched.codes == ["RS-SRC-004"]
    assert fetched.found[0].severity == "info"


def test_an_empty_delta_that_cannot_be_verified_means_a_full_fetch(source_of: Make) -> None:
    api = Api(changed(), refused=frozenset({"sort"}))
    assert fetch(source_of(orgs=api), since=SINCE).coverage == {Kind.ORGS: Coverage.FULL}


def test_a_refused_filter_does_not_cost_the_order(source_of: Make) -> None:
    api, handler = without_filter(lambda _api, _asked: httpx.Response(400))
    fetch(source_of(orgs=handler), since=SINCE)
    assert params(api)[0]["sort"] == "sourcedId"


def test_collections_that_are_always_full_are_not_filtered(source_of: Make) -> None:
    api = Api(changed(1))
    fetched = fetch(source_of(orgs=api), since=SINCE, always_full=frozenset({Kind.ORGS}))
    assert fetched.coverage == {Kind.ORGS: Coverage.FULL}
    assert all("filter" not in asked for asked in params(api))


def test_a_missing_optional_collection_in_a_delta_is_reported_as_missing(source_of: Make) -> None:
    fetched = fetch(source_of(courses=answering(404)), Kind.COURSES, since=SINCE)
    assert fetched.codes == ["RS-SRC-003"]
    assert fetched.coverage == {Kind.COURSES: Coverage.NONE}


# The clock and the revision of the data


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("Sat, 21 Nov 2026 18:00:05 GMT", "2026-11-21T18:00:05.000Z"),
        ("Sat, 21 Nov 2026 20:00:05 +0200", "2026-11-21T18:00:05.000Z"),
        ("yesterday", None),
        ("", None),
    ],
)
def test_the_fetch_begins_with_the_servers_time(source_of: Make, date: str, time: str | None) -> None:
    fetched = fetch(source_of(orgs=Api(orgs(12), headers={"Date": date})))
    assert fetched.events[0] == Started(time)


def revised(api: Api, *changes: int) -> Handler:
    """The header x-perm-rev counts up at these requests."""

    def handler(request: httpx.Request) -> httpx.Response:
        api.headers = {"x-perm-rev": str(sum(len(api.requests) >= change for change in changes))}
        return api(request)

    return handler


def test_data_that_changed_once_is_fetched_again_from_the_start(source_of: Make) -> None:
    first, second = Api(orgs(3)), Api(orgs(25), envelope="courses")
    fetched = fetch(source_of(orgs=first, courses=revised(second, 1), concurrency=1), Kind.ORGS, Kind.COURSES)
    assert fetched.restarts == [None]
    assert (len(fetched.ids()), len(fetched.ids(Kind.COURSES))) == (3, 25)
    assert len(first.requests) == 4


def test_data_that_changed_twice_is_not_to_be_had(source_of: Make) -> None:
    with pytest.raises(SourceError, match="x-perm-rev") as caught:
        fetch(source_of(orgs=revised(Api(orgs(25)), 1, 3), concurrency=1))
    assert caught.value.code == "RS-SRC-002"


def test_a_fetch_may_be_left_and_another_one_begun(source_of: Make) -> None:
    source = source_of(orgs=Api(orgs(95)), concurrency=4)
    events = source.fetch(Request((Kind.ORGS,)))
    next(events)
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert len(fetch(source).ids()) == 95


def test_pages_under_way_are_bounded_and_dropped() -> None:
    asked: list[int] = []
    two, go = threading.Barrier(3), threading.Event()

    def ask(offset: int) -> Reply:
        asked.append(offset)
        if not go.is_set():
            two.wait(10)
            go.wait(10)
        return Reply(offset, httpx.Headers(), b"", ROOT)

    ahead = Ahead(2)
    ahead.plan(ask, range(0, 100, 10))
    two.wait(10)
    assert sorted(asked) == [0, 10], "as many requests at a time as were allowed"
    go.set()
    first = ahead.take(0)
    assert first is not None
    assert first.status == 0
    assert ahead.take(30) is not None
    assert ahead.take(40) is None, "as many again may wait, and no more"
    assert ahead.take(10) is None, "all were thrown away"
    assert set(asked) == {0, 10, 20, 30}
    ahead.close()
