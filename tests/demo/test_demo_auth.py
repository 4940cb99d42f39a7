"""Signing in: tokens with scopes, signatures, a static bearer (oneroster §3)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from oauthlib.oauth1 import Client as Signer

from rostersync.demo import Credentials, District, Server, faults, serve
from rostersync.demo.auth import SCOPE
from rostersync.demo.faults import Fault

FOLDER = {"1.1": "v1p1", "1.2": "v1p2"}


@pytest.fixture
def server(district: District) -> Iterator[Server]:
    with serve(district) as running:
        yield running


def ask(server: Server, client: httpx.Client, **form: str) -> httpx.Response:
    data = {"grant_type": "client_credentials", **form}
    return client.post(server.token_url, auth=("demo", "demo-secret"), data=data)


def read(server: Server, client: httpx.Client, token: str, version: str = "1.1", path: str = "orgs") -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return client.get(f"{server.base(version)}/{path}", headers=headers).status_code


def scope(version: str, name: str) -> str:
    return SCOPE.format(FOLDER[version], name)


def test_token_with_basic(server: Server, client: httpx.Client, version: str) -> None:
    reply = ask(server, client)
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    assert (reply.json()["token_type"], reply.json()["expires_in"]) == ("Bearer", 3600)
    assert read(server, client, reply.json()["access_token"], version) == 200


def test_token_with_credentials_in_the_body(server: Server, client: httpx.Client) -> None:
    form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo-secret"}
    assert client.post(server.token_url, data=form).status_code == 200
    assert client.post(server.token_url, data={**form, "client_secret": "wrong"}).status_code == 401


def test_token_with_other_credentials(district: District, client: httpx.Client) -> None:
    with serve(district, credentials=Credentials("a b", "c:d+e", lifetime=60)) as other:
        auth = (quote("a b"), quote("c:d+e"))
        reply = client.post(other.token_url, auth=auth, data={"grant_type": "client_credentials"})
        assert reply.json()["expires_in"] == 60
        assert ask(other, client).json() == {"error": "invalid_client"}


def test_refused_token_requests(server: Server, client: httpx.Client) -> None:
    wrong = client.post(server.token_url, auth=("demo", "no"), data={"grant_type": "client_credentials"})
    assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})
    assert wrong.headers["www-authenticate"] == "Basic"
    assert ask(server, client, grant_type="password").json() == {"error": "unsupported_grant_type"}
    assert ask(server, client, scope="http://purl.example.org/other").json() == {"error": "invalid_scope"}
    assert client.get(server.token_url).status_code == 405
    broken = client.post(server.token_url, headers={"Authorization": "Basic %%%"}, data={"grant_type": "x"})
    assert broken.status_code == 401


def test_without_or_with_unknown_credentials(server: Server, client: httpx.Client, version: str) -> None:
    response = client.get(f"{server.base(version)}/orgs")
    assert response.status_code == 401
    minor = "unauthorized" if version == "1.1" else "unauthorisedrequest"
    assert minor in response.text
    assert read(server, client, "unknown", version) == 401
    assert client.get(f"{server.base(version)}/orgs", auth=("demo", "demo-secret")).status_code == 401


def test_token_expires_and_older_tokens_stay_good(server: Server, client: httpx.Client) -> None:
    now = [0.0]
    server.gate.clock = lambda: now[0]
    first = ask(server, client).json()["access_token"]
    now[0] = 3000
    second = ask(server, client).json()["access_token"]
    assert (read(server, client, first), read(server, client, second)) == (200, 200)
    now[0] = 3600
    assert (read(server, client, first), read(server, client, second)) == (401, 200)


@pytest.mark.parametrize(
    ("name", "core", "nested", "demographics"),
    [("roster-core", 200, 403, 403), ("roster", 200, 200, 403), ("roster-demographics", 403, 403, 200)],
)
def test_scopes(
    server: Server, client: httpx.Client, version: str, name: str, core: int, nested: int, demographics: int
) -> None:
    reply = ask(server, client, scope=f"{scope(version, name)} https://example.org/unknown").json()
    assert reply["scope"] == scope(version, name)
    token = reply["access_token"]
    assert read(server, client, token, version, "enrollments") == core
    assert read(server, client, token, version, "orgs/sch-01") == core
    assert read(server, client, token, version, "schools/sch-01/students") == nested
    assert read(server, client, token, version, "demographics") == demographics
    assert read(server, client, token, "1.2" if version == "1.1" else "1.1", "orgs") == 403


@pytest.mark.parametrize("method", ["HMAC-SHA256", "HMAC-SHA1"])
def test_signatures(server: Server, client: httpx.Client, version: str, method: str) -> None:
    signer = Signer("demo", "demo-secret", signature_method=method)
    clause = quote("status='active' AND dateLastModified>='2026-01-01T00:00:00.000Z'")
    url = f"{server.base(version)}/users?limit=2&offset=1&filter={clause}&fields=sourcedId%2Cstatus"
    signed, headers, _ = signer.sign(url)
    response = client.get(signed, headers=headers)
    assert response.status_code == 200
    assert len(response.json()["users"]) == 2
    assert client.get(signed, headers=headers).status_code == 401, "the nonce was used before"
    _, headers, _ = signer.sign(url)
    assert client.get(url.replace("offset=1", "offset=2"), headers=headers).status_code == 401


def test_signatures_that_are_not_good(server: Server, client: httpx.Client) -> None:
    url = f"{server.base('1.1')}/orgs"
    old = str(int(time.time()) - 3600)
    signers = (
        Signer("demo", "wrong", signature_method="HMAC-SHA256"),
        Signer("other", "demo-secret", signature_method="HMAC-SHA256"),
        Signer("demo", "demo-secret", signature_method="PLAINTEXT"),
        Signer("demo", "demo-secret", signature_method="HMAC-SHA256", timestamp=old),
    )
    for signer in signers:
        _, headers, _ = signer.sign(url)
        assert client.get(url, headers=headers).status_code == 401
    assert client.get(url, headers={"Authorization": "OAuth nonsense"}).status_code == 401


@pytest.mark.parametrize(("auth", "good"), [(("bearer",), "demo-bearer"), (("oauth2", "bearer"), "demo-bearer")])
def test_static_bearer(district: District, client: httpx.Client, auth: tuple[str, ...], good: str) -> None:
    with serve(district, auth=auth) as other:
        assert read(other, client, good) == 200
        assert read(other, client, "demo-other") == 401


def test_only_the_ways_that_are_switched_on(district: District, client: httpx.Client) -> None:
    with serve(district, auth=("oauth1",)) as other:
        assert read(other, client, ask(other, client).json()["access_token"]) == 401
    with serve(district, auth=("oauth2",)) as other:
        url = f"{other.base('1.1')}/orgs"
        assert client.get(url, headers=Signer("demo", "demo-secret").sign(url)[1]).status_code == 401


@pytest.mark.parametrize(
    ("fault", "key", "value"),
    [
        (faults.NoExpiresIn(), "expires_in", None),
        (faults.ExpiresInAsText(), "expires_in", "3600"),
        (faults.TokenType("bearer"), "token_type", "bearer"),
    ],
)
def test_token_replies_of_other_forms(
    server: Server, client: httpx.Client, fault: Fault, key: str, value: object
) -> None:
    server.faults.set(fault)
    reply = ask(server, client).json()
    assert reply.get(key) == value
    assert read(server, client, reply["access_token"]) == 200


def test_narrower_scope(server: Server, client: httpx.Client, version: str) -> None:
    server.faults.set(faults.NarrowerScope())
    reply = ask(server, client, scope=f"{scope(version, 'roster')} {scope(version, 'roster-core')}").json()
    assert reply["scope"] == scope(version, "roster-core")
    assert read(server, client, reply["access_token"], version, "schools/sch-01/classes") == 403


def test_scope_mandatory_and_scope_refused(server: Server, client: httpx.Client) -> None:
    some = {"scope": scope("1.1", "roster")}
    server.faults.set(faults.ScopeMandatory())
    assert (ask(server, client).status_code, ask(server, client, **some).status_code) == (400, 200)
    server.faults.set(faults.ScopeRefused())
    assert (ask(server, client).status_code, ask(server, client, **some).status_code) == (200, 400)
    assert ask(server, client, **some).json() == {"error": "invalid_scope"}


def test_token_expires_in_the_middle(server: Server, client: httpx.Client) -> None:
    server.faults.set(faults.TokenExpiresAfter(2))
    token = ask(server, client).json()["access_token"]
    assert [read(server, client, token) for _ in range(4)] == [200, 200, 401, 401]
    assert read(server, client, ask(server, client).json()["access_token"]) == 200


def test_the_token_endpoint_fails_only_where_it_is_named(server: Server, client: httpx.Client) -> None:
    server.faults.set(faults.Fail(503))
    token = ask(server, client).json()["access_token"]
    assert read(server, client, token) == 503
    server.faults.set(faults.Fail(503, times=1, on=["token"]))
    assert [ask(server, client).status_code for _ in range(2)] == [503, 200]
    assert read(server, client, token) == 200
