"""Secrets are nowhere to be seen in a sample of scenes; and one that is planted is found."""

from __future__ import annotations

import base64
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

import pytest

from rostersync.sources.rest import failures
from torture.budget import SHORT
from torture.secrets import commands, play, processes, tallies
from torture.secrets.canaries import Canaries, canary, forms
from torture.secrets.scenes import Scene, played, rest_scenes

SECRET = canary("planted")


def test_no_secret_is_seen_in_a_sample_of_scenes() -> None:
    found = list(tallies(SHORT))
    assert len(found) == 6
    for each in found:
        assert each.tried > 0
        assert not each.lost, each.lost


@pytest.mark.parametrize(
    "told",
    [
        SECRET,
        SECRET.upper(),
        quote(f"?&{SECRET}="),
        SECRET.encode().hex(),
        base64.b64encode(f"me:{SECRET}".encode()).decode(),
        base64.b64encode(f"you:{SECRET}!".encode()).decode(),
        base64.urlsafe_b64encode(f"them:{SECRET}".encode()).decode(),
    ],
)
def test_a_secret_is_known_in_every_form(told: str) -> None:
    canaries = Canaries({"planted": forms(SECRET)})
    assert canaries.seen(f"before {told} after".encode()) == ["planted"]
    assert not canaries.seen(b"canary of something else")


def test_a_message_that_says_a_secret_is_found() -> None:
    name = "oauth2-body: 400 with an echo"

    def telling(status: int, error: str | None) -> failures.FetchOver:
        return failures.FetchOver("RS-AUTH-001", f"{status} {error}: {canary('oauth2-body')}")

    with patch("rostersync.sources.rest.failures.token_refused", telling):
        found = [lost for kind, lost in play(name, rest_scenes()[name], SHORT) if lost]
    assert any("check: oauth2-body" in each for lost in found for each in lost)
    assert any("roster.db: oauth2-body" in each for lost in found for each in lost)


def test_what_the_server_was_sent_is_learned() -> None:
    name = "bearer: taken"
    seen: list[Scene] = []
    kept = Scene.learn_sent

    def learning(scene: Scene) -> None:
        kept(scene)
        seen.append(scene)

    with patch.object(Scene, "learn_sent", learning):
        assert not [lost for _, lost in play(name, rest_scenes()[name], SHORT) if lost]
    assert canary("bearer-token").encode() in seen[0].canaries.forms["what was sent"]


def test_a_secret_in_a_command_line_is_found(tmp_path: Path) -> None:
    with played("x", lambda _scene, _stack: None, tmp_path / "scene") as scene:
        processes._slowly(scene, stack := ExitStack())
        with stack:
            words = ["check", f"--{canary('api-key')}"]
            assert "api-key in a command line" in processes.watch(scene, words)


def test_a_command_without_a_line_is_found() -> None:
    assert commands.untried() == []
    with patch.dict(commands.LOCAL):
        del commands.LOCAL["codes"]
        assert commands.untried() == ["codes"]
