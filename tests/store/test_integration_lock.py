"""The lock: one run an integration, between real processes, freed however its holder ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count, takewhile
from pathlib import Path

import pytest

from rostersync.errors import Interrupted, Locked, StoreError
from rostersync.signals import ending_in_order
from rostersync.store.lock import Holder, integration_lock, lock_path
from tests.store.samples import ENVIRONMENT
from torture.shim.lines import Place, follow

ME = Holder(4711, "sync.example.org", "2026-11-21T18:00:00Z")

WAYS_IN_AND_OUT = re.compile(r"/store/(lock|files|boundary)\.py$|/contextlib\.py$")

SCRIPT = """
import sys
from pathlib import Path
from rostersync.store.lock import Holder, integration_lock

with integration_lock(Path(sys.argv[1]), "springfield", Holder(4712, "other.example.org", "2026-11-21T17:59:00Z")):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_process(store: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Let another process hold the lock of springfield."""
    command = [sys.executable, "-c", SCRIPT, str(store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_held_integration_is_refused_at_once_and_says_who_holds_it(path: Path) -> None:
    with other_process(path):
        began = time.monotonic()
        with pytest.raises(Locked) as caught, integration_lock(path, "springfield", ME):
            pytest.fail("it was held")
        assert time.monotonic() - began < 2
    assert caught.value.code == "RS-STORE-001"
    for known in ("springfield", "4712", "other.example.org", "2026-11-21T17:59:00Z"):
        assert known in caught.value.message


def test_other_integrations_are_free(path: Path) -> None:
    with other_process(path), integration_lock(path, "shelbyville", ME):
        assert lock_path(path, "shelbyville").exists()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_holder_frees_it(path: Path, end: signal.Signals) -> None:
    with other_process(path) as process:
        process.send_signal(end)
        process.wait()
        with integration_lock(path, "springfield", ME):
            assert lock_path(path, "springfield").exists()


def test_it_is_free_after_a_run_and_leaves_no_file(path: Path) -> None:
    for _ in range(2):
        with integration_lock(path, "springfield", ME):
            assert lock_path(path, "springfield").stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == []


def test_it_is_free_after_a_run_that_failed(path: Path) -> None:
    with pytest.raises(ValueError, match="failed"), integration_lock(path, "springfield", ME):
        raise ValueError("failed")
    with integration_lock(path, "springfield", ME):
        assert lock_path(path, "springfield").exists()


def test_one_process_cannot_hold_it_twice(path: Path) -> None:
    with (
        integration_lock(path, "springfield", ME),
        pytest.raises(Locked, match="4711"),
        integration_lock(path, "springfield", ME),
    ):
        pytest.fail("it was held")


def test_a_refused_run_does_not_take_the_lock_away(path: Path) -> None:
    with other_process(path):
        for _ in range(2):
            with pytest.raises(Locked), integration_lock(path, "springfield", ME):
                pytest.fail("it was held")


def test_many_who_come_and_go_never_hold_it_together(path: Path) -> None:
    counter = path.with_name("counter")
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from rostersync.errors import Locked\n"
        "from rostersync.store.lock import Holder, integration_lock\n"
        "store, counter, done = Path(sys.argv[1]), Path(sys.argv[2]), 0\n"
        "while done < 200:\n"
        "    try:\n"
        "        with integration_lock(store, 'springfield', Holder(1, 'h', 't')):\n"
        "            number = int(counter.read_text())\n"
        "            counter.write_text(str(number + 1))\n"
        "            done += 1\n"
        "    except Locked:\n"
        "        time.sleep(0)\n"
    )
    counter.write_text("0")
    command = [sys.executable, "-c", script, str(path), str(counter)]
    runs = [subprocess.Popen(command, env=ENVIRONMENT) for _ in range(3)]
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert counter.read_text() == "600"


def test_a_symbolic_link_in_its_place_is_refused(path: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("as it was")
    lock_path(path, "springfield").symlink_to(precious)
    with pytest.raises(StoreError) as caught, integration_lock(path, "springfield", ME):
        pytest.fail("it followed the link")
    assert caught.value.code == "RS-STORE-003"
    assert precious.read_text() == "as it was"


def test_a_missing_folder_is_an_error_of_the_store(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreError) as caught,
        integration_lock(tmp_path / "missing" / "roster.db", "springfield", ME),
    ):
        pytest.fail("there is nothing to lock")
    assert caught.value.code == "RS-STORE-003"


def test_a_name_cannot_lead_out_of_the_folder(path: Path) -> None:
    assert lock_path(path, "../../etc/x").parent == path.parent


def test_a_holder_that_has_not_said_who_it_is_is_a_holder_all_the_same(path: Path) -> None:
    with integration_lock(path, "springfield", ME):
        os.truncate(lock_path(path, "springfield"), 0)
        with pytest.raises(Locked, match=r"another run holds springfield$"), integration_lock(path, "springfield", ME):
            pytest.fail("it was held")


def interrupted_at(line: int, store: Path) -> bool:
    """Take and give back the lock while a signal comes at one of the lines of that; whether there are so many."""
    come: list[Place] = []

    def arrive(place: Place) -> None:
        come.append(place)
        if len(come) == line:
            signal.raise_signal(signal.SIGINT)

    before = sys.gettrace()
    with suppress(Interrupted), ending_in_order():
        follow(WAYS_IN_AND_OUT, arrive)
        try:
            with integration_lock(store, "springfield", ME):
                assert lock_path(store, "springfield").exists()
        finally:
            sys.settrace(before)
    return len(come) >= line


def test_an_interrupt_at_any_line_leaves_no_lock(path: Path) -> None:
    lines = takewhile(lambda line: interrupted_at(line, path), count(1))
    tried = [lock_path(path, "springfield").exists() for _ in lines]
    assert len(tried) > 40
    assert not any(tried)
