"""Runs as processes of their own: two at once, interrupted, killed, without room."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest

from rostersync.demo import faults, make_district
from tests.runs.days import told_day
from tests.runs.demo_site import Clock, Site, Values, is_empty, site


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def ended(process: subprocess.Popen[bytes]) -> tuple[int, Values | None]:
    """Wait for the end of a process; its exit code and its document."""
    out, err = process.communicate(timeout=60)
    assert b"Traceback" not in err, err.decode()
    return process.returncode, msgspec.json.decode(out, type=Values) if out else None


@contextmanager
def morning(folder: Path) -> Iterator[Site]:
    """A site on its second day, by the clock of the machine."""
    with site(folder, clock=Clock(), district=make_district(students=60)) as main:
        main.run()
        told_day(main.server.district, 1, main.clock.advance(days=1))
        yield main


READER = """
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("BEGIN")
store.execute("SELECT count(*) FROM roster_users").fetchall()
print("reading", flush=True)
sys.stdin.read()
"""


@contextmanager
def reading(main: Site) -> Iterator[None]:
    """Keep a reader in the store, so that a run comes up to its commit and no further.

    It is a process of its own: locks of one process do not stand in its own way.
    """
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", READER, str(main.store)], **pipes) as reader:  # type: ignore[call-overload]
        reader.stdout.readline()
        yield
        reader.stdin.close()


def committing(main: Site) -> bool:
    """Whether somebody is waiting to commit: then nobody else may begin to read."""
    with closing(sqlite3.connect(main.store, isolation_level=None, timeout=0)) as other:
        try:
            other.execute("SELECT count(*) FROM roster_users").fetchall()
        except sqlite3.OperationalError:
            return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_fetching_changes_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with morning(tmp_path) as main:
        before = main.bytes()
        main.server.faults.set(faults.Slow(0.3))
        asked = len(main.server.requests)
        process = main.process("run", "main", "--full", "--json")
        until(lambda: len(main.server.requests) > asked + 3)
        process.send_signal(number)
        start = time.monotonic()
        code, document = ended(process)
        assert time.monotonic() - start < 5
        assert code == 128 + number
        assert document is not None
        assert document["schema"] == "rostersync/error/1"
        assert main.bytes() == before
        assert sorted(one.name for one in main.folder.iterdir()) == ["roster.db", "rostersync.toml"]
        main.server.faults.clear()
        assert main.run()["status"] == "success"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_applying_changes_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with morning(tmp_path) as main:
        before = main.bytes()
        with reading(main):
            process = main.process("run", "main", "--full", "--json")
            until(lambda: committing(main))
            process.send_signal(number)
            assert ended(process)[0] == 128 + number
        assert main.bytes() == before
        assert main.run()["status"] == "success"


def test_a_run_that_is_killed_while_applying_leaves_nothing_half_done(tmp_path: Path) -> None:
    with morning(tmp_path) as main:
        before = main.roster()
        with reading(main):
            process = main.process("run", "main", "--full", "--json")
            until(lambda: committing(main))
            process.kill()
            process.communicate()
        assert main.status()["last_status"] == "success"
        assert main.roster() == before
        assert main.run()["status"] == "success"
        assert is_empty(main.run("--full")["changes"])


def test_runs_that_are_killed_at_any_moment_come_right(tmp_path: Path) -> None:
    with morning(tmp_path) as main:
        before = main.roster()
        main.server.faults.set(faults.Slow(0.01))
        for tenths in (6, 8, 10, 12):
            process = main.process("run", "main", "--full", "--json")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=tenths / 10)
            process.kill()
            process.communicate()
            main.status()  # rolls back what was left behind
            assert len(main.log()) > 1 or main.roster() == before
        main.server.faults.clear()
        run = main.run("--full")
        assert run["status"] == "success"
        assert is_empty(main.run("--full")["changes"])
        assert not [one for one in main.folder.iterdir() if "lock" in one.name or "journal" in one.name]


def test_a_second_run_is_busy_at_once(tmp_path: Path) -> None:
    with morning(tmp_path) as main:
        main.server.faults.set(faults.Slow(0.3))
        asked = len(main.server.requests)
        first = main.process("run", "main", "--full", "--json")
        until(lambda: len(main.server.requests) > asked + 1)
        start = time.monotonic()
        code, document = ended(main.process("run", "main", "--json"))
        assert time.monotonic() - start < 10
        assert code == 5
        assert document is not None
        run = document["runs"][0]
        assert (run["status"], run["id"], run["error"]["code"]) == ("busy", None, "RS-STORE-001")
        assert str(first.pid) in run["error"]["message"]
        main.server.faults.clear()
        assert ended(first)[0] == 0
        assert len(main.log()) == 2


def test_a_second_run_is_busy_at_once_also_while_the_first_commits(tmp_path: Path) -> None:
    with morning(tmp_path) as main:
        with reading(main):
            first = main.process("run", "main", "--full", "--json")
            until(lambda: committing(main))
            start = time.monotonic()
            code, document = ended(main.process("run", "main", "--json"))
            took = time.monotonic() - start
        assert code == 5
        assert document is not None
        assert document["runs"][0]["status"] == "busy"
        assert took < 10
        assert ended(first)[0] == 0
        assert len(main.log()) == 2


def test_two_integrations_of_one_store_run_beside_each_other(tmp_path: Path) -> None:
    with morning(tmp_path) as main:
        text = main.config.read_text("utf-8")
        second = text.partition("[integrations.main")[2].replace("integrations.main", "integrations.other")
        main.config.write_text(f"{text}\n[integrations.other{second}", "utf-8")
        main.server.faults.set(faults.Slow(0.02))
        processes = [main.process("run", name, "--full", "--json") for name in ("main", "other")]
        assert [ended(process)[0] for process in processes] == [0, 0]
        classes: dict[str, set[str]] = {}
        for row in main.roster(in_force=True)["classes"]:
            classes.setdefault(row[0], set()).add(row[1])
        assert classes["main"] == classes["other"]


def test_without_room_nothing_is_changed(tmp_path: Path) -> None:
    with morning(tmp_path) as main:
        before, size = main.mark(), main.store.stat().st_size
        for share in (0.1, 0.5, 1.0):
            limit = int(size * share) + 4096

            def narrow(limit: int = limit) -> None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

            for user in main.server.district.users.values():
                user["familyName"] = "Longer" * 40
            process = main.process("run", "main", "--full", "--json", preexec_fn=narrow)
            code, document = ended(process)
            assert code == 1, document
            found = document["runs"][0]["error"] if document and "runs" in document else document
            assert found is not None
            assert found["code"] == "RS-STORE-003"
            main.status()  # rolls back what was left behind
            assert main.mark() == before
        assert main.run("--full", "--force")["status"] == "success"


def test_a_reader_of_stdout_may_go_away(tmp_path: Path) -> None:
    with morning(tmp_path) as main:
        process = main.process("run", "main", "--json")
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()
        process.stderr.close()
        assert process.wait() == 0, err
        assert main.log()[0]["status"] == "success"


def test_secrets_are_nowhere(tmp_path: Path) -> None:
    with morning(tmp_path) as main:
        main.server.faults.set(faults.Fail(401, on=["token"]), faults.Fail(401))
        process = main.process("-vv", "run", "main", "--json")
        said = b"".join(process.communicate())
        assert process.returncode == 1
        main.server.faults.clear()
        process = main.process("-vv", "run", "main", "--json")
        said += b"".join(process.communicate())
        shown = Path(f"/proc/{os.getpid()}/cmdline").read_bytes() + main.store.read_bytes() + said
        assert b"demo-secret" not in shown
        assert b"token-1" not in said
