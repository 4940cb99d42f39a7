"""The source against the sample server over a socket: faults that a client copes with change nothing in what comes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from rostersync.demo import Server, faults, make_district, serve
from rostersync.errors import SourceError
from rostersync.model.kind import COLLECTIONS, Coverage, Kind
from rostersync.sources.rest import OAuth1, OAuth2, RestSettings, RestSource
from rostersync.sources.rest.settings import Auth, Version
from tests.rest.rest_api import Fetched, fetch

NOW = datetime(2026, 11, 21, 18, tzinfo=UTC)
COPED_WITH = [
    faults.ClampLimit(),
    faults.Cut(requests=[2]),
    faults.DateTimesForDates(),
    faults.DatesWithOffset(),
    faults.DescendingByDefault(),
    faults.EmptyObject(),
    faults.EmptyStrings(),
    faults.EnvelopeNamed(on=["users", "orgs", "academicSessions"]),
    faults.ExpiresInAsText(),
    faults.ExplicitNulls(),
    faults.ExtraKeys(),
    faults.Fail(429, times=1),
    faults.Fail(503, times=2),
    faults.FlatObjects(),
    faults.GradesAsText(),
    faults.Gzip(),
    faults.JsonBooleans(),
    faults.NarrowerScope(),
    faults.NextElsewhere(),
    faults.NextOnLastPage(),
    faults.NoContent(),
    faults.NoExpiresIn(),
    faults.NoLink(),
    faults.NoTotal(),
    faults.OrderByIgnored(),
    faults.PermRev(),
    faults.Redirect(),
    faults.RefuseParameters({"limit"}),
    faults.RefuseParameters({"sort"}),
    faults.RelativeHrefs(),
    faults.RelativeNext(),
    faults.SchoolYearAsNumber(),
    faults.ScopeRefused(),
    faults.ShiftPages(-1),
    faults.SortNeedsOrderBy(),
    faults.StickyCookie(),
    faults.TokenExpiresAfter(),
    faults.TokenType("bearer"),
    faults.Total(-1),
    faults.Total(0),
]
REFUSED = [
    (faults.BareArray(), "RS-SRC-001"),
    (faults.EnvelopeMissing(), "RS-SRC-001"),
    (faults.Html(), "RS-SRC-001"),
    (faults.Inflated(), "RS-SRC-001"),
    (faults.NotJson(), "RS-SRC-001"),
    (faults.SamePage(), "RS-SRC-002"),
    (faults.ShiftPages(1), "RS-SRC-002"),
    (faults.TotalTooLarge(), "RS-SRC-002"),
    (faults.UnstableOrder(), "RS-SRC-002"),
    (faults.TokenType("mac"), "RS-AUTH-002"),
    (faults.Fail(401), "RS-AUTH-003"),
    (faults.Fail(403), "RS-AUTH-004"),
    (faults.Fail(500), "RS-NET-003"),
    (faults.Redirect(to="http://127.0.0.1:9"), "RS-NET-005"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve(make_district(students=60, seed=1, year=2026)) as running:
        yield running


def read(server: Server, version: Version = "1.2", auth: Auth | None = None, since: str | None = None) -> Fetched:
    client = auth or OAuth2(server.token_url, "demo", "demo-secret")
    source = RestSource(RestSettings(version, server.base(version), client, page_size=30), clock=lambda: NOW)
    try:
        return fetch(source, *COLLECTIONS, since=since)
    finally:
        source.close()


@pytest.fixture(scope="module")
def plain(server: Server) -> Fetched:
    server.faults.clear()
    return read(server)


@pytest.mark.parametrize("fault", COPED_WITH, ids=repr)
def test_the_source_copes_with(server: Server, plain: Fetched, fault: faults.Fault) -> None:
    server.faults.set(fault)
    fetched = read(server)
    assert fetched.coverage == dict.fromkeys(COLLECTIONS, Coverage.FULL)
    assert {kind: set(fetched.ids(kind)) for kind in COLLECTIONS} == {
        kind: set(plain.ids(kind)) for kind in COLLECTIONS
    }
    for kind in COLLECTIONS:
        assert dict(zip(fetched.ids(kind), fetched.rows[kind], strict=True)) == {
            row.sourced_id: row for row in plain.rows[kind]
        }


@pytest.mark.parametrize(("fault", "code"), REFUSED, ids=repr)
def test_the_source_refuses(server: Server, fault: faults.Fault, code: str) -> None:
    server.faults.set(fault)
    with pytest.raises(SourceError) as caught:
        read(server)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "auth",
    [
        OAuth1("demo", "demo-secret"),
        OAuth1("demo", "demo-secret", "HMAC-SHA1"),
    ],
)
def test_signed_requests_are_accepted(server: Server, auth: OAuth1) -> None:
    server.faults.clear()
    assert read(server, "1.1", auth, since="2026-01-01T00:00:00.000Z").coverage[Kind.USERS] is Coverage.DELTA


@pytest.mark.parametrize("fault", [faults.FilterRefused(), faults.FilterFindsNothing()], ids=repr)
def test_a_dishonest_filter_costs_time_and_nothing_else(server: Server, plain: Fetched, fault: faults.Fault) -> None:
    server.faults.set(fault)
    fetched = read(server, since="2026-01-01T00:00:00.000Z")
    assert fetched.coverage == dict.fromkeys(COLLECTIONS, Coverage.FULL)
    assert set(fetched.codes) == {"RS-SRC-004"}
    assert fetched.rows == plain.rows
