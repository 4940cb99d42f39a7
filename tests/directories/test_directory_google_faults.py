"""What Google refuses, and answers that are not whole."""

from __future__ import annotations

import gzip
import logging
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from starlette.responses import Response, StreamingResponse

from rostersync.directories.web import CAP
from rostersync.errors import DirectoryError
from tests.directories.authority import Authority
from tests.directories.cloud import Cut, always, document, drip, honest
from tests.directories.contract import assert_fails
from tests.directories.google_cloud import (
    Google,
    Workspace,
    refusal,
    user,
)


class TestRefusals:
    """Quota that passes, and what does not."""

    @pytest.mark.parametrize(
        ("status", "reason"),
        [
            (403, "rateLimitExceeded"),
            (403, "userRateLimitExceeded"),
            (403, "quotaExceeded"),
            (429, "rateLimitExceeded"),
            (500, "backendError"),
            (503, "backendError"),
        ],
    )
    def test_quota_is_waited_for(self, google: Google, workspace: Workspace, status: int, reason: str) -> None:
        google.users = [user(1)]
        google.odd.extend([always(refusal(status, reason, "Quota exceeded."))] * 2)
        assert len(workspace.read()) == 1
        assert len(google.pages()) == 3

    def test_quota_that_does_not_come_back_is_no_answer(self, google: Google, workspace: Workspace) -> None:
        google.stuck = True
        google.odd.append(always(refusal(403, "quotaExceeded", "Quota exceeded.")))
        assert "403" in assert_fails(workspace(), "RS-DIR-001").message
        assert len(google.pages()) == 6

    def test_a_pause_that_is_too_long_is_not_waited_for(self, google: Google, workspace: Workspace) -> None:
        google.stuck = True
        google.odd.append(always(refusal(429, "rateLimitExceeded", "Later.", {"Retry-After": "301"})))
        assert "in 301 seconds" in assert_fails(workspace(), "RS-DIR-001").message
        assert len(google.pages()) == 2

    @pytest.mark.parametrize(
        ("status", "reason", "way_out"),
        [
            (403, "forbidden", "Admin roles"),
            (403, "accessNotConfigured", "enable the Admin SDK API"),
            (403, "insufficientPermissions", "Domain-wide delegation"),
            (403, "dailyLimitExceeded", "Admin roles"),
            (400, "invalid", "directory.customer"),
            (412, "conditionNotMet", "directory.customer"),
        ],
    )
    def test_what_does_not_pass_is_told_at_once(
        self, google: Google, workspace: Workspace, status: int, reason: str, way_out: str
    ) -> None:
        google.stuck = True
        google.odd.append(always(refusal(status, reason, "Not Authorized to access this resource/api")))
        error = assert_fails(workspace(), "RS-DIR-002")
        assert reason in error.message
        assert way_out in error.hint
        assert len(google.pages()) == 2

    def test_newer_refusals_have_their_reason_in_the_details(self, google: Google, workspace: Workspace) -> None:
        google.stuck = True
        details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}]
        google.odd.append(always(document({"error": {"code": 403, "message": "x", "details": details}}, 403)))
        assert "enable the Admin SDK API" in assert_fails(workspace(), "RS-DIR-002").hint


