"""`demo`: the whole story, over a real socket."""

from __future__ import annotations

import builtins
import re
import shlex
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from rostersync.cli import demo as command
from rostersync.cli import demo_folder
from rostersync.cli.app import main
from rostersync.cli.demo import ZONE, change
from rostersync.config.load import load
from rostersync.demo import make_district
from rostersync.errors import Interrupted
from tests.cli.world import NOW, Answer

Demo = Callable[..., Answer]


@pytest.fixture
def demo(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Demo:
    """Call the demo in a new folder, on a fixed day."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("ROSTERSYNC_CONFIG", "/nowhere.toml")

    def call(*words: str, now: datetime = NOW) -> Answer:
        code = main(["demo", *words], clock=lambda: now)
        return Answer(code, *capsys.readouterr())

    return call


def steps(answer: Answer) -> list[Any]:
    """The answers of the commands of the story, in their order."""
    document = answer.document
    assert document["schema"] == "rostersync/demo/1"
    return [step["answer"] for step in document["steps"]]


def test_the_story_is_told_by_the_commands_as_they_are_typed(demo: Demo) -> None:
    answer = demo("district")
    assert (answer.code, answer.err) == (0, "")
    typed = re.findall(r"^\$ rostersync --config district/rostersync.toml (.*)$", answer.out, re.MULTILINE)
    again = ["preview springdale", "run springdale"]
    assert typed == ["check", *again, *again, "log springdale"]
    assert "Zoë Farrow" in answer.out
    assert "\n  sqlite3 district/rostersync.db " in answer.out


def test_the_second_plan_shows_only_what_the_demo_changed(demo: Demo) -> None:
    check, first, run, second, rerun, log = steps(demo("district", "--json"))
    assert check["checks"][0]["ok"] is True
    assert run["runs"][0]["plan_hash"] == first["preview"]["plan_hash"]
    assert rerun["runs"][0]["plan_hash"] == second["preview"]["plan_hash"]
    assert [(each["id"], each["status"], each["mode"]) for each in log["runs"]] == [
        (2, "success", "delta"),
        (1, "success", "full"),
    ]
    plan = second["preview"]["plan"]
    touched = {"stu-0121", "stu-0122", "stu-0014", "stu-0036", "stu-0050", "tch-0004"}
    users = {change["sourced_id"]: (change["action"], change["reason"]) for change in plan if change["kind"] == "users"}
    parents = {one: what for one, what in users.items() if one.startswith("par-")}
    assert users.keys() - parents.keys() == touched - {"stu-0014"}
    assert users["stu-0036"] == ("remove", "left-school")
    assert users["stu-0050"] == ("remove", "record-deleted")
    assert set(parents.values()) <= {("remove", "no-child-in-scope")}
    enrollments = [change for change in plan if change["kind"] == "enrollments"]
    assert {(change["before"] or change["after"])["user_sourced_id"] for change in enrollments} <= touched
    assert {change["kind"] for change in plan} == {"users", "enrollments", "relationships"}


def test_nothing_changes_but_what_was_changed(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "change", lambda _district, _now: [])
    second = steps(demo("district", "--json"))[3]["preview"]
    assert second["plan"] == []


def test_the_same_day_tells_the_same_story(demo: Demo) -> None:
    hashes = [steps(demo(name, "--json"))[3]["preview"]["plan_hash"] for name in ("one", "two")]
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("day", ["2027-01-15T03:00:00+00:00", "2027-08-01T04:30:00+00:00", "2028-02-29T23:59:00+00:00"])
def test_the_story_goes_well_on_any_day(demo: Demo, day: str) -> None:
    answer = demo("district", "--json", now=datetime.fromisoformat(day))
    assert answer.code == 0
    second = steps(answer)[3]["preview"]
    removed = [one["sourced_id"] for one in second["plan"] if one["kind"] == "users" and one["action"] == "remove"]
    assert {"stu-0036", "stu-0050"} <= set(removed)
    assert second["verdict"]["allowed"] is True


def test_nothing_that_happens_touches_a_special_case() -> None:
    district = make_district(command.STUDENTS)
    before = {kind: dict(district.collection(kind)) for kind in ("users", "enrollments")}
    said = change(district, NOW.astimezone(ZONE))
    assert len(said) == 6
    examples = set(district.examples.values())
    for kind, records in before.items():
        for sourced_id in records:
            if sourced_id in examples:
                assert district.collection(kind)[sourced_id]["dateLastModified"].startswith("2026-08-01")


def test_the_folder_holds_a_valid_configuration_a_private_secret_and_the_store(demo: Demo, tmp_path: Path) -> None:
    assert demo().code == 0
    folder = tmp_path / "rostersync-demo"
    assert sorted(path.name for path in folder.iterdir()) == ["demo-secret", "rostersync.db", "rostersync.toml"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "demo-secret").stat().st_mode) == 0o600
    assert list(load(folder / "rostersync.toml", {}, tmp_path).integrations) == ["springdale"]
    connection = sqlite3.connect(folder / "rostersync.db")
    assert dict(connection.execute(_shown_query(demo("other").out)).fetchall())["student"] > 100
    connection.close()


def _shown_query(story: str) -> str:
    """The query that the story proposes."""
    found = re.search(r'sqlite3 \S+ "(.*)"', story)
    assert found is not None
    return found[1]


def test_what_it_proposes_to_try_can_be_typed(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    story = demo("my district").out
    proposed = re.findall(r"^  rostersync (.*)$", story.rpartition("To try next")[2], re.MULTILINE)
    assert proposed.pop() == "demo ANOTHER_FOLDER --serve"
    assert len(proposed) == 3
    for line in proposed:
        assert main(shlex.split(line), clock=lambda: NOW) == 0, capsys.readouterr()


def test_an_earlier_demo_is_begun_anew(demo: Demo, tmp_path: Path) -> None:
    assert demo("district").code == 0
    (tmp_path / "district" / "rostersync.db-journal").write_bytes(b"")
    log = steps(demo("district", "--json"))[5]
    assert [each["id"] for each in log["runs"]] == [2, 1]


@pytest.mark.parametrize("name", ["notes.txt", "rostersync.db.old", "rostersync.toml"])
def test_a_folder_with_other_things_in_it_is_left_alone(demo: Demo, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / name).write_text("mine", encoding="utf-8")
    answer = demo("mine", "--json")
    assert (answer.code, answer.document["code"]) == (2, "RS-CFG-007")
    assert name in answer.document["message"]
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_text(encoding="utf-8") == "mine"


def test_an_earlier_demo_that_was_changed_is_left_alone(demo: Demo, tmp_path: Path) -> None:
    assert demo("district").code == 0
    config = tmp_path / "district" / "rostersync.toml"
    with config.open("a", encoding="utf-8") as file:
        file.write("# mine\n")
    text, store = config.read_text(encoding="utf-8"), (tmp_path / "district" / "rostersync.db").read_bytes()
    assert demo("district").code == 2
    assert config.read_text(encoding="utf-8") == text
    assert (tmp_path / "district" / "rostersync.db").read_bytes() == store


def test_a_link_among_the_files_is_not_followed(demo: Demo, tmp_path: Path) -> None:
    assert demo("district").code == 0
    mine = tmp_path / "mine"
    mine.write_text("mine", encoding="utf-8")
    secret = tmp_path / "district" / "demo-secret"
    secret.unlink()
    secret.symlink_to(mine)
    assert demo("district").code == 2
    assert mine.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_one_is_a_usage_error(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    answer = demo("file")
    assert answer.code == 2
    assert "file cannot be used" in answer.err


def test_without_the_extra_it_says_what_to_install(demo: Demo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the signature of import
        if name == "uvicorn":
            raise ModuleNotFoundError("No module named 'uvicorn'", name="uvicorn")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    answer = demo("district", "--json")
    assert (answer.code, answer.document["hint"]) == (2, "pip install 'rostersync[demo]'")
    assert "uvicorn" in answer.document["message"]
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_does_not_end_well_ends_the_story(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_folder, "_SECRET", "other-secret")
    answer = demo("district")
    assert answer.code == 2
    assert "RS-CFG-004" in answer.err
    assert "To try next" not in answer.out


def test_the_server_goes_on_until_it_is_interrupted(
    demo: Demo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found: list[int] = []

    def interrupt(_seconds: float) -> None:
        """Look at the server from outside, then press Ctrl-C."""
        text = (tmp_path / "district" / "rostersync.toml").read_text(encoding="utf-8")
        url = re.search(r'url = "(http[^"]+)"', text)
        assert url is not None
        found.append(httpx.get(f"{url[1]}/orgs").status_code)
        raise Interrupted(2)

    monkeypatch.setattr(command, "_NAP", 0.0)
    monkeypatch.setattr(time, "sleep", _only_here(interrupt, time.sleep))
    answer = demo("district", "--serve")
    assert answer.code == 0
    assert found == [401]
    assert "runs until Ctrl-C" in answer.err
    assert "schools list springdale" in answer.out


def _only_here(interrupt: Callable[[float], None], sleep: Callable[[float], None]) -> Callable[[float], None]:
    """Interrupt the nap of the demo in the main thread, and let everybody else sleep."""

    def nap(seconds: float) -> None:
        ours = seconds == 0.0 and threading.current_thread() is threading.main_thread()
        (interrupt if ours else sleep)(seconds)

    return nap


def test_quiet_is_quiet(demo: Demo) -> None:
    answer = demo("district", "-q", "--json")
    assert answer.err == ""
    assert msgspec.json.decode(answer.out.encode())["message"] == "the story is told"
