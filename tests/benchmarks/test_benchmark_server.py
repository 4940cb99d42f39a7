"""The page server of the benchmarks sends what was rendered, as a OneRoster server would."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from benchmarks import floor, pages
from benchmarks.district import CHANGED_AT, FIRST_DAY, SECOND_DAY, District
from benchmarks.serving import Sent, Serving, serving

STUDENTS = 500
BEFORE, AFTER = "2026-10-01T01:00:00.000Z", "2026-10-02T01:00:00.000Z"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a small district."""
    return pages.prepare(tmp_path_factory.mktemp("pages"), STUDENTS, "1.1")


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Serving]:
    """A server of them."""
    with serving(folder, "1.1") as server:
        yield server


@pytest.fixture
def server(running: Serving) -> Serving:
    """The server on the first day, without a delay."""
    running.control(day=FIRST_DAY, delay=0)
    return running


def get(server: Serving, target: str) -> tuple[HTTPResponse, Any]:
    """Ask the server; gives its answer and the rows in it."""
    with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
        connection.request("GET", target if target.startswith("/") else f"/ims/oneroster/v1p1/{target}")
        answer = connection.getresponse()
        body = answer.read()
        return answer, next(iter(json.loads(body).values())) if body else None


def since(stamp: str) -> str:
    """A filter by date as rostersync sends it."""
    return "&filter=" + quote(f"dateLastModified>='{stamp}'")


def test_the_pages_of_a_collection_are_all_its_rows_with_total_and_link(server: Serving) -> None:
    district, got, links = District(STUDENTS), list[str](), list[str | None]()
    for offset in range(0, district.enrollments, 1000):
        answer, rows = get(server, f"enrollments?limit=1000&offset={offset}&sort=sourcedId&orderBy=asc")
        got += [row["sourcedId"] for row in rows]
        links.append(answer.getheader("Link"))
        assert int(answer.headers["X-Total-Count"]) == len(list(district.rows("enrollments", FIRST_DAY)))
    assert got == [row.sourced_id for row in district.rows("enrollments", FIRST_DAY)]
    here = (
        f"<http://127.0.0.1:{server.port}/ims/oneroster/v1p1/enrollments?limit=1000&sort=sourcedId&orderBy=asc&offset="
    )
    assert links == [f'{here}{offset}>; rel="next"' for offset in (1000, 2000, 3000)] + [None]


def test_behind_the_last_row_is_an_empty_page(server: Serving) -> None:
    answer, rows = get(server, "orgs?limit=1000&offset=2")
    assert rows == []
    assert answer.headers["X-Total-Count"] == "2"


def test_the_filter_gives_the_changes_once_the_day_has_come(server: Serving) -> None:
    assert get(server, f"users?limit=1000&offset=0{since(BEFORE)}")[1] == []
    server.control(day=SECOND_DAY)
    rows = get(server, f"users?limit=1000&offset=0{since(BEFORE)}")[1]
    assert [row["sourcedId"] for row in rows] == [
        row.sourced_id for row in District(STUDENTS).rows("users", SECOND_DAY, changed=True)
    ]
    assert {row["dateLastModified"] for row in rows} == {CHANGED_AT}
    assert get(server, f"users?limit=1000&offset=0{since(AFTER)}")[1] == []


def test_the_clock_of_the_server_stands_before_and_after_the_changes(server: Serving) -> None:
    assert get(server, "orgs?limit=1000&offset=0")[0].headers["Date"] == "Thu, 01 Oct 2026 02:00:00 GMT"
    server.control(day=SECOND_DAY)
    assert get(server, "orgs?limit=1000&offset=0")[0].headers["Date"] == "Fri, 02 Oct 2026 02:00:00 GMT"


def test_one_row_can_be_asked_for_alone(server: Serving) -> None:
    rows = get(server, "users?limit=1&offset=0&sort=dateLastModified&orderBy=desc")[1]
    assert len(rows) == 1


def test_what_is_not_there_is_refused(server: Serving) -> None:
    assert get(server, "demographics?limit=1000&offset=0")[0].status == 404
    assert get(server, "users?limit=10&offset=0")[0].status == 400
    assert get(server, "users?limit=1000&offset=500")[0].status == 400


def test_a_delay_holds_up_one_request_and_no_other(server: Serving) -> None:
    server.control(delay=200)
    began = time.monotonic()
    with ThreadPoolExecutor(10) as threads:
        found = list(threads.map(lambda _: len(get(server, "orgs?limit=1000&offset=0")[1]), range(10)))
    took = time.monotonic() - began
    assert found == [2] * 10
    assert 0.2 <= took < 2.0


def test_the_server_tells_what_it_has_sent(server: Serving, folder: Path) -> None:
    get(server, "orgs?limit=1000&offset=0")
    assert server.control() == Sent(1, pages.whole(folder)[0].ends[-1])
    assert server.control() == Sent(0, 0)


def test_the_whole_second_day_is_rendered_when_it_is_asked_for(tmp_path: Path) -> None:
    folder = pages.prepare(tmp_path, STUDENTS, "1.2")
    pages.second_day(folder, STUDENTS, "1.2")
    pages.second_day(folder, STUDENTS, "1.2")
    found = pages.read(folder)["users", pages.FULL, SECOND_DAY]
    begin, length = found.span(0)
    page = pages.file_of(folder, "users", pages.FULL, SECOND_DAY).read_bytes()[begin : begin + length]
    stamps = [row["dateLastModified"] for row in json.loads(page)["users"]]
    assert stamps.count(CHANGED_AT) == 10


def test_a_folder_is_rendered_once(folder: Path) -> None:
    before = (folder / "pages.json").stat().st_mtime_ns
    assert pages.prepare(folder.parent, STUDENTS, "1.1") == folder
    assert (folder / "pages.json").stat().st_mtime_ns == before


def test_curl_is_asked_for_every_page(folder: Path) -> None:
    assert len(floor.urls(folder, "http://127.0.0.1")) == sum(len(found.ends) for found in pages.whole(folder))
