"""The frame of the command line: global options, the two ways out, errors, signals and pipes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

import rostersync
from rostersync import __version__, errors
from rostersync.cli import exits
from rostersync.cli.app import main
from rostersync.cli.arguments import globals_first
from rostersync.cli.output import save_json
from rostersync.cli.render.document import document, pieces
from rostersync.cli.render.text import plain
from rostersync.demo import Server, faults
from rostersync.model.run import Status
from tests.cli.home import Answer, Home

START = [sys.executable, "-m", "rostersync"]
SOURCES = str(Path(rostersync.__file__).parents[1])


@pytest.mark.parametrize(
    "line",
    [
        "--json status",
        "status --json",
        "--config rostersync.toml status --json",
        "status --json --config=rostersync.toml",
    ],
)
def test_global_options_stand_before_or_after_the_command(home: Home, server: Server, line: str) -> None:
    assert server.url
    answer = home(*line.split())
    assert answer.code == 0
    assert answer.json["schema"] == "rostersync/status/1"


def test_what_follows_two_dashes_is_no_option() -> None:
    assert globals_first(["explain", "x", "-q", "--", "--json"]) == (["-q"], ["explain", "x", "--", "--json"])
    assert globals_first(["run", "--config", "a", "-vv"]) == (["--config", "a", "-vv"], ["run"])


def test_config_without_a_path_is_a_usage_error(home: Home) -> None:
    for line in (["status", "--config"], ["--config"], ["status", "--json", "--config"]):
        answer = home(*line)
        assert answer.code == 2
        assert "RS-CFG-007: Option '--config' requires an argument" in answer.err
    assert answer.json["code"] == "RS-CFG-007"


@pytest.mark.parametrize("line", ["--version", "--version -q", "-v --version", "run --version"])
def test_version(home: Home, line: str) -> None:
    answer = home(*line.split())
    if line.startswith("run"):
        assert answer.code == 2
    else:
        assert (answer.code, answer.out) == (0, f"rostersync {__version__}\n")


def test_the_commands_are_listed_in_reading_order(home: Home) -> None:
    listed = [
        row.split()[0] for row in home("--help").out.partition("Commands:\n")[2].splitlines() if row[2:3].islower()
    ]
    told = ["check", "preview", "run", "reset", "log", "status", "schools", "explain", "remove", "purge", "schedule"]
    assert [name for name in listed if name in told] == told


def test_without_a_command_there_is_help(home: Home) -> None:
    answer = home()
    assert answer.code in {0, 2}
    assert "preview" in answer.out


@pytest.mark.parametrize(
    "line", ["--json", "rnu --json", "--json run --nope", "log --json --limit many", "preview --json"]
)
def test_usage_errors_are_documents_too(home: Home, line: str) -> None:
    answer = home(*line.split())
    assert answer.code == 2
    assert list(answer.json) == ["schema", "code", "message", "hint"]
    assert (answer.json["schema"], answer.json["code"]) == ("rostersync/error/1", "RS-CFG-007")


def test_a_misspelt_command_gets_a_suggestion(home: Home) -> None:
    assert "Did you mean 'preview'" in home("previw", "--json").json["message"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("run springfield springfield --approve abc", "RS-CFG-007"),
        (f"run springfield --force --approve {'0' * 64}", "RS-CFG-007"),
        (f"run --approve {'0' * 64}", "RS-CFG-007"),
        ("run nowhere", "RS-CFG-005"),
        ("log nowhere", "RS-CFG-005"),
        ("preview nowhere", "RS-CFG-005"),
        ("check nowhere", "RS-CFG-005"),
        ("log --run 7", "RS-CFG-007"),
        ("preview springfield --offline", "RS-CFG-007"),
        ("preview springfield --output no/such/folder/x.json", "RS-CFG-007"),
        ("preview springfield --kind people", "RS-CFG-007"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_asked(home: Home, server: Server, line: str, code: str) -> None:
    answer = home(*line.split(), "--json")
    assert (answer.code, answer.json["code"]) == (2, code)
    assert server.requests == []


def test_nobody_foresaw_it(home: Home, server: Server) -> None:
    assert server.url

    def broken() -> datetime:
        raise ZeroDivisionError("no time")

    home.clock = broken  # type: ignore[assignment]
    answer = home("status", "--json")
    assert answer.code == 1
    assert answer.json["message"] == "unexpected ZeroDivisionError: no time"
    assert "-v" in answer.err
    assert "Traceback" not in answer.err
    assert "Traceback" in home("status", "-v").err


def test_every_error_and_status_has_its_exit_code() -> None:
    assert [exits.of_runs([status]) for status in Status] == [0, 3, 1, 4, 5]
    assert exits.of_runs([]) == 0
    graver = [Status.SUCCESS, Status.BUSY, Status.PARTIAL, Status.BLOCKED, Status.FAILED]
    assert [exits.of_runs(graver[: n + 1]) for n in range(5)] == [0, 5, 3, 4, 1]
    assert exits.of_error(errors.UsageError("x")) == 2
    assert exits.of_error(errors.Locked("RS-STORE-001", "x")) == 5
    assert exits.of_error(errors.Fatal("RS-SRC-001", "x")) == 1
    assert exits.of_error(errors.Interrupted(signal.SIGTERM)) == 143
    assert exits.of_error(RuntimeError()) == 1


def test_documents_stream() -> None:
    alive = 0

    def rows() -> Iterator[dict[str, int]]:
        nonlocal alive
        for number in range(1000):
            alive = number
            yield {"n": number}

    parts = pieces(document("log", runs=({"plan": rows()} for _ in range(1)), bad="\ud800"))
    head = b"".join(next(parts) for _ in range(12))
    assert head.startswith(b'{"schema":"rostersync/log/1"')
    assert alive < 10
    whole = msgspec.json.decode(head + b"".join(parts))
    assert whole["runs"][0]["plan"][-1] == {"n": 999}
    assert whole["bad"] == "\\ud800"


def test_a_document_that_cannot_be_made_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise errors.StoreError("RS-STORE-004", "damaged")

    with pytest.raises(errors.StoreError):
        save_json(tmp_path / "x.json", {"plan": broken()})
    with pytest.raises(errors.OutputError):
        save_json(tmp_path / "nowhere" / "x.json", {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë Núñez", "Zoë Núñez"),
        ("a\x1b[31mb\r\n", "a\\x1b[31mb\\r\\n"),
        ("a\u202eb\u2066c\u200fd", "a\\u202eb\\u2066c\\u200fd"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("\x9b1m\x7f\u2028\udcff", "\\x9b1m\\x7f\\u2028\\udcff"),
        ("[bold]x[/bold] :smile:", "[bold]x[/bold] :smile:"),
    ],
)
def test_what_cannot_be_seen_is_shown_escaped(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_quiet_leaves_only_errors_on_stderr(home: Home, server: Server) -> None:
    assert server.url
    home.edit('partner_id = "spr"', "enabled = false")
    assert home("run").err == "No integration is enabled.\n"
    assert home("run", "-q").err == ""
    assert home("run", "nope", "-q").err != ""


def test_verbose_tells_the_phases(home: Home, server: Server) -> None:
    assert server.url
    assert home("run").err == ""
    assert "springfield: fetch\n" in home("run", "-v").err


def test_there_is_no_color_without_a_terminal(home: Home, server: Server) -> None:
    assert server.url
    for line in ("run", "log", "status", "check", "preview springfield", "run nope"):
        answer = home(*line.split())
        assert "\x1b" not in answer.out + answer.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_at_once_and_applies_nothing(
    home: Home, server: Server, number: signal.Signals, code: int
) -> None:
    server.faults.set(faults.Slow(30, on=["users"]))
    with subprocess.Popen(
        [*START, "run", "--json"], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        wait_for(server, "/users")
        sent = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert time.monotonic() - sent < 5
    assert process.returncode == code
    assert msgspec.json.decode(out)["schema"] == "rostersync/error/1"
    assert b"interrupted" in err
    server.faults.clear()
    assert home("status", "--json").json["integrations"][0]["counts"]["users"] == 0
    assert home("run").code == 0


def test_a_broken_pipe_is_no_error(home: Home, server: Server) -> None:
    assert server.url
    home("run")
    line = f"{sys.executable} -m rostersync log --changes --json --run 1; echo $? >&2"
    process = subprocess.run(["/bin/sh", "-c", f"({line}) | true"], capture_output=True, env=environment(), check=True)
    assert process.stderr == b"0\n"


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("log >&-", 0, ""),
        ("status --json >&-", 0, ""),
        ("--version >&-", 0, ""),
        ("run nope 2>&-", 2, ""),
        ("run nope --json >&- 2>&-", 2, ""),
        ("reset springfield <&-", 2, "Give --yes."),
    ],
)
def test_streams_may_be_closed(home: Home, server: Server, line: str, code: int, told: str) -> None:
    assert server.url
    process = at_a_shell(line)
    assert process.returncode == code
    assert told in process.stderr
    assert "fault of the program" not in process.stderr
    assert home("status").code == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("line", ["run", "run --json", "log --json"])
def test_an_answer_that_finds_no_space_has_failed(home: Home, server: Server, line: str) -> None:
    assert server.url
    process = at_a_shell(f"{line} >/dev/full")
    assert process.returncode == 1
    assert process.stderr.count("RS-OUT-001") == 1
    assert "Traceback" not in process.stderr
    assert home("status").code == 0


def at_a_shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a shell does, with its redirections."""
    whole = f"{sys.executable} -m rostersync {line}"
    return subprocess.run(["/bin/sh", "-c", whole], capture_output=True, text=True, env=environment(), check=False)


