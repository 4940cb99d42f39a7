"""How requests prove who asks: tokens, signatures, and what goes wrong with them."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import parse_qs

import httpx
import pytest
import respx

from rostersync.errors import SourceError
from rostersync.sources.rest import Bearer, OAuth1, OAuth2, RestSource
from rostersync.sources.rest.auth import OAuth2Auth, read_token, sign
from rostersync.sources.rest.failures import FetchOver
from rostersync.sources.rest.reply import Reply
from tests.rest.rest_api import TOKEN_URL, Api, fetch, orgs

Make = Callable[..., RestSource]

CLIENT = OAuth2(TOKEN_URL, "client id", "s&cret/+")
CORE = "https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly"
ROSTER = "https://purl.imsglobal.org/spec/or/v1p1/scope/roster.readonly"


def token(value: str = "t1", **reply: object) -> httpx.Response:
    return httpx.Response(200, json={"access_token": value, "token_type": "Bearer", "expires_in": 3600} | reply)


def form_of(call: respx.models.Call) -> dict[str, list[str]]:
    return parse_qs(call.request.content.decode(), keep_blank_values=True)


def bearers(api: Api) -> list[str]:
    return [request.headers["Authorization"] for request in api.requests]


def test_oauth2_sends_basic_credentials_and_both_scopes(source_of: Make, mocked: respx.MockRouter) -> None:
    asked = mocked.post(TOKEN_URL).mock(return_value=token())
    api = Api(orgs(3))
    fetch(source_of(orgs=api, auth=CLIENT))
    pair = base64.b64decode(asked.calls[0].request.headers["Authorization"].removeprefix("Basic ")).decode()
    assert pair == "client+id:s%26cret%2F%2B"
    assert form_of(asked.calls[0]) == {"grant_type": ["client_credentials"], "scope": [f"{CORE} {ROSTER}"]}
    assert set(bearers(api)) == {"Bearer t1"}
    assert asked.call_count == 1


def test_oauth2_can_send_its_credentials_in_the_body(source_of: Make, mocked: respx.MockRouter) -> None:
    asked = mocked.post(TOKEN_URL).mock(return_value=token())
    fetch(source_of(orgs=Api(orgs(1)), auth=OAuth2(TOKEN_URL, "id", "se cret", "body")))
    form = form_of(asked.calls[0])
    assert form["client_id"] == ["id"]
    assert form["client_secret"] == ["se cret"]
    assert "Authorization" not in asked.calls[0].request.headers


@pytest.mark.parametrize(("scopes", "sent"), [(("",), None), (("a", "b"), ["a b"]), ((), [f"{CORE} {ROSTER}"])])
def test_scopes_are_those_configured(
    source_of: Make, mocked: respx.MockRouter, scopes: tuple[str, ...], sent: list[str] | None
) -> None:
    asked = mocked.post(TOKEN_URL).mock(return_value=token())
    fetch(source_of(orgs=Api(orgs(1)), auth=OAuth2(TOKEN_URL, "id", "secret", scopes=scopes)))
    assert form_of(asked.calls[0]).get("scope") == sent


def test_invalid_scope_is_tried_once_more_without(source_of: Make, mocked: respx.MockRouter) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"error": "invalid_scope"}) if b"scope" in request.content else token()

    asked = mocked.post(TOKEN_URL).mock(side_effect=answer)
    assert fetch(source_of(orgs=Api(orgs(1)), auth=CLIENT)).ids() == ["o00000"]
    assert ["scope" in form_of(call) for call in asked.calls] == [True, False]


def test_invalid_scope_without_a_scope_is_refused(source_of: Make, mocked: respx.MockRouter) -> None:
    asked = mocked.post(TOKEN_URL).mock(return_value=httpx.Response(400, json={"error": "invalid_scope"}))
    with pytest.raises(SourceError, match="invalid_scope") as caught:
        fetch(source_of(orgs=Api(orgs(1)), auth=CLIENT))
    assert caught.value.code == "RS-AUTH-001"
    assert asked.call_count == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refused_token_says_so_without_the_secret(source_of: Make, mocked: respx.MockRouter, status: int) -> None:
    said = {"error": "invalid_client", "error_description": "no client s&cret/+"}
    mocked.post(TOKEN_URL).mock(return_value=httpx.Response(status, json=said))
    with pytest.raises(SourceError) as caught:
        fetch(source_of(orgs=Api(orgs(1)), auth=CLIENT))
    assert caught.value.code == "RS-AUTH-001"
    assert "invalid_client" in caught.value.message
    assert "s&cret" not in caught.value.message + caught.value.hint
    assert "client_secret" in caught.value.hint


def test_an_error_that_oauth_does_not_have_is_not_repeated(source_of: Make, mocked: respx.MockRouter) -> None:
    secret = "a_secret_of_small_letters"
    mocked.post(TOKEN_URL).mock(return_value=httpx.Response(400, json={"error": secret}))
    with pytest.raises(SourceError) as caught:
        fetch(source_of(orgs=Api(orgs(1)), auth=OAuth2(TOKEN_URL, "id", secret)))
    assert secret not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>log in</html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"access_token": ""}),
        httpx.Response(200, json={"access_token": "a\r\nb"}),
        httpx.Response(200, json={"access_token": "tökén"}),
        httpx.Response(200, json={"access_token": "t", "token_type": "mac"}),
        httpx.Response(200, content=b"[" * 100_000),
    ],
)
def test_a_token_reply_that_is_none(source_of: Make, mocked: respx.MockRouter, answer: httpx.Response) -> None:
    mocked.post(TOKEN_URL).mock(return_value=answer)
    with pytest.raises(SourceError) as caught:
        fetch(source_of(orgs=Api(orgs(1)), auth=CLIENT))
    assert caught.value.code == "RS-AUTH-002"


@pytest.mark.parametrize("failure", [httpx.Response(503), httpx.ReadTimeout("slow"), httpx.Response(500)])
def test_a_failing_token_endpoint_ends_as_still_failing(
    source_of: Make, mocked: respx.MockRouter, failure: httpx.Response | Exception
) -> None:
    route = mocked.post(TOKEN_URL)
    asked = route.mock(side_effect=failure) if isinstance(failure, Exception) else route.mock(return_value=failure)
    with pytest.raises(FetchOver) as caught:
        fetch(source_of(orgs=Api(orgs(1)), auth=CLIENT, retries=2))
    assert caught.value.code == "RS-NET-003"
    assert asked.call_count == 3


def test_a_failing_token_endpoint_is_tried_again(source_of: Make, mocked: respx.MockRouter) -> None:
    mocked.post(TOKEN_URL).mock(side_effect=[httpx.Response(503), httpx.ReadError("broken"), token()])
    assert fetch(source_of(orgs=Api(orgs(2)), auth=CLIENT)).ids() == ["o00000", "o00001"]


@pytest.mark.parametrize(
    ("reply", "renew_at"),
    [
        ({"expires_in": 3600}, 100 + 3540),
        ({"expires_in": "3600"}, 100 + 3540),
        ({"expires_in": 100}, 100 + 90),
        ({"expires_in": "soon"}, None),
        ({"expires_in": 0}, None),
        ({"expires_in": -5}, None),
        ({"expires_in": None}, None),
        ({"token_type": "bearer"}, None),
        ({"token_type": "BEARER", "scope": "less"}, None),
        ({"token_type": None}, None),
    ],
)
def test_a_token_is_renewed_before_it_expires(reply: dict[str, Any], renew_at: float | None) -> None:
    body = httpx.Response(200, json={"access_token": "t"} | reply).content
    assert read_token(body, 100).renew_at == renew_at


def test_an_expired_token_is_renewed_between_pages(source_of: Make, mocked: respx.MockRouter) -> None:
    mocked.post(TOKEN_URL).mock(side_effect=[token(f"t{number}", expires_in=1e-6) for number in range(9)])
    api = Api(orgs(15))
    fetch(source_of(orgs=api, auth=CLIENT, concurrency=1))
    assert len(set(bearers(api))) == len(api.requests) == 2


def test_a_401_in_the_middle_gets_a_new_token_once(source_of: Make, mocked: respx.MockRouter) -> None:
    tokens = mocked.post(TOKEN_URL).mock(side_effect=[token("t1"), token("t2")])
    api = Api(orgs(30))

    def expiring(request: httpx.Request) -> httpx.Response:
        worn = request.headers["Authorization"] == "Bearer t1" and request.url.params["offset"] != "0"
        return httpx.Response(401) if worn else api(request)

    assert len(fetch(source_of(orgs=expiring, auth=CLIENT)).ids()) == 30
    assert tokens.call_count == 2


def test_a_401_after_a_new_token_is_the_end(source_of: Make, mocked: respx.MockRouter) -> None:
    tokens = mocked.post(TOKEN_URL).mock(side_effect=[token("t1"), token("t2")])
    with pytest.raises(FetchOver) as caught:
        fetch(source_of(orgs=lambda _: httpx.Response(401), auth=CLIENT))
    assert caught.value.code == "RS-AUTH-003"
    assert tokens.call_count == 2


@pytest.mark.parametrize("auth", [Bearer("abc"), OAuth1("key", "secret")])
def test_a_401_without_anything_to_renew(source_of: Make, auth: Bearer | OAuth1) -> None:
    with pytest.raises(FetchOver) as caught:
        fetch(source_of(orgs=lambda _: httpx.Response(401), auth=auth))
    assert caught.value.code == "RS-AUTH-003"


def test_one_refresh_at_a_time() -> None:
    tokens = iter(range(100))
    together = threading.Barrier(8)

    def post(_url: str, _form: dict[str, str], _headers: dict[str, str]) -> Reply:
        body = httpx.Response(200, json={"access_token": f"t{next(tokens)}"}).content
        return Reply(200, httpx.Headers(), body, TOKEN_URL)

    auth = OAuth2Auth(CLIENT, "1.1", post)

    def ask() -> None:
        together.wait()
        auth.ready()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert next(tokens) == 1


def test_the_signature_of_the_reference_vector() -> None:
    url = (
        "https://test.com/ims/oneroster/v1p1/orgs?limit=100&offset=1515&filter=role%3D%27administrator%27"
        "%20OR%20role%3D%27student%27%20OR%20role%3D%27teacher%27"
    )
    header = sign(url, OAuth1("client-id", "client-secret"), nonce="fake-nonce", timestamp="10000000")
    assert header.startswith("OAuth ")
    assert 'oauth_signature="03DqhuWFnTlc3WxDYEOVKYxM5xQyRGfJ4x6zqQjYQnM%3D"' in header
    assert 'oauth_signature_method="HMAC-SHA256"' in header


@pytest.mark.parametrize("method", ["HMAC-SHA256", "HMAC-SHA1"])
def test_every_page_and_retry_is_signed_afresh(source_of: Make, method: Literal["HMAC-SHA256", "HMAC-SHA1"]) -> None:
    api = Api(orgs(25))
    seen: list[str] = []

    def flaky(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return httpx.Response(503) if len(seen) == 2 else api(request)

    fetch(source_of(orgs=flaky, auth=OAuth1("key", "secret", method), concurrency=1))
    assert len(seen) == len(set(seen)) == 4
    assert all(f'oauth_signature_method="{method}"' in header for header in seen)


@pytest.mark.parametrize("value", ["", "a b", "a\nb", "é"])
def test_a_bearer_token_that_no_header_can_carry(source_of: Make, value: str) -> None:
    with pytest.raises(FetchOver) as caught:
        fetch(source_of(orgs=Api([]), auth=Bearer(value)))
    assert caught.value.code == "RS-AUTH-003"


def test_secrets_stay_out_of_repr() -> None:
    said = repr([CLIENT, OAuth1("key", "s3cret"), Bearer("s3cret")])
    assert "s&cret" not in said
    assert "s3cret" not in said
