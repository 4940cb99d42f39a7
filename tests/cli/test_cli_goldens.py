"""What the commands say, whole: exit code, stdout and stderr."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

import pytest

from rostersync.demo import District, Server, faults
from rostersync.store.lock import Holder, integration_lock
from tests.cli.home import NOW, Answer, Home, drop_students

Golden = Callable[[Answer], None]


@pytest.fixture(params=["80", "120"])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(request.param))
    return str(request.param)


@pytest.fixture
def synced(home: Home, server: Server) -> Home:
    """A home whose integration has been run once, an hour ago."""
    assert home("run").code == 0
    home.clock.forward(hours=1)
    assert server.requests
    return home


@pytest.fixture
def changed(synced: Home, district: District) -> Home:
    """A day later: one name and one title are other ones, and a student has come who is somebody's twin in evil."""
    now = synced.clock.now
    district.touch("users", "stu-0040", now, givenName="An\x1b[31mna [/b]\u202e", email="new@example.org")
    district.touch("classes", "cls-0002", now, title="[bold]Math[/bold]", grades=["04", "05"])
    district.mark_deleted("users", "stu-0041", now)
    synced.clock.forward(hours=1)
    return synced


def test_no_configuration(home: Home, golden: Golden) -> None:
    golden(home("run"))


def test_wrong_toml(home: Home, golden: Golden) -> None:
    home.configure("[integrations.springfield\nenabled = maybe\n")
    golden(home("status"))


def test_wrong_keys(home: Home, server: Server, golden: Golden) -> None:
    assert server.url
    home.edit('partner_id = "spr"', 'partner = "spr"\nenabled = "no"')
    golden(home("status"))


def test_unknown_integration(home: Home, server: Server, golden: Golden) -> None:
    assert server.url
    golden(home("run", "springfeild"))


def test_missing_secret(home: Home, server: Server, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    assert server.url
    monkeypatch.delenv("SPRINGFIELD_SECRET")
    golden(home("check"))


@pytest.mark.parametrize(
    "line",
    [
        "rnu",
        "run --forse",
        "log --status nice",
        "run --date tomorrow",
        "preview",
        "log --since soon",
        "preview x --limit 0",
    ],
)
def test_usage(home: Home, server: Server, golden: Golden, line: str) -> None:
    assert server.url
    golden(home(*line.split()))


@pytest.mark.parametrize("line", ["check", "preview", "run", "log", "status"])
def test_help(home: Home, golden: Golden, line: str) -> None:
    golden(home(*line.split(), "--help"))


def test_check(home: Home, server: Server, golden: Golden, width: str) -> None:
    assert server.url, width
    golden(home("check"))


def test_check_fails(home: Home, server: Server, golden: Golden, width: str) -> None:
    server.faults.set(faults.Html(on=["classes"]), faults.FilterIgnored(on=["users"]))
    assert width
    golden(home("check"))


def test_check_with_wrong_secret(home: Home, server: Server, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    assert server.url
    monkeypatch.setenv("SPRINGFIELD_SECRET", "wrong")
    golden(home("check", "--json"))


def test_first_preview(home: Home, server: Server, golden: Golden, width: str) -> None:
    assert server.url, width
    golden(home("preview", "springfield"))


def test_preview_of_changes(changed: Home, golden: Golden, width: str) -> None:
    assert width
    golden(changed("preview", "springfield"))


def test_preview_as_document(changed: Home, golden: Golden) -> None:
    golden(changed("preview", "springfield", "--json"))


def test_preview_without_changes(synced: Home, golden: Golden) -> None:
    golden(synced("preview", "springfield"))


def test_preview_blocked(synced: Home, district: District, golden: Golden) -> None:
    drop_students(district, 12)
    golden(synced("preview", "springfield", "--full", "--limit", "6"))


def test_preview_of_a_server_that_answers_html(home: Home, server: Server, golden: Golden) -> None:
    server.faults.set(faults.Html(on=["users"]))
    golden(home("preview", "springfield", "--json"))


def test_run(home: Home, server: Server, golden: Golden, width: str) -> None:
    assert server.url, width
    golden(home("run"))


def test_run_as_document(home: Home, server: Server, golden: Golden) -> None:
    assert server.url
    golden(home("run", "--json"))


def test_run_without_changes(synced: Home, golden: Golden) -> None:
    golden(synced("run"))


def test_run_blocked(synced: Home, district: District, golden: Golden, width: str) -> None:
    assert width
    drop_students(district, 12)
    golden(synced("run", "--full"))


def test_run_partial(home: Home, server: Server, golden: Golden) -> None:
    server.faults.set(faults.Fail(404, on=["academicSessions"]))
    golden(home("run"))


def test_run_failed(home: Home, server: Server, golden: Golden) -> None:
    server.faults.set(faults.Html(on=["users"]))
    golden(home("run"))


def test_run_failed_as_document(home: Home, server: Server, golden: Golden) -> None:
    server.faults.set(faults.Fail(503, on=["users"]))
    golden(home("run", "--json"))


def test_run_against_a_dead_server(home: Home, server: Server, golden: Golden) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    home.hidden[port] = "<port>"
    for _ in range(2):
        home.edit(server.url, f"http://127.0.0.1:{port}")
    golden(home("run"))


@pytest.mark.parametrize("form", ["text", "json"])
def test_run_busy(synced: Home, golden: Golden, form: str) -> None:
    with integration_lock(synced.store, "springfield", Holder(os.getpid(), "here", NOW.isoformat())):
        golden(synced("run", *(["--json"] if form == "json" else [])))


def test_log_of_nothing(home: Home, server: Server, golden: Golden) -> None:
    assert server.url
    golden(home("log"))
    assert not home.store.exists()


def test_log(changed: Home, server: Server, district: District, golden: Golden, width: str) -> None:
    assert width
    changed("run")
    server.faults.set(faults.Html(on=["users"]))
    changed.clock.forward(hours=1)
    changed("run")
    server.faults.clear()
    drop_students(district, 12)
    changed.clock.forward(hours=1)
    changed("run", "--full")
    golden(changed("log"))


@pytest.fixture
def two(home: Home, server: Server) -> Home:
    """A home with two integrations, of which the second cannot be reached."""
    assert server.url
    text = (home.path / "rostersync.toml").read_text()
    other = text.split("\n\n", 1)[1].replace("springfield", "shelbyville").replace("/oneroster/v1p1", "/oneroster/none")
    home.configure(f"{text}\n{other}")
    return home


def test_run_of_two(two: Home, golden: Golden) -> None:
    golden(two("run"))


def test_log_of_two(two: Home, golden: Golden, width: str) -> None:
    assert width
    two("run")
    golden(two("log"))


def test_log_with_changes(changed: Home, golden: Golden) -> None:
    changed("run")
    golden(changed("log", "--run", "2", "--changes"))


def test_log_as_document(changed: Home, golden: Golden) -> None:
    changed("run")
    golden(changed("log", "--last", "--changes", "--json"))


def test_status_before_the_first_run(home: Home, server: Server, golden: Golden) -> None:
    assert server.url
    golden(home("status"))
    assert not home.store.exists()


def test_status(synced: Home, golden: Golden, width: str) -> None:
    assert width
    synced.edit(
        "[integrations.springfield.source]", "schedule.cron = '0 18 * * 2,5'\n[integrations.springfield.source]"
    )
    synced.edit("[integrations.springfield.source]", "sync.parents = true\n[integrations.springfield.source]")
    golden(synced("status"))


def test_status_as_document(synced: Home, golden: Golden) -> None:
    golden(synced("status", "--json"))
