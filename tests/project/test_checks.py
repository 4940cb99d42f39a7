"""The checks catch what the house forbids."""

from __future__ import annotations

import socket
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from pytest_socket import SocketConnectBlockedError

ROOT = Path(__file__).parents[2]
CLOCKS = ["datetime.now(tz=UTC)", "datetime.utcnow()", "datetime.today()", "date.today()"]


def ruff(source: str, path: str) -> str:
    """Give what ruff finds in `source` as if it stood at `path`."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", "--stdin-filename", path]
    return subprocess.run([*command, "-"], input=source, capture_output=True, text=True, check=False, cwd=ROOT).stdout


@pytest.mark.parametrize("floor", ["engine", "pipeline", "store", "demo"])
@pytest.mark.parametrize("clock", CLOCKS)
def test_nothing_below_the_command_line_reads_the_wall_clock(floor: str, clock: str) -> None:
    source = f"from datetime import UTC, date, datetime\n\nmoment = {clock}\n"
    assert "TID251" in ruff(source, f"src/rostersync/{floor}/clock.py")


def test_the_command_line_reads_the_wall_clock_with_a_time_zone() -> None:
    source = "from datetime import UTC, datetime\n\nmoment = datetime.now({})\n"
    assert "TID251" not in ruff(source.format("tz=UTC"), "src/rostersync/cli/clock.py")
    assert "DTZ005" in ruff(source.format(""), "src/rostersync/cli/clock.py")


def test_a_test_reaches_this_machine_and_no_other() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    with pytest.raises((SocketConnectBlockedError, UserWarning)):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_a_warning_fails_a_test() -> None:
    with pytest.raises(UserWarning, match="worn out"):
        warnings.warn("worn out", stacklevel=1)
