"""A configured folder, a district behind a real socket, and golden files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rostersync.demo import District, Server, make_district, serve
from tests.cli.home import CONFIG, Answer, Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Home:
    for name in ("ROSTERSYNC_CONFIG", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "etc"))
    monkeypatch.setenv("SPRINGFIELD_SECRET", "demo-secret")
    monkeypatch.chdir(tmp_path)
    return Home(tmp_path, capsys, hidden={str(tmp_path): "<home>"})


@pytest.fixture
def district() -> District:
    return make_district(students=60, seed=1, year=2026)


@pytest.fixture
def server(district: District, home: Home) -> Iterator[Server]:
    with serve(district, auth=("oauth2",), clock=lambda: home.clock().timestamp()) as running:
        home.configure(CONFIG.format(base=running.base("1.1"), token=running.token_url))
        home.hidden[running.url.rpartition(":")[2]] = "<port>"
        yield running


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Answer], None]:
    """Compares with the file named by the test; `GOLDEN=write` writes it."""
    name = re.sub(r"[^\w]+", "-", request.node.name.removeprefix("test_")).strip("-")
    file = Path(__file__).with_name("golden") / f"{name}.txt"

    def compare(answer: Answer) -> None:
        if os.environ.get("GOLDEN") == "write":
            file.write_text(str(answer), "utf-8")
        assert str(answer) == file.read_text("utf-8")

    return compare
