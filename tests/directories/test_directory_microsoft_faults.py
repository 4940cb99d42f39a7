"""What Microsoft refuses, and answers that are not whole."""

from __future__ import annotations

import logging
import time
from contextlib import closing

import pytest
import stamina
from starlette.responses import Response

from rostersync.errors import DirectoryError
from tests.directories.cloud import always, document, honest
from tests.directories.contract import SECRET, assert_fails
from tests.directories.graph_cloud import (
    CLIENT_SECRET,
    Graph,
    Tenant,
    refusal,
    user,
)


class TestRefusals:
    """Throttling that passes, and what does not."""

    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
    def test_throttling_is_waited_for(self, graph: Graph, tenant: Tenant, status: int) -> None:
        graph.users = [user(1)]
        graph.odd.extend([always(refusal(status, "TooManyRequests", "Later.", {"Retry-After": "2"}))] * 2)
        assert len(tenant.read()) == 1
        assert len(graph.pages()) == 3

    def test_the_pause_is_as_long_as_was_asked_for(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(1)]
        graph.odd.extend([always(refusal(429, "TooManyRequests", "Later.", {"Retry-After": "2"}))])
        stamina.set_testing(testing=False)
        begun = time.monotonic()
        assert len(tenant.read()) == 1
        assert 2 <= time.monotonic() - begun < 30

    def test_a_pause_that_is_too_long_is_not_waited_for(self, graph: Graph, tenant: Tenant) -> None:
        graph.stuck = True
        graph.odd.append(always(refusal(429, "TooManyRequests", "Later.", {"Retry-After": "301"})))
        assert "in 301 seconds" in assert_fails(tenant(), "RS-DIR-001").message
        assert len(graph.pages()) == 2

    def test_an_app_without_consent_is_told_which_it_needs(self, graph: Graph, tenant: Tenant) -> None:
        graph.consent = False
        error = assert_fails(tenant(), "RS-DIR-002")
        assert "403: Authorization_RequestDenied" in error.message
        assert "User.Read.All" in error.hint
        assert "admin consent" in error.hint

    def test_a_refusal_that_repeats_the_token_does_not_tell_it(self, graph: Graph, tenant: Tenant) -> None:
        graph.next_token = SECRET
        graph.stuck = True
        graph.odd.append(lambda asked: refusal(403, "Denied", f"No: {asked.headers['authorization']}"))
        assert "Bearer …" in assert_fails(tenant(), "RS-DIR-002").message


class TestBroken:
    """Half a directory, and what is none."""

    @pytest.mark.parametrize(
        "answer",
        [
            Response("", 200),
            Response("<html>sign in</html>", 200),
            Response(b'{"value": [{"id"', 200),
            Response(status_code=302, headers={"Location": "https://example.org/"}),
            Response(status_code=204),
            Response(status_code=404),
            refusal(400, "Directory_ExpiredPageToken", "The specified page token value has expired."),
            document({}),
            document({"value": {}}),
            document({"value": [{}]}),
            document({"value": [{"id": 7}]}),
            document({"value": [{"id": "7", "accountEnabled": "yes"}]}),
            document({"value": [{"id": "7", "proxyAddresses": [1]}]}),
            document({"value": [], "@odata.nextLink": 7}),
        ],
    )
    def test_what_is_no_page_of_users_is_no_directory(self, graph: Graph, tenant: Tenant, answer: Response) -> None:
        graph.stuck = True
        graph.users = [user(n) for n in range(1_000)]
        graph.odd.extend([honest, always(answer), honest, always(answer)])
        assert_fails(tenant(), "RS-DIR-003")

    def test_a_property_that_has_nothing_inside_is_no_place_for_a_key(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(1, onPremisesExtensionAttributes="text")]
        place = "onPremisesExtensionAttributes.extensionAttribute1"
        assert "is no object" in assert_fails(tenant(attributes={"sourcedId": place}), "RS-DIR-003").message

    @pytest.mark.parametrize(
        "link",
        [
            "https://graph.example.org/v1.0/users?$skiptoken=1",
            "http://127.0.0.1/v1.0/users",
            "https://127.0.0.1:1/v1.0/users",
            "/v1.0/users",
            "//[",
            "https://[::1",
            "",
        ],
    )
    def test_a_link_to_another_server_is_not_followed(self, graph: Graph, tenant: Tenant, link: str) -> None:
        graph.stuck = True
        graph.odd.append(always(document({"value": [user(1)], "@odata.nextLink": link})))
        assert "another server" in assert_fails(tenant(), "RS-DIR-003").message
        assert len(graph.pages()) == 2

    def test_a_link_that_leads_back_is_a_circle(self, graph: Graph, tenant: Tenant) -> None:
        graph.stuck = True
        numbers = iter(range(1_000_000))
        link = f"{graph.url}/v1.0/users?$skiptoken=same"
        graph.odd.append(lambda _asked: document({"value": [user(next(numbers))], "@odata.nextLink": link}))
        assert "leads back" in assert_fails(tenant(), "RS-DIR-003").message

    def test_a_page_that_comes_again_is_a_circle(self, graph: Graph, tenant: Tenant) -> None:
        graph.stuck = True
        numbers = iter(range(1_000_000))
        graph.odd.append(
            lambda _asked: document(
                {"value": [user(1)], "@odata.nextLink": f"{graph.url}/v1.0/users?$skiptoken={next(numbers)}"}
            )
        )
        assert "a page came twice" in assert_fails(tenant(), "RS-DIR-003").message

    def test_an_empty_page_in_between_is_not_the_end(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(1)]
        graph.odd.append(
            always(document({"value": [], "@odata.nextLink": f"{graph.url}/v1.0/users?$select=id&$top=9"}))
        )
        with closing(tenant()) as directory, pytest.raises(DirectoryError) as caught:
            assert [account.id for account in directory.accounts()] == [user(1)["id"]]
        assert "enabled" in caught.value.message

    def test_the_logs_hold_neither_token_nor_secret(
        self, graph: Graph, tenant: Tenant, caplog: pytest.LogCaptureFixture
    ) -> None:
        graph.users = [user(1)]
        graph.odd.append(always(Response(status_code=503)))
        with caplog.at_level(logging.DEBUG):
            tenant.read()
        assert "trying again" in caplog.text
        assert CLIENT_SECRET not in caplog.text
        assert not any(token in caplog.text for token in graph.tokens)
