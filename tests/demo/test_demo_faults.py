"""Every fault does what it says, to the requests that it is limited to and to no other."""

from __future__ import annotations

import gzip
import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from rostersync.demo import District, Server, faults
from rostersync.demo.faults import Fault
from tests.demo.demo_get import Get


def rows(response: httpx.Response) -> list[dict[str, object]]:
    found: list[dict[str, object]] = next(value for value in response.json().values() if isinstance(value, list))
    return found


def ids(response: httpx.Response) -> list[object]:
    return [row["sourcedId"] for row in rows(response)]


def user(get: Get, version: str, sourced_id: str = "stu-0001") -> dict[str, object]:
    found: dict[str, object] = get(version, f"users/{sourced_id}").json()["user"]
    return found


def test_every_fault_is_exported_and_tested() -> None:
    kinds = {name for name in faults.__all__ if name not in ("Fault", "Faults")}
    ours = (kind for kind in subclasses(Fault) if kind.__module__.startswith("rostersync."))
    defined = {kind.__name__ for kind in ours} - {"RecordFault"}
    assert defined == kinds


def subclasses(kind: type[Fault]) -> list[type[Fault]]:
    return [one for sub in kind.__subclasses__() for one in (sub, *subclasses(sub))]


def test_faults_are_limited_to_collections(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.Fail(404, on=["courses", "schools/classes"]))
    assert get(version, "courses").status_code == 404
    assert get(version, "courses/crs-mat-kg").status_code == 404
    assert get(version, "schools/sch-01/classes").status_code == 404
    assert get(version, "classes").status_code == 200


def test_faults_are_limited_to_request_numbers(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.Fail(500, requests={2}), faults.NoTotal(requests=range(3, 5)))
    assert [get(version, "orgs").status_code for _ in range(3)] == [200, 500, 200]
    assert get(version, "courses").status_code == 200
    assert "x-total-count" not in get(version, "orgs").headers
    assert "x-total-count" in get(version, "orgs").headers


def test_faults_may_be_added_and_cleared_while_the_server_runs(server: Server, get: Get) -> None:
    server.faults.add(faults.NoLink())
    server.faults.add(faults.NoTotal())
    assert [type(fault) for fault in server.faults] == [faults.NoLink, faults.NoTotal]
    assert not {"link", "x-total-count"} & set(get("1.1", "orgs", limit=1).headers)
    server.faults.clear()
    assert {"link", "x-total-count"} <= set(get("1.1", "orgs", limit=1).headers)


def test_a_fault_has_no_memory(server: Server, get: Get) -> None:
    fault = faults.Fail(503, times=1)
    for _ in range(2):
        server.faults.set(fault)
        assert [get("1.1", "orgs").status_code for _ in range(2)] == [503, 200]


@pytest.mark.parametrize(
    ("fault", "totals"),
    [
        (faults.NoTotal(), [None, None]),
        (faults.Total(0), ["0", "0"]),
        (faults.Total(-1), ["-1", "-1"]),
        (faults.TotalTooLarge(5), ["11", "11"]),
        (faults.TotalMoves(2), ["6", "8"]),
    ],
)
def test_totals(server: Server, get: Get, version: str, fault: Fault, totals: list[str | None]) -> None:
    server.faults.set(fault)
    pages = [get(version, "orgs") for _ in totals]
    assert [page.headers.get("x-total-count") for page in pages] == totals
    assert len(rows(pages[0])) == 6


def test_clamped_limit(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.ClampLimit(4))
    page = get(version, "orgs", limit=1000)
    assert len(rows(page)) == 4
    assert "offset=4" in page.links["next"]["url"]
    assert len(rows(get(version, "orgs", limit=1000, offset=4))) == 2
    assert get(version, "orgs/sch-01").status_code == 200


