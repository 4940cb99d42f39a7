"""The client: retries, redirects, limits, and that only our errors leave it."""

from __future__ import annotations

import gzip
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

import rostersync
from rostersync.errors import Fatal, Retriable, SourceError
from rostersync.sources.rest import Bearer, OAuth2, RestSource
from rostersync.sources.rest.client import Client, _no_connection
from rostersync.sources.rest.failures import FetchOver
from rostersync.sources.rest.inflate import Body
from rostersync.sources.rest.opening import bare
from rostersync.sources.rest.pace import RateLimit, retry_after
from rostersync.sources.rest.reply import Reply
from tests.rest.rest_api import NOW, ROOT, Api, fetch, orgs, settings

Make = Callable[..., RestSource]
Handler = Callable[[httpx.Request], httpx.Response]
Answer = httpx.Response | Exception


def failing(*answers: Answer) -> tuple[Api, Callable[[httpx.Request], httpx.Response]]:
    """A collection that gives these answers before it works."""
    api, left = Api(orgs(3)), iter(answers)

    def handler(request: httpx.Request) -> httpx.Response:
        answer = next(left, None)
        if isinstance(answer, Exception):
            raise answer
        return api(request) if answer is None else answer

    return api, handler


@pytest.mark.parametrize(
    "answer",
    [
        *(httpx.Response(status) for status in (408, 425, 429, 500, 502, 503, 504)),
        httpx.Response(429, text="slow down", headers={"Retry-After": "1"}),
        httpx.ReadError("reset"),
        httpx.ConnectTimeout("slow"),
        httpx.RemoteProtocolError("gone"),
        httpx.ConnectError("refused"),
    ],
)
def test_what_may_pass_is_tried_again(source_of: Make, answer: Answer) -> None:
    _, handler = failing(answer, answer)
    assert len(fetch(source_of(orgs=handler, retries=2)).ids()) == 3


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(503), "RS-NET-003"),
        (httpx.ReadTimeout("slow"), "RS-NET-003"),
        (httpx.ReadError("reset"), "RS-NET-003"),
        (httpx.ConnectError("refused"), "RS-NET-001"),
        (httpx.ProxyError("no"), "RS-NET-003"),
    ],
)
def test_what_does_not_pass_is_reported_after_the_retries(source_of: Make, answer: Answer, code: str) -> None:
    seen, handler = failing(answer, answer, answer)
    with pytest.raises(SourceError) as caught:
        fetch(source_of(orgs=handler, retries=2))
    assert caught.value.code == code
    assert not isinstance(caught.value, Retriable)
    assert not seen.requests


def test_a_retry_after_beyond_five_minutes_is_a_failure(source_of: Make) -> None:
    _, handler = failing(httpx.Response(429, headers={"Retry-After": "301"}))
    with pytest.raises(SourceError, match="301 seconds") as caught:
        fetch(source_of(orgs=handler))
    assert caught.value.code == "RS-NET-003"


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("Sat, 21 Nov 2026 18:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 17:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-3", None),
        ("9" * 400, 999_999_999.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, pause: float | None) -> None:
    assert retry_after(header, lambda: NOW) == pause


def test_the_pause_that_the_server_asks_for_is_taken() -> None:
    client = Client(settings(deadline=60.0), lambda: NOW)
    assert client._again(Retriable("RS-NET-003", "busy", retry_after=7.0)) == 7.0
    assert client._again(Retriable("RS-NET-003", "busy")) is True
    assert client._again(Retriable("RS-NET-003", "busy", retry_after=61.0)) is False
    assert client._again(ValueError()) is False
    client.close()


def test_the_deadline_ends_the_whole_fetch(source_of: Make) -> None:
    def slow(_request: httpx.Request) -> httpx.Response:
        time.sleep(0.05)
        return httpx.Response(503)

    with pytest.raises(FetchOver, match="deadline") as caught:
        fetch(source_of(orgs=slow, deadline=0.02, retries=9))
    assert caught.value.code == "RS-NET-003"


