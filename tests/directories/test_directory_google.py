"""Accounts of a Google Workspace, over TLS with a Google of our own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import jwt
import pytest
from starlette.responses import Response

from rostersync.directories.base import Directory
from rostersync.directories.google import GoogleDirectory, GoogleSettings
from rostersync.errors import DirectoryError
from rostersync.model.directory import Account
from tests.directories.cloud import Asked, User, always, closed_port, document, honest
from tests.directories.contract import SECRET, DirectoryContract, Serve, assert_fails
from tests.directories.google_cloud import (
    AUDIENCE,
    CLIENT,
    KEY,
    OTHER_KEY,
    SCOPE,
    SUBJECT,
    Google,
    Workspace,
    key_file,
    refusal,
    user,
)

MAPPED: dict[Any, str] = {
    "username": "externalIds.login_id",
    "userMasterIdentifier": "customSchemas.SIS.masterId",
    "sourcedId": "externalIds.sourcedId",
}


def kept(account: Account) -> User:
    """Put an account where Google would have it."""
    primary, *aliases = account.emails or (f"{account.username}@example.org",)
    external = [
        {"type": "organization", "value": account.identifier},
        {"type": "login_id", "value": account.username},
        {"type": "custom", "customType": "sourcedId", "value": account.sourced_id},
    ]
    return user(
        0,
        id=account.id,
        primaryEmail=primary,
        aliases=aliases,
        suspended=account.disabled,
        externalIds=[entry for entry in external if entry["value"]],
        customSchemas={"SIS": {"masterId": account.master_identifier}} if account.master_identifier else {},
    )


class TestContract(DirectoryContract):
    """What every directory must do."""

    @staticmethod
    def expected(account: Account) -> Account:
        """Give who has no address one: Google knows no account without."""
        return account._replace(emails=account.emails or (f"{account.username}@example.org",))

    @pytest.fixture
    def serve(self, google: Google, workspace: Workspace) -> Serve:
        def served(accounts: Sequence[Account]) -> Directory:
            google.users = [kept(account) for account in accounts]
            return workspace(attributes=MAPPED)

        return served

    @pytest.fixture
    def unreachable(self, workspace: Workspace) -> Directory:
        return workspace(url=f"https://127.0.0.1:{closed_port()}")

    @pytest.fixture
    def refused(self, google: Google, workspace: Workspace) -> Directory:
        google.next_token = SECRET
        google.stuck = True
        google.odd.append(lambda asked: refusal(403, "forbidden", f"Not authorized: {asked.headers['authorization']}"))
        return workspace()

    @pytest.fixture
    def cut_short(self, google: Google, workspace: Workspace) -> Directory:
        google.users = [user(n) for n in range(1_100)]
        google.odd.extend([honest, always(Response(status_code=503))] * 2)
        return workspace(retries=0)


class TestSigningIn:
    """Tokens of a service account that acts for an administrator."""

    def test_the_assertion_names_who_asks_for_whom_and_the_least_scope(
        self, google: Google, workspace: Workspace
    ) -> None:
        google.users = [user(1)]
        assert len(workspace.read()) == 1
        (asked,) = google.sign_ins()
        claims = jwt.decode(asked.form["assertion"], KEY.public_key(), ["RS256"], audience=AUDIENCE)
        assert (claims["iss"], claims["sub"], claims["scope"]) == (CLIENT, SUBJECT, SCOPE)
        assert asked.form.keys() == {"assertion", "grant_type"}

    def test_one_token_is_enough_for_many_pages(self, google: Google, workspace: Workspace) -> None:
        google.users = [user(n) for n in range(1_600)]
        assert len(workspace.read()) == 1_600
        assert len(google.pages()) == 4
        assert len(google.sign_ins()) == 1

    def test_a_token_that_has_run_out_is_replaced(self, google: Google, workspace: Workspace) -> None:
        google.users = [user(n) for n in range(700)]

        def forget(_asked: Asked) -> Response | None:
            google.tokens.clear()
            return None

        google.odd.extend([honest, forget])
        assert len(workspace.read()) == 700
        assert len(google.sign_ins()) == 2

    def test_a_token_that_is_refused_twice_is_refused(self, google: Google, workspace: Workspace) -> None:
        google.life = -1
        error = assert_fails(workspace(), "RS-DIR-002")
        assert "401" in error.message
        assert len(google.pages()) == 4

    @pytest.mark.parametrize(
        ("others", "words", "way_out"),
        [
            ({"subject": "pupil@example.org"}, "invalid_grant: Invalid email or User ID", "directory.subject"),
            ({"delegated": {}}, "unauthorized_client: Client is unauthorized", "Domain-wide delegation"),
            ({"delegated": {CLIENT: {"other"}}}, "unauthorized_client", SCOPE),
            ({"key": OTHER_KEY}, "invalid_grant: Invalid JWT Signature.", "new JSON key"),
        ],
    )
    def test_what_is_refused_says_what_to_do(
        self, google: Google, workspace: Workspace, tmp_path: Path, others: dict[str, Any], words: str, way_out: str
    ) -> None:
        google.delegated = others.get("delegated", google.delegated)
        key = key_file(tmp_path / "other.json", others.get("key", OTHER_KEY)) if "key" in others else None
        error = assert_fails(workspace(key_file=key, subject=others.get("subject", SUBJECT)), "RS-DIR-002")
        assert words in error.message
        assert way_out in error.hint

    @pytest.mark.parametrize(
        "answer",
        [document({"no": "token"}), document([]), Response("<html>"), document({"access_token": 7, "expires_in": "x"})],
    )
    def test_an_answer_without_a_token_is_none(self, google: Google, workspace: Workspace, answer: Response) -> None:
        google.token_answer = answer
        google.users = [user(1)]
        assert_fails(workspace(), "RS-DIR-002")

    @pytest.mark.parametrize("token", ["tökén", "two words", "line\nfeed", ""])
    def test_a_token_that_cannot_stand_in_a_header_is_none(
        self, google: Google, workspace: Workspace, token: str
    ) -> None:
        google.token_answer = document({"access_token": token, "expires_in": 3600, "token_type": "Bearer"})
        assert_fails(workspace(), "RS-DIR-002")
        assert google.pages() == []

    def test_a_token_endpoint_that_is_down_cannot_be_reached(self, google: Google, workspace: Workspace) -> None:
        google.token_answer = Response(status_code=500)
        assert "answered 500" in assert_fails(workspace(), "RS-DIR-001").message
        assert len(google.sign_ins()) == 6

    def test_others_must_not_be_able_to_read_the_key(self, workspace: Workspace, tmp_path: Path) -> None:
        key = key_file(tmp_path / "open.json")
        key.chmod(0o640)
        error = assert_fails(workspace(key_file=key), "RS-DIR-002")
        assert "0640" in error.message
        assert "chmod 600" in error.hint

    @pytest.mark.parametrize(
        "content", ["", "no JSON", "[]", "{}", '{"type": "service_account"}', '{"type": "authorized_user"}']
    )
    def test_a_key_that_is_none_is_named(self, workspace: Workspace, tmp_path: Path, content: str) -> None:
        key = key_file(tmp_path / "bad.json")
        key.write_text(content, encoding="utf-8")
        assert "bad.json" in assert_fails(workspace(key_file=key), "RS-DIR-002").message

    def test_a_broken_key_is_not_told(self, workspace: Workspace, tmp_path: Path) -> None:
        key = key_file(tmp_path / "bad.json", private_key=f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n")
        assert "bad.json" in assert_fails(workspace(key_file=key), "RS-DIR-002").message

    def test_a_key_that_is_not_there_is_named(self, workspace: Workspace, tmp_path: Path) -> None:
        assert "none.json" in assert_fails(workspace(key_file=tmp_path / "none.json"), "RS-DIR-002").message


class TestAsking:
    """What users.list is asked for."""

    def test_only_what_is_read_is_asked_for(self, google: Google, workspace: Workspace) -> None:
        google.users = [user(1)]
        workspace.read()
        (asked,) = google.pages()
        fields = "aliases,archived,externalIds,id,nonEditableAliases,primaryEmail,suspended"
        assert asked.params == {
            "customer": "my_customer",
            "maxResults": "500",
            "fields": f"kind,nextPageToken,users({fields})",
        }
        assert asked.headers["accept-encoding"] == "gzip"
        assert "gzip" in asked.headers["user-agent"]

    def test_a_domain_stands_in_the_place_of_the_customer(self, google: Google, workspace: Workspace) -> None:
        google.users = [user(1), user(2, primaryEmail="two@example.com")]
        assert [account.emails for account in workspace.read(domain="example.com")] == [("two@example.com",)]

    def test_a_query_narrows_what_comes_on_every_page(self, google: Google, workspace: Workspace) -> None:
        google.users = [user(n, orgUnitPath="/Staff" if n % 2 else "/Students") for n in range(1_200)]
        assert len(workspace.read(query="orgUnitPath=/Staff")) == 600
        assert {asked.params["query"] for asked in google.pages()} == {"orgUnitPath=/Staff"}

    def test_another_customer_is_refused_with_where_to_look(self, workspace: Workspace) -> None:
        assert "directory.customer" in assert_fails(workspace(customer="C9"), "RS-DIR-002").hint

    def test_custom_schemas_are_asked_for_by_name(self, google: Google, workspace: Workspace) -> None:
        google.users = [
            user(1, customSchemas={"SIS": {"id": "s-1", "extra": "x"}, "Health": {"x": "y"}}),
            user(2, customSchemas={"SIS": {"id": [{"type": "work", "value": "s-9"}, {"value": "s-2"}]}}),
            user(3, customSchemas={"SIS": {"id": 3}}),
            user(4, customSchemas={"SIS": {}}),
        ]
        accounts = workspace.read(attributes={"sourcedId": "customSchemas.SIS.id"})
        assert [account.sourced_id for account in accounts] == ["s-1", "s-2", "3", None]
        assert google.pages()[0].params["customFieldMask"] == "SIS"


class TestAccounts:
    """What becomes of a user."""

    def test_all_addresses_are_those_of_the_account(self, google: Google, workspace: Workspace) -> None:
        google.users = [
            user(1, aliases=["a@example.org", "USER00001@example.org"], nonEditableAliases=["b@example.net"])
        ]
        assert workspace.read()[0].emails == ("user00001@example.org", "a@example.org", "b@example.net")

    @pytest.mark.parametrize("name", ["suspended", "archived"])
    def test_who_is_suspended_or_archived_is_disabled(self, google: Google, workspace: Workspace, name: str) -> None:
        google.users = [user(1, **{name: True}), user(2)]
        assert [account.disabled for account in workspace.read()] == [True, False]

    def test_the_employee_id_is_the_identifier(self, google: Google, workspace: Workspace) -> None:
        ids = [{"type": "account", "value": "1"}, {"type": "organization", "value": " 0071 "}]
        google.users = [user(1, externalIds=ids), user(2, externalIds=[{"type": "organization", "value": ""}]), user(3)]
        assert [account.identifier for account in workspace.read()] == ["0071", None, None]

    def test_of_several_ids_the_smallest_is_taken_on_every_day(self, google: Google, workspace: Workspace) -> None:
        ids = [{"type": "organization", "value": value} for value in ("9", "10", "8")]
        google.users = [user(1, externalIds=ids), user(2, externalIds=ids[::-1])]
        assert [account.identifier for account in workspace.read()] == ["10", "10"]

    def test_what_users_are_looked_up_by_must_be_there(self, google: Google, workspace: Workspace) -> None:
        google.users = [user(1), user(2)]
        error = assert_fails(workspace(needed=("identifier", "sourcedId")), "RS-DIR-002")
        assert error.message == (
            "none of 2 accounts has identifier (externalIds.organization), sourcedId (read from nowhere)"
        )
        assert len(workspace.read(needed=("identifier", "email"))) == 2

    def test_check_says_as_whom(self, workspace: Workspace, google: Google) -> None:
        google.users = [user(1)]
        with closing(workspace(domain="example.org")) as directory:
            server, counted = directory.probe()
        assert server.message == f"Google Workspace, domain example.org, as {SUBJECT}"
        assert counted.message == "1 account, 1 with an email"


def test_without_google_auth_it_says_what_to_install(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rostersync.directories.google_tokens", None)
    with closing(workspace()) as directory, pytest.raises(DirectoryError) as caught:
        list(directory.accounts())
    assert (caught.value.code, caught.value.hint) == ("RS-DIR-001", "Install rostersync[google].")


def test_authorities_that_cannot_be_read_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    directory = GoogleDirectory(GoogleSettings(key_file(tmp_path / "key.json"), SUBJECT))
    assert "SSL_CERT_FILE" in assert_fails(directory, "RS-DIR-001").hint