def test_pages_that_are_not_what_was_asked(server: Server, get: Get, version: str, district: District) -> None:
    order = list(district.orgs)
    server.faults.set(faults.SamePage())
    assert ids(get(version, "orgs", limit=2, offset=2)) == order[:2]
    server.faults.set(faults.ShiftPages(-1))
    assert ids(get(version, "orgs", limit=2)) == order[:2]
    assert ids(get(version, "orgs", limit=2, offset=2)) == order[1:3]
    server.faults.set(faults.ShiftPages(1))
    assert ids(get(version, "orgs", limit=2, offset=2)) == order[3:5]
    server.faults.set(faults.UnstableOrder(1))
    assert ids(get(version, "orgs", limit=3)) == order[:3]
    assert ids(get(version, "orgs", limit=3, offset=3)) == [*order[4:6], order[0]]


def test_links(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.NoLink())
    assert "link" not in get(version, "orgs", limit=2).headers
    server.faults.set(faults.NextOnLastPage())
    assert "next" in get(version, "orgs", limit=2, offset=4).links
    server.faults.set(faults.RelativeNext())
    assert get(version, "orgs", limit=2).links["next"]["url"].startswith("/ims/oneroster/")
    server.faults.set(faults.NextElsewhere("http://inside.example.org"))
    assert get(version, "orgs", limit=2).links["next"]["url"].startswith("http://inside.example.org/ims/")
    server.faults.set(faults.NextDropsFilter())
    found = get(version, "orgs", limit=2, filter="type='school'").links["next"]["url"]
    assert found.endswith("?limit=2&offset=2")


def test_orders(server: Server, get: Get, version: str, district: District) -> None:
    order = sorted(district.orgs)
    server.faults.set(faults.DescendingByDefault())
    assert ids(get(version, "orgs")) == order[::-1]
    assert ids(get(version, "orgs", sort="sourcedId")) == order[::-1]
    assert ids(get(version, "orgs", sort="sourcedId", orderBy="asc")) == order
    server.faults.set(faults.SortNeedsOrderBy())
    assert get(version, "orgs", sort="sourcedId").status_code == 400
    assert ids(get(version, "orgs", sort="sourcedId", orderBy="asc")) == order
    server.faults.set(faults.SortIgnored())
    assert ids(get(version, "orgs", sort="sourcedId", orderBy="desc")) == list(district.orgs)
    server.faults.set(faults.OrderByIgnored())
    assert ids(get(version, "orgs", sort="sourcedId", orderBy="desc")) == order


@pytest.mark.parametrize("name", ["limit", "offset", "sort", "orderBy", "filter", "fields"])
def test_refused_parameters(server: Server, get: Get, version: str, name: str) -> None:
    server.faults.set(faults.RefuseParameters([name]))
    asked = {"limit": "1", "offset": "1", "sort": "name", "orderBy": "asc", "filter": "type='school'", "fields": "name"}
    assert get(version, "orgs", **asked).status_code == 400
    assert get(version, "orgs", **{key: value for key, value in asked.items() if key != name}).status_code == 200


def test_filters(server: Server, get: Get, version: str) -> None:
    asked = {"filter": "type='school'"}
    server.faults.set(faults.FilterIgnored())
    assert len(rows(get(version, "orgs", **asked))) == 6
    server.faults.set(faults.FilterRefused(403))
    assert get(version, "orgs", **asked).status_code == 403
    assert get(version, "orgs").status_code == 200
    server.faults.set(faults.FilterFindsNothing())
    assert (rows(get(version, "orgs", **asked)), len(rows(get(version, "orgs")))) == ([], 6)


def test_filter_as_text(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.FilterAsText())
    assert len(rows(get(version, "orgs", filter="dateLastModified='2026-08-01T06:00:00.000Z'"))) == 6
    assert rows(get(version, "orgs", filter="dateLastModified='2026-08-01T06:00:00Z'")) == []
    assert rows(get(version, "orgs", filter="dateLastModified>='2026-08-01T06:00:00Z'")) == []


@pytest.mark.parametrize(("path", "name"), [("users", "students"), ("orgs", "schools"), ("academicSessions", "terms")])
def test_envelopes_of_another_name(server: Server, get: Get, version: str, path: str, name: str) -> None:
    server.faults.set(faults.EnvelopeNamed())
    assert list(get(version, path).json()) == [name]
    server.faults.set(faults.EnvelopeNamed("teachers"))
    assert list(get(version, path).json()) == ["teachers"]