class Dribble(httpx.SyncByteStream):
    """A body that never ends soon."""

    def __iter__(self) -> Iterator[bytes]:
        """Come in drops."""
        for _ in range(200):
            time.sleep(0.01)
            yield b" "


def test_one_request_has_its_time_as_a_whole(source_of: Make) -> None:
    started = time.monotonic()
    with pytest.raises(SourceError, match="did not answer in time") as caught:
        fetch(source_of(orgs=lambda _: httpx.Response(200, stream=Dribble()), timeout=0.05, retries=1))
    assert caught.value.code == "RS-NET-003"
    assert time.monotonic() - started < 1


def test_redirects_within_the_origin_are_followed(source_of: Make, mocked: respx.MockRouter) -> None:
    api = Api(orgs(3))
    mocked.get("https://sis.example.org/moved").mock(side_effect=api)

    def away(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": f"/moved?{request.url.query.decode()}"})

    assert len(fetch(source_of(orgs=away, auth=Bearer("tok"))).ids()) == 3
    assert {request.headers["Authorization"] for request in api.requests} == {"Bearer tok"}


@pytest.mark.parametrize(
    "target", ["https://evil.example.org/orgs", "https://sis.example.org:8443/orgs", "http://sis.example.org/orgs"]
)
def test_redirects_to_another_origin_are_refused(source_of: Make, target: str) -> None:
    with pytest.raises(SourceError) as caught:
        fetch(source_of(orgs=lambda _: httpx.Response(301, headers={"Location": target})))
    assert caught.value.code == "RS-NET-005"


TOLD = "the-token-that-was-sent"


def redirecting(to: str, then: httpx.Response) -> Handler:
    """Redirects to a place with the token in its name, and answers there."""
    return lambda request: then if TOLD in request.url.path else httpx.Response(307, headers={"Location": to})


@pytest.mark.parametrize(
    ("to", "then"),
    [
        (f"https://me:{TOLD}@evil.example.org/{TOLD}?t={TOLD}#{TOLD}", httpx.Response(200)),
        (f"/ims/{TOLD}", httpx.Response(500)),
        (f"/ims/{TOLD}", httpx.Response(307, headers={"Location": f"/ims/{TOLD}"})),
        (f"/ims/{TOLD}", httpx.Response(307, headers={"Location": "https://[:::"})),
        (f"/ims/{TOLD}", httpx.Response(429, headers={"Retry-After": "999999"})),
    ],
)
def test_what_a_redirect_says_again_is_in_no_message(
    source_of: Make, mocked: respx.MockRouter, to: str, then: httpx.Response
) -> None:
    server = redirecting(to, then)
    mocked.get(f"https://sis.example.org/ims/{TOLD}").mock(side_effect=server)
    with pytest.raises(SourceError) as caught:
        fetch(source_of(orgs=server, auth=Bearer(TOLD), retries=0))
    assert TOLD not in caught.value.message + caught.value.hint
    assert "sis.example.org" in caught.value.message


@pytest.mark.parametrize("fault", [httpx.ReadTimeout("x"), httpx.ReadError(TOLD)])
def test_a_fault_behind_a_redirect_does_not_say_where_it_led(
    source_of: Make, mocked: respx.MockRouter, fault: httpx.TransportError
) -> None:
    mocked.get(f"https://sis.example.org/ims/{TOLD}").mock(side_effect=fault)
    away = httpx.Response(307, headers={"Location": f"/ims/{TOLD}"})
    with pytest.raises(SourceError) as caught:
        fetch(source_of(orgs=lambda _: away, auth=Bearer(TOLD), retries=0))
    assert TOLD not in caught.value.message + caught.value.hint


def test_redirects_end_after_five(source_of: Make) -> None:
    calls: list[httpx.Request] = []

    def again(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(307, headers={"Location": str(request.url)})

    with pytest.raises(SourceError, match="more than 5 times"):
        fetch(source_of(orgs=again))
    assert len(calls) == 6


def test_plain_http_is_refused(tmp_path: Path) -> None:
    insecure = OAuth2("http://sis.example.org/t", "id", "secret")
    for refused in (settings(url="http://sis.example.org/x"), settings(auth=insecure)):
        source = RestSource(refused, clock=lambda: NOW)
        with pytest.raises(FetchOver, match="plain http") as caught:
            fetch(source)
        assert caught.value.code == "RS-NET-002"
    for url in ("http://127.0.0.9/x", "http://[::1]:99/x", "http://localhost/x"):
        Client(settings(url=url), lambda: NOW).close()
    Client(settings(url="http://x.example.org", allow_http=True), lambda: NOW).close()
    missing = settings(ca_file=tmp_path / "none.pem")
    with pytest.raises(FetchOver, match=r"none\.pem"):
        Client(missing, lambda: NOW)


def test_a_certificate_that_is_not_trusted() -> None:
    error = httpx.ConnectError("tls")
    error.__cause__ = OSError("wrapped")
    error.__cause__.__context__ = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] no")
    found = _no_connection(ROOT, error)
    assert isinstance(found, FetchOver)
    assert found.code == "RS-NET-002"
    assert "ca_file" in found.hint


def test_causes_that_go_round_in_circles_end() -> None:
    error = httpx.ConnectError("refused")
    error.__cause__ = OSError("wrapped")
    error.__cause__.__context__ = error
    assert _no_connection(ROOT, error).code == "RS-NET-001"


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "deflate"])
def test_compressed_pages_are_read(source_of: Make, encoding: str) -> None:
    api = Api(orgs(3))

    def squeezed(request: httpx.Request) -> httpx.Response:
        plain = api(request)
        body = zlib.compress(plain.content) if encoding == "deflate" else gzip.compress(plain.content)
        return httpx.Response(200, content=body, headers={"Content-Encoding": encoding, "X-Total-Count": "3"})

    assert len(fetch(source_of(orgs=squeezed)).ids()) == 3
    assert api.requests[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(SourceError) as caught:
        Body(encoding)
    assert caught.value.code == "RS-SRC-001"


def test_inflation_is_capped() -> None:
    body = Body("gzip", cap=1000)
    with pytest.raises(SourceError, match="larger than") as caught:
        body.add(gzip.compress(b" " * 1_000_000))
    assert caught.value.code == "RS-SRC-001"
    plain = Body("", cap=10)
    plain.add(b" " * 10)
    with pytest.raises(SourceError):
        plain.add(b" ")


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4), st.integers(1, 50))
def test_what_was_compressed_comes_out_whole(members: list[bytes], size: int) -> None:
    raw = b"".join(gzip.compress(member) for member in members)
    body = Body("gzip")
    for start in range(0, len(raw), size):
        body.add(raw[start : start + size])
    assert body.whole() == b"".join(members)