def on_a_terminal(*arguments: str, **variables: str) -> str:
    """Run the program on a terminal of 80 columns, and give what is written there."""
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        env = {**environment(), "TERM": "xterm-256color", **variables}
        env.pop("COLUMNS")
        with subprocess.Popen([*START, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=env) as process:
            os.close(theirs)
            written = b"".join(iter(lambda: read_terminal(ours), b""))
            process.wait(20)
    finally:
        os.close(ours)
    return written.decode()


def read_terminal(descriptor: int) -> bytes:
    """Read some; Linux tells the end of a terminal by an error."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def test_a_terminal_gets_bars_and_color(home: Home, server: Server) -> None:
    assert home.path.is_dir()
    server.faults.set(faults.Slow(0.5, on=["enrollments"]))
    written = on_a_terminal("run")
    assert "188 of 188" in written
    assert "\x1b[32msuccess" in written


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_color_and_dumb_terminals_are_honored(home: Home, server: Server, variables: dict[str, str]) -> None:
    assert home.path.is_dir()
    assert server.url
    written = on_a_terminal("run", **variables)
    assert "success" in written
    assert not re.search(r"\x1b\[(\d+;)*(3[0-7]|9[0-7]|38;[\d;]+)m", written)
    if "TERM" in variables:
        assert "\x1b" not in written


def test_quiet_shows_no_bars(home: Home, server: Server) -> None:
    assert home.path.is_dir()
    server.faults.set(faults.Slow(0.5, on=["enrollments"]))
    assert "188 of 188" not in on_a_terminal("run", "-q")


def test_help_comes_at_once() -> None:
    for line in (["--help"], ["run", "--help"]):
        process = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "rostersync", *line],
            capture_output=True,
            text=True,
            env=environment(),
            check=True,
        )
        loaded = {row.rpartition("|")[2].strip() for row in process.stderr.splitlines()}
        assert loaded.isdisjoint({"sqlmodel", "sqlalchemy", "httpx", "alembic", "rich", "rostersync.pipeline.run"})


def test_main_gives_the_exit_code(home: Home) -> None:
    assert main(["run", "-q"]) == 2
    assert home("run", "-q") == Answer("rostersync run -q", 2, "", home("run", "-q").err)


def wait_for(server: Server, path: str) -> None:
    """Wait until the server is asked for something, which a slow answer does not log yet."""
    deadline = time.monotonic() + 20
    while not any(asked.endswith("/courses") or path in asked for asked in server.paths()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.5)


def environment() -> dict[str, str]:
    """What the program is started with: its sources need not be installed."""
    return {**os.environ, "PYTHONPATH": SOURCES}