def test_documents(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.ExtraKeys())
    document = get(version, "orgs").json()
    assert len(document) > 3
    assert len(document["orgs"]) == document["totalCount"] == 6
    server.faults.set(faults.BareArray())
    assert len(get(version, "orgs").json()) == 6
    assert isinstance(get(version, "orgs").json(), list)
    server.faults.set(faults.EnvelopeMissing())
    assert list(get(version, "orgs").json()) == ["data"]
    server.faults.set(faults.EmptyObject())
    assert get(version, "orgs", offset=100).json() == {}
    assert len(rows(get(version, "orgs"))) == 6


def test_bodies_that_are_no_json(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.Html())
    page = get(version, "orgs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.text.startswith("<!DOCTYPE html>")
    server.faults.set(faults.NotJson())
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        get(version, "orgs").json()
    server.faults.set(faults.NoContent())
    empty = get(version, "orgs", offset=100)
    assert (empty.status_code, empty.content) == (204, b"")
    assert get(version, "orgs").status_code == 200


@pytest.mark.parametrize(
    ("shape", "start"),
    [
        ("errors", '{"errors":[{"codeMajor":"failure"'),
        ("root", '{"codeMajor":"failure"'),
        ("capital", '{"CodeMajor":"failure"'),
        ("wrapped", '{"imsx_StatusInfo":{'),
        ("text", "there is no org nobody"),
        ("html", "<html>"),
        ("empty", ""),
    ],
)
def test_error_bodies(server: Server, get: Get, version: str, shape: str, start: str) -> None:
    server.faults.set(faults.ErrorShape(shape))
    response = get(version, "orgs/nobody")
    assert response.status_code == 404
    assert response.text.startswith(start)
    assert bool(response.text) == bool(start)
    assert len(rows(get(version, "orgs"))) == 6


def test_flat_objects(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.FlatObjects())
    row = get(version, "classes/cls-0001").json()["class"]
    assert (row["schoolSourcedId"], row["courseSourcedId"], row["termSourcedIds"]) == (
        "sch-01",
        "crs-hr-kg",
        "ses-2026",
    )
    assert not {"school", "course", "terms"} & set(row)
    enrollment = get(version, "enrollments/enr-000001").json()["enrollment"]
    assert (enrollment["userSourcedId"], enrollment["classSourcedId"]) == ("stu-0001", "cls-0001")
    if version == "1.1":
        assert user(get, version, "tch-0009")["orgSourcedIds"] == "sch-02,sch-03"


def test_records_in_other_forms(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.GradesAsText())
    assert user(get, version)["grades"] == "KG"
    server.faults.set(faults.JsonBooleans())
    assert user(get, version)["enabledUser"] is True
    assert user(get, version, "stu-0008")["enabledUser"] is False
    server.faults.set(faults.ExplicitNulls())
    assert user(get, version)["sms"] is None
    assert user(get, version)["grades"] == ["KG"]
    server.faults.set(faults.EmptyStrings())
    assert user(get, version)["sms"] == ""
    server.faults.set(faults.RelativeHrefs())
    href = get(version, "classes/cls-0001").json()["class"]["school"]["href"]
    assert href.startswith("~/ims/oneroster/")


def test_dates_in_other_forms(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.DateTimesForDates())
    row = get(version, "academicSessions/ses-2026").json()["academicSession"]
    assert row["startDate"] == "2026-08-15T00:00:00.000Z"
    server.faults.set(faults.DatesWithOffset())
    row = get(version, "academicSessions/ses-2026").json()["academicSession"]
    assert row["endDate"] == "2027-06-15T00:00:00-05:00"
    assert row["dateLastModified"] == "2026-08-01T06:00:00.000+00:00"
    server.faults.set(faults.SchoolYearAsNumber())
    assert get(version, "academicSessions/ses-2026").json()["academicSession"]["schoolYear"] == 2027
    assert get(version, "courses/crs-mat-kg").json()["course"]["schoolYear"]["sourcedId"] == "ses-2026"
    server.faults.set(faults.SchoolYearAsSpan())
    assert get(version, "academicSessions/ses-2026").json()["academicSession"]["schoolYear"] == "2026-2027"


def test_capital_roles(server: Server, get: Get) -> None:
    server.faults.set(faults.CapitalRoles())
    assert user(get, "1.1")["role"] == "Student"
    roles = user(get, "1.2", "stf-0006")["roles"]
    assert isinstance(roles, list)
    assert [role["role"] for role in roles] == ["Principal"]
    assert get("1.2", "enrollments/enr-000001").json()["enrollment"]["role"] == "Student"


@pytest.mark.parametrize("status", [403, 404, 429, 500, 502, 503])
def test_failures(server: Server, get: Get, version: str, status: int) -> None:
    server.faults.set(faults.Fail(status))
    assert [get(version, "orgs").status_code for _ in range(2)] == [status, status]
    assert "retry-after" not in get(version, "orgs").headers


def test_storms_pass(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.Fail(429, times=2, retry_after=7))
    stormy = [get(version, path) for path in ("orgs", "courses", "orgs", "courses", "orgs", "courses")]
    assert [page.status_code for page in stormy] == [429, 429, 429, 429, 200, 200]
    assert stormy[0].headers["retry-after"] == "7"


def test_broken_connections(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.Cut(0.5, requests={1}))
    with pytest.raises(httpx.RemoteProtocolError):
        get(version, "orgs")
    assert get(version, "orgs").status_code == 200
    server.faults.set(faults.Cut(0, requests={1}))
    with pytest.raises(httpx.RemoteProtocolError):
        get(version, "orgs")


def test_slow_replies(server: Server, get: Get, version: str) -> None:
    for fault in (faults.Slow(0.15), faults.Drip(0.0015)):
        server.faults.set(fault)
        began = time.monotonic()
        assert len(rows(get(version, "orgs"))) == 6
        assert time.monotonic() - began >= 0.14


def test_redirects(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.Redirect())
    first = get(version, "orgs", filter="type='school'")
    assert (first.status_code, len(first.content)) == (307, 0)
    assert first.headers["location"].startswith(server.base(version))
    assert len(rows(get.url(first.headers["location"]))) == 4
    server.faults.set(faults.Redirect("http://elsewhere.example.org", status=302))
    moved = get(version, "orgs")
    assert (moved.status_code, moved.headers["location"][:29]) == (302, "http://elsewhere.example.org/")
    server.faults.set(faults.Redirect(loop=True))
    assert get.url(get(version, "orgs").headers["location"]).status_code == 307


def test_compression(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.Gzip())
    response = get(version, "orgs")
    assert response.headers["content-encoding"] == "gzip"
    assert len(rows(response)) == 6
    plain = get.client.get(f"{server.base(version)}/orgs", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    server.faults.set(faults.Inflated(2))
    with get.client.stream("GET", f"{server.base(version)}/orgs") as stream:
        body = b"".join(stream.iter_raw())
    assert len(body) < 20_000
    assert len(gzip.decompress(body)) > 2 << 20


def test_headers(server: Server, get: Get, version: str) -> None:
    server.faults.set(faults.PermRev(2))
    revisions = [get(version, path).headers["x-perm-rev"] for path in ("orgs", "users", "orgs", "users")]
    assert revisions == ["1", "1", "2", "2"]
    server.clock = lambda: 1_795_284_000.0
    server.faults.set(faults.WrongClock(7200))
    assert parsedate_to_datetime(get(version, "orgs").headers["date"]).timestamp() == 1_795_284_000 + 7200
    server.faults.set(faults.WrongClock(None))
    assert "date" not in get(version, "orgs").headers


def test_sticky_cookies(server: Server, version: str) -> None:
    server.faults.set(faults.StickyCookie())
    url = f"{server.base(version)}/orgs"
    with httpx.Client() as keeps, httpx.Client() as loses:
        assert [keeps.get(url).status_code for _ in range(3)] == [200, 200, 200]
        assert loses.get(url).status_code == 401