class TestBroken:
    """Half a directory, and what is none."""

    @pytest.mark.parametrize(
        "answer",
        [
            Response("", 200),
            Response("<html>sign in</html>", 200),
            Response(b'{"kind": "admin#directory#users", "users": [{"id"', 200),
            Response("[" * 100_000, 200),
            Response(status_code=302, headers={"Location": "https://example.org/"}),
            Response(status_code=204),
            Response(status_code=418),
            document({}),
            document({"kind": "admin#directory#groups"}),
            document({"kind": "admin#directory#users", "users": {}}),
            document({"kind": "admin#directory#users", "users": [{}]}),
            document({"kind": "admin#directory#users", "users": [{"id": 7}]}),
            document({"kind": "admin#directory#users", "users": [{"id": "7", "suspended": "yes"}]}),
            document({"kind": "admin#directory#users", "users": [{"id": "7", "aliases": "a"}]}),
            document({"kind": "admin#directory#users", "users": [{"id": "7", "externalIds": ["a"]}]}),
        ],
    )
    def test_what_is_no_page_of_users_is_no_directory(
        self, google: Google, workspace: Workspace, answer: Response
    ) -> None:
        google.stuck = True
        google.users = [user(n) for n in range(600)]
        google.odd.extend([honest, always(answer), honest, always(answer)])
        assert_fails(workspace(), "RS-DIR-003")

    def test_a_custom_field_that_is_no_text_is_no_place_for_a_key(self, google: Google, workspace: Workspace) -> None:
        google.users = [user(1, customSchemas={"SIS": {"id": 1.5}})]
        directory = workspace(attributes={"sourcedId": "customSchemas.SIS.id"})
        assert "is no text" in assert_fails(directory, "RS-DIR-003").message

    def test_compressed_pages_are_read(self, google: Google, workspace: Workspace) -> None:
        page = msgspec.json.encode({"kind": "admin#directory#users", "users": [user(1)]})
        google.odd.append(always(Response(gzip.compress(page), headers={"Content-Encoding": "gzip"})))
        assert len(workspace.read()) == 1

    @pytest.mark.parametrize("body", [b"plain", gzip.compress(b"{}" * 10_000, mtime=0)[:-20]], ids=["plain", "cut"])
    def test_what_cannot_be_inflated_is_no_directory(self, google: Google, workspace: Workspace, body: bytes) -> None:
        google.stuck = True
        google.users = [user(n) for n in range(600)]
        google.odd.extend([honest, always(Response(body, headers={"Content-Encoding": "gzip"}))])
        with closing(workspace()) as directory, pytest.raises(DirectoryError) as caught:
            list(directory.accounts())
        assert caught.value.code == "RS-DIR-003"

    def test_a_page_that_inflates_without_end_is_left(self, google: Google, workspace: Workspace) -> None:
        google.stuck = True
        bomb = gzip.compress(bytes(CAP + 1))
        google.odd.append(always(Response(bomb, headers={"Content-Encoding": "gzip"})))
        assert "64 MiB" in assert_fails(workspace(), "RS-DIR-003").message

    def test_an_answer_that_breaks_off_is_asked_for_again(self, google: Google, workspace: Workspace) -> None:
        google.users = [user(1)]
        google.odd.append(always(Cut(b'{"kind": "admin#directory#users"}')))
        assert len(workspace.read()) == 1

    def test_an_answer_that_drips_has_its_time(self, google: Google, workspace: Workspace) -> None:
        google.stuck = True
        google.odd.append(always(StreamingResponse(drip())))
        with closing(workspace(timeout=0.3, retries=0)) as directory, pytest.raises(DirectoryError) as caught:
            list(directory.accounts())
        assert caught.value.code == "RS-DIR-001"
        assert "in time" in caught.value.message

    def test_a_page_that_comes_again_is_a_circle(self, google: Google, workspace: Workspace) -> None:
        google.stuck = True
        page = {"kind": "admin#directory#users", "users": [user(1)]}
        google.odd.append(lambda asked: document({**page, "nextPageToken": asked.params.get("pageToken", "") + "x"}))
        assert "a page came twice" in assert_fails(workspace(), "RS-DIR-003").message

    def test_a_token_that_does_not_move_is_a_circle(self, google: Google, workspace: Workspace) -> None:
        google.stuck = True
        numbers = iter(range(1_000_000))
        google.odd.append(
            lambda _asked: document(
                {"kind": "admin#directory#users", "users": [user(next(numbers))], "nextPageToken": "same"}
            )
        )
        assert "leads back" in assert_fails(workspace(), "RS-DIR-003").message

    def test_empty_pages_without_end_are_left(self, google: Google, workspace: Workspace) -> None:
        google.stuck = True
        numbers = iter(range(1_000_000))
        google.odd.append(
            lambda _asked: document({"kind": "admin#directory#users", "nextPageToken": str(next(numbers))})
        )
        assert "empty pages" in assert_fails(workspace(), "RS-DIR-003").message

    def test_who_comes_again_while_pages_move_is_one_account(self, google: Google, workspace: Workspace) -> None:
        google.users = [*(user(n) for n in range(500)), user(499), user(500)]
        assert len(workspace.read()) == 501

    def test_a_certificate_of_another_authority_is_not_trusted(
        self, google: Google, workspace: Workspace, tmp_path: Path
    ) -> None:
        other = Workspace(google, Authority(tmp_path, "Other"), tmp_path)
        google.users = [user(1)]
        assert "cannot be trusted" in assert_fails(other(), "RS-DIR-001").message
        assert google.asked == []
        assert len(workspace.read()) == 1

    def test_the_logs_hold_neither_token_nor_key(
        self, google: Google, workspace: Workspace, caplog: pytest.LogCaptureFixture
    ) -> None:
        google.users = [user(1)]
        google.odd.append(always(Response(status_code=503)))
        with caplog.at_level(logging.DEBUG):
            workspace.read()
        assert "trying again" in caplog.text
        assert not any(token in caplog.text for token in google.tokens)
        assert google.sign_ins()[0].form["assertion"] not in caplog.text
