"""Whole runs from an SFTP drop: the first, the same package again, the next one, and delivery at the end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from rostersync.config.schema import IntegrationConfig
from rostersync.model.codes import Code
from rostersync.model.kind import Kind
from rostersync.model.plan import KindCounts
from rostersync.model.run import Status
from rostersync.pipeline.options import Options
from rostersync.pipeline.result import RunResult
from rostersync.pipeline.run import run
from rostersync.pipeline.watch import Unwatched
from rostersync.ssh.settings import SshSettings
from rostersync.store.connect import open_store
from rostersync.store.database import Store
from rostersync.store.run_log import Runs
from rostersync.store.state import States
from rostersync.wiring import Integration
from tests.csv.csv_packages import to_zip
from tests.sftp.drop import NOW, drop_zip, files, old, source_of
from tests.sftp.faulty import FaultyServer

NOTHING = KindCounts()
Step = Callable[..., RunResult]


def repeated(result: RunResult) -> bool:
    """Whether a run said that its package had been processed before."""
    return Code.SRC_REPEATED in {found.code for found in result.diagnostics}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "roster.db") as opened:
        yield opened


@pytest.fixture
def step(ssh: SshSettings, store: Store) -> Step:
    """Run once, each time an hour later."""
    hours = iter(range(1000))

    def once(*, sync: dict[str, object] | None = None, full: bool = False, force: bool = False) -> RunResult:
        now = NOW + timedelta(hours=next(hours))
        source = {"type": "sftp", "host": ssh.host, "user": ssh.user, "password": "env:P", "known_hosts": Path("k")}
        section = {
            "key": "drop",
            "source": {**source, "path": "/drop/*.zip"},
            "sync": {"classes": False, **(sync or {})},
        }
        config = IntegrationConfig.model_validate(section)
        integration = Integration(config, lambda: source_of(ssh, "/drop/*.zip"), lambda: now)
        return run(integration, store, Options(full=full, force=force), Unwatched())

    return once


def reads(faulty: FaultyServer) -> int:
    """How many requests have read from a file; they are counted from here again."""
    count = len(faulty.faults.reads)
    faulty.faults.reads.clear()
    return count


def test_the_same_package_is_a_run_without_changes_that_says_so(step: Step, faulty: FaultyServer, store: Store) -> None:
    drop_zip(faulty.root / "drop" / "roster-1.zip")
    first = step()
    assert (first.record.status, first.record.error, repeated(first)) == (Status.SUCCESS, None, False)
    assert first.record.changes[Kind.USERS].create == 3
    again = step()
    assert (again.record.status, repeated(again)) == (Status.SUCCESS, True)
    assert set(again.record.changes.values()) == {NOTHING}
    assert again.record.counts == first.record.counts
    assert again.record.id is not None
    assert tuple(Runs(store).diagnostics(again.record.id)) == again.diagnostics
    assert [(found.code, found.severity) for found in again.diagnostics] == [("RS-SRC-009", "info")]
    drop_zip(faulty.root / "drop" / "roster-2.zip", people=5)
    third = step()
    assert (repeated(third), third.record.changes[Kind.USERS].create) == (False, 2)
    assert repeated(step())
    assert States(store).read("drop").package is not None


def test_it_is_read_again_on_request_after_a_reset_and_after_an_edit(
    step: Step, faulty: FaultyServer, store: Store
) -> None:
    drop_zip(faulty.root / "drop" / "roster-1.zip")
    step()
    assert not repeated(step(full=True))
    States(store).reset("drop")
    assert not repeated(step())
    assert repeated(step())
    assert not repeated(step(sync={"removed_users": "keep"}))
    assert not repeated(step(sync={"removed_users": "keep", "mode": "full"}))


def test_a_package_with_errors_tells_them_again(step: Step, faulty: FaultyServer) -> None:
    made = files()
    made["manifest.csv"] = made["manifest.csv"].replace("file.users,bulk", "file.users,absent")
    (faulty.root / "drop").mkdir()
    old(to_zip(faulty.root / "drop" / "roster-1.zip", made))
    for _ in range(2):
        result = step()
        assert (repeated(result), result.record.status) == (False, Status.PARTIAL)
        assert {found.code for found in result.diagnostics} == {"RS-SRC-006"}


def test_a_blocked_package_is_read_again(step: Step, faulty: FaultyServer) -> None:
    drop_zip(faulty.root / "drop" / "roster-1.zip", people=40)
    step()
    drop_zip(faulty.root / "drop" / "roster-2.zip", people=20)
    for _ in range(2):
        assert (step().record.status, reads(faulty) > 0) == (Status.BLOCKED, True)
    forced = step(force=True)
    assert (repeated(forced), forced.record.changes[Kind.USERS].remove) == (False, 20)
    assert repeated(step())


def test_a_server_that_is_gone_fails_the_run_and_changes_nothing(step: Step, faulty: FaultyServer) -> None:
    drop_zip(faulty.root / "drop" / "roster-1.zip")
    step()
    shutil.rmtree(faulty.root / "drop")
    result = step()
    assert result.record.status is Status.FAILED
    assert result.record.error is not None
    assert result.record.error["code"] == "RS-SRC-005"
