"""Accounts of a Microsoft Entra tenant, over TLS with a Microsoft of our own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.responses import Response

from rostersync.directories.base import Directory
from rostersync.directories.microsoft import CLOUDS, MicrosoftSettings
from rostersync.errors import DirectoryError
from rostersync.model.directory import Account
from tests.directories.cloud import Asked, User, always, closed_port, document, honest
from tests.directories.contract import SECRET, DirectoryContract, Serve, assert_fails
from tests.directories.graph_cloud import (
    CLIENT,
    OTHER_CERTIFICATE,
    OTHER_KEY,
    TENANT,
    Graph,
    Tenant,
    pem_file,
    private_pem,
    public_pem,
    refusal,
    user,
)

MAPPED: dict[Any, str] = {
    "userMasterIdentifier": "onPremisesExtensionAttributes.extensionAttribute1",
    "sourcedId": "onPremisesExtensionAttributes.extensionAttribute15",
}


def kept(account: Account) -> User:
    """Put an account where Entra would have it."""
    first = account.emails[:1]
    extensions = {"extensionAttribute1": account.master_identifier, "extensionAttribute15": account.sourced_id}
    return user(
        0,
        id=account.id,
        userPrincipalName=account.username,
        mail=first[0] if first else None,
        proxyAddresses=[
            *(f"SMTP:{address}" for address in first),
            *(f"smtp:{address}" for address in account.emails[1:]),
            "sip:x@example.org",
        ],
        employeeId=account.identifier,
        accountEnabled=not account.disabled,
        onPremisesExtensionAttributes=extensions,
    )


class TestContract(DirectoryContract):
    """What every directory must do."""

    @pytest.fixture
    def serve(self, graph: Graph, tenant: Tenant) -> Serve:
        def served(accounts: Sequence[Account]) -> Directory:
            graph.users = [kept(account) for account in accounts]
            return tenant(attributes=MAPPED)

        return served

    @pytest.fixture
    def unreachable(self, tenant: Tenant) -> Directory:
        return tenant(url=f"https://127.0.0.1:{closed_port()}")

    @pytest.fixture
    def refused(self, tenant: Tenant) -> Directory:
        return tenant(client_secret=SECRET)

    @pytest.fixture
    def cut_short(self, graph: Graph, tenant: Tenant) -> Directory:
        graph.users = [user(n) for n in range(1_100)]
        graph.odd.extend([honest, always(Response(status_code=503))] * 2)
        return tenant(retries=0)


class TestSigningIn:
    """Tokens of an app."""

    def test_one_token_is_enough_for_many_pages(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(n) for n in range(2_100)]
        assert len(tenant.read()) == 2_100
        assert len(graph.pages()) == 3
        assert len(graph.sign_ins()) == 1

    def test_no_host_is_asked_which_cloud_it_is(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(1)]
        tenant.read()
        assert [asked.path for asked in graph.asked] == [
            f"/{TENANT}/v2.0/.well-known/openid-configuration",
            f"/{TENANT}/oauth2/v2.0/token",
            "/v1.0/users",
        ]

    def test_a_token_that_has_run_out_is_replaced(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(n) for n in range(1_100)]

        def forget(_asked: Asked) -> Response | None:
            graph.tokens.clear()
            return None

        graph.odd.extend([honest, forget])
        assert len(tenant.read()) == 1_100
        assert len(graph.sign_ins()) == 2

    def test_a_token_that_is_refused_twice_is_refused(self, graph: Graph, tenant: Tenant) -> None:
        graph.stuck = True
        graph.odd.append(always(refusal(401, "InvalidAuthenticationToken", "Invalid audience.")))
        assert "401: InvalidAuthenticationToken" in assert_fails(tenant(), "RS-DIR-002").message
        assert len(graph.sign_ins()) == 4

    def test_a_certificate_signs_in_as_well(self, graph: Graph, tenant: Tenant, tmp_path: Path) -> None:
        graph.users = [user(1)]
        assert len(tenant.read(certificate_file=pem_file(tmp_path / "app.pem"))) == 1
        assert len(tenant.read(certificate_file=pem_file(tmp_path / "turned.pem", private_pem(), public_pem()))) == 1
        assert all("client_secret" not in asked.form for asked in graph.sign_ins())
        assert all("PRIVATE" not in str(asked) for asked in graph.asked)

    @pytest.mark.parametrize(
        ("others", "words", "way_out"),
        [
            ({"client_secret": "its-id"}, "invalid_client (AADSTS7000215)", "its Value, not its Secret ID"),
            ({"client_id": "another"}, "unauthorized_client (AADSTS700016)", "Application (client) ID"),
            ({"tenant": "other.example.org"}, "no such tenant", "directory.tenant"),
        ],
    )
    def test_what_is_refused_says_what_to_do(
        self, tenant: Tenant, others: dict[str, Any], words: str, way_out: str
    ) -> None:
        error = assert_fails(tenant(**others), "RS-DIR-002")
        assert words in error.message
        assert way_out in error.hint

    def test_a_certificate_that_is_not_registered_is_refused(self, tenant: Tenant, tmp_path: Path) -> None:
        other = pem_file(tmp_path / "other.pem", private_pem(OTHER_KEY), public_pem(OTHER_CERTIFICATE))
        error = assert_fails(tenant(certificate_file=other), "RS-DIR-002")
        assert "AADSTS700027" in error.message
        assert "Upload the certificate" in error.hint

    @pytest.mark.parametrize(
        ("parts", "words"),
        [
            ([b"nothing"], "lacks the certificate"),
            ([private_pem()], "lacks the certificate"),
            ([public_pem()], "lacks the private key"),
            ([private_pem(OTHER_KEY), public_pem()], "not that of the certificate"),
            ([private_pem(ec.generate_private_key(ec.SECP256R1())), public_pem()], "no RSA key"),
            ([private_pem(passphrase=SECRET.encode()), public_pem()], "passphrase"),
            ([private_pem(), b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"], "cannot be read"),
        ],
    )
    def test_a_file_that_cannot_sign_is_named(
        self, tenant: Tenant, tmp_path: Path, parts: list[bytes], words: str
    ) -> None:
        error = assert_fails(tenant(certificate_file=pem_file(tmp_path / "app.pem", *parts)), "RS-DIR-002")
        assert "app.pem" in error.message
        assert words in error.message

    def test_others_must_not_be_able_to_read_the_key(self, tenant: Tenant, tmp_path: Path) -> None:
        file = pem_file(tmp_path / "app.pem")
        file.chmod(0o604)
        assert "0604" in assert_fails(tenant(certificate_file=file), "RS-DIR-002").message

    @pytest.mark.parametrize(
        "answer",
        [document({"no": "token"}), document([]), Response("<html>"), document({"access_token": 7, "expires_in": 9})],
    )
    def test_an_answer_without_a_token_is_none(self, graph: Graph, tenant: Tenant, answer: Response) -> None:
        graph.token_answer = answer
        assert_fails(tenant(), "RS-DIR-002")

    @pytest.mark.parametrize("token", ["tökén", "two words", "line\nfeed", ""])
    def test_a_token_that_cannot_stand_in_a_header_is_none(self, graph: Graph, tenant: Tenant, token: str) -> None:
        graph.token_answer = document({"access_token": token, "expires_in": 3600, "token_type": "Bearer"})
        assert_fails(tenant(), "RS-DIR-002")
        assert graph.pages() == []

    def test_a_token_endpoint_that_is_down_cannot_be_reached(self, graph: Graph, tenant: Tenant) -> None:
        graph.token_answer = Response(status_code=500)
        assert "answered 500" in assert_fails(tenant(), "RS-DIR-001").message
        assert len(graph.sign_ins()) == 6

    def test_each_cloud_has_its_own_sign_in_and_graph(self) -> None:
        addresses = {cloud: (endpoints.login, endpoints.graph) for cloud, endpoints in CLOUDS.items()}
        assert addresses["global"] == ("https://login.microsoftonline.com", "https://graph.microsoft.com")
        assert len({graph for _, graph in addresses.values()}) == len(addresses) == 4


class TestAsking:
    """What Graph is asked for."""

    def test_only_what_is_read_is_asked_for(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(1)]
        tenant.read()
        (asked,) = graph.pages()
        selected = "accountEnabled,employeeId,id,mail,proxyAddresses,userPrincipalName"
        assert asked.params == {"$select": selected, "$top": "999"}
        assert "consistencylevel" not in asked.headers

    def test_a_filter_narrows_what_comes_without_the_index(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(n, userType="Member" if n % 2 else "Guest") for n in range(2_400)]
        assert len(tenant.read(filter="userType eq 'Member'")) == 1_200
        assert len(graph.pages()) == 2
        assert not any("consistencylevel" in asked.headers or "$count" in asked.params for asked in graph.pages())

    def test_a_filter_that_needs_the_index_gets_it_on_every_page(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(n, userType="Member" if n % 2 else "Guest") for n in range(2_400)]
        assert len(tenant.read(filter="userType ne 'Guest'")) == 1_200
        refused, *pages = graph.pages()
        assert "consistencylevel" not in refused.headers
        assert [asked.headers.get("consistencylevel") for asked in pages] == ["eventual"] * 2

    @pytest.mark.parametrize(
        ("others", "words"),
        [
            ({"filter": "(("}, "Syntax error"),
            ({"attributes": {"identifier": "shoeSize"}}, "Could not find a property named 'shoeSize'"),
        ],
    )
    def test_what_graph_does_not_understand_is_told(self, tenant: Tenant, others: dict[str, Any], words: str) -> None:
        error = assert_fails(tenant(**others), "RS-DIR-002")
        assert words in error.message
        assert "directory.filter" in error.hint


class TestAccounts:
    """What becomes of a user."""

    def test_only_smtp_addresses_are_emails(self, graph: Graph, tenant: Tenant) -> None:
        proxies = ["X500:/o=x", "smtp:a@example.org", "SMTP:USER00001@example.org", "SIP:b@example.org"]
        graph.users = [user(1, proxyAddresses=proxies), user(2, mail=None, proxyAddresses=None)]
        assert [account.emails for account in tenant.read()] == [("user00001@example.org", "a@example.org"), ()]

    def test_where_there_are_no_mailboxes_the_sign_in_name_can_be_the_email(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(1, mail=None, proxyAddresses=[])]
        (account,) = tenant.read(attributes={"email": "userPrincipalName"})
        assert account.emails == ("user00001@example.org",)

    def test_who_may_not_sign_in_is_disabled(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(1, accountEnabled=False), user(2), user(3, accountEnabled=None)]
        assert [account.disabled for account in tenant.read()] == [True, False, False]

    def test_not_being_told_who_is_disabled_is_a_missing_right(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(1, accountEnabled=None), user(2, accountEnabled=None)]
        assert "User.Read.All" in assert_fails(tenant(), "RS-DIR-002").hint

    def test_what_users_are_looked_up_by_must_be_there(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(1)]
        assert "identifier (employeeId)" in assert_fails(tenant(needed=("identifier",)), "RS-DIR-002").message

    def test_check_says_as_which_app(self, graph: Graph, tenant: Tenant) -> None:
        graph.users = [user(1)]
        with closing(tenant()) as directory:
            server, counted = directory.probe()
        assert server.message == f"Microsoft Entra, tenant {TENANT}, as app {CLIENT}"
        assert counted.message == "1 account, 1 with an email"


def test_without_msal_it_says_what_to_install(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rostersync.directories.microsoft_tokens", None)
    with closing(tenant()) as directory, pytest.raises(DirectoryError) as caught:
        list(directory.accounts())
    assert (caught.value.code, caught.value.hint) == ("RS-DIR-001", "Install rostersync[microsoft].")


def test_settings_do_not_show_their_secret() -> None:
    assert SECRET not in repr(MicrosoftSettings(TENANT, CLIENT, SECRET))