@given(st.binary(min_size=1, max_size=60), st.sampled_from(["gzip", "deflate", ""]))
def test_no_foreign_error_leaves_the_body(raw: bytes, encoding: str) -> None:
    body = Body(encoding)
    with suppress(SourceError):
        body.add(raw)
        assert isinstance(body.whole(), bytes)


def test_a_compressed_page_that_breaks_off_is_tried_again(source_of: Make) -> None:
    whole = gzip.compress(Api(orgs(3))(httpx.Request("GET", ROOT)).content)
    cut = httpx.Response(200, stream=httpx.ByteStream(whole[:30]), headers={"Content-Encoding": "gzip"})
    _, handler = failing(cut)
    assert len(fetch(source_of(orgs=handler)).ids()) == 3


def test_cookies_are_kept_and_the_program_says_its_name(source_of: Make) -> None:
    api = Api(orgs(15), headers={"Set-Cookie": "AWSALB=abc; Path=/"})
    fetch(source_of(orgs=api, headers={"X-Tenant": "spr"}))
    assert "Cookie" not in api.requests[0].headers
    assert api.requests[1].headers["Cookie"] == "AWSALB=abc"
    assert api.requests[0].headers["User-Agent"] == f"rostersync/{rostersync.__version__}"
    assert api.requests[0].headers["X-Tenant"] == "spr"


@pytest.mark.parametrize("headers", [{"X-Bad": "a\nb"}, {"X-Bad": "ü"}, {"X Bad": "a"}])
def test_headers_that_cannot_be_sent(headers: dict[str, str]) -> None:
    source = RestSource(settings(url="http://127.0.0.1:9/x", headers=headers, retries=0), clock=lambda: NOW)
    with pytest.raises(SourceError):
        fetch(source)
    source.close()


@pytest.mark.parametrize(
    "url", ["https://", "https://a b/", "nonsense", "https://[::1/x", "https://sis.example.org:99999/x"]
)
def test_an_url_that_is_none(url: str) -> None:
    source = RestSource(settings(url=url, retries=0), clock=lambda: NOW)
    with pytest.raises(SourceError):
        fetch(source)
    source.close()


def test_a_host_that_nobody_listens_on() -> None:
    source = RestSource(settings(url="http://127.0.0.1:9/x", retries=0), clock=lambda: NOW)
    with pytest.raises(FetchOver, match=r"127\.0\.0\.1") as caught:
        fetch(source)
    assert caught.value.code == "RS-NET-001"
    source.close()


def test_rate_limit_spaces_the_requests_of_all_threads() -> None:
    limit = RateLimit(2)
    assert [limit.pause(100.0) for _ in range(3)] == [0.0, 0.5, 1.0]
    assert limit.pause(200.0) == 0.0
    assert RateLimit(0).pause(5.0) == 0.0


@pytest.mark.parametrize(
    ("header", "link"),
    [
        ('<https://x/orgs?offset=10>; rel="next", <https://x/orgs>; rel="first"', "https://x/orgs?offset=10"),
        ("<https://x/orgs?a=1,2>; rel=next", "https://x/orgs?a=1,2"),
        ('<../orgs>; title="a"; rel="prev next"', "../orgs"),
        ('<https://x/orgs>; rel="last"', ""),
        ("garbage", ""),
        (None, None),
    ],
)
def test_the_next_of_a_link_header(header: str | None, link: str | None) -> None:
    headers = httpx.Headers({} if header is None else {"Link": header})
    assert Reply(200, headers, b"", ROOT).next_link == link


@pytest.mark.parametrize(
    ("total", "read"), [("7", 7), (" 7 ", 7), ("-1", -1), ("many", None), ("", None), ("1" * 50, None), ("²", None)]
)
def test_the_total_is_a_number_or_none(total: str, read: int | None) -> None:
    headers = httpx.Headers([(b"X-Total-Count", total.encode())])
    assert Reply(200, headers, b"", ROOT).total == read


def test_the_clock_of_a_retry_after_date_is_ours(source_of: Make) -> None:
    late = NOW - timedelta(hours=1)
    _, handler = failing(httpx.Response(503, headers={"Retry-After": "Sat, 21 Nov 2026 18:00:00 GMT"}))
    with pytest.raises(SourceError, match="3600 seconds"):
        fetch(source_of(orgs=handler, clock=lambda: late))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://me:s3cret@sis.example.org/t?appName=s3cret#s3cret", "https://sis.example.org/t"),
        ("https://[::1/s3cret", "an unreadable URL"),
    ],
)
def test_messages_name_urls_without_what_may_be_secret(url: str, said: str) -> None:
    assert bare(url) == said


def test_connections_stay_open_for_what_is_under_way_in_other_threads() -> None:
    held, let_go, closed = threading.Event(), threading.Event(), []

    def answer(_request: httpx.Request) -> httpx.Response:
        held.set()
        let_go.wait(10)
        closed.append(client._http.is_closed)
        return httpx.Response(200, json={"orgs": []})

    client = Client(settings(), lambda: NOW)
    with respx.mock:
        respx.get(f"{ROOT}/orgs").mock(side_effect=answer)
        other = threading.Thread(target=client.get, args=("orgs", {}))
        other.start()
        assert held.wait(10)
        client.close()
        with pytest.raises(Fatal):
            client.get("orgs", {})
        let_go.set()
        other.join(10)
    assert closed == [False]
    assert client._http.is_closed
