"""Opening a store: private files, refusals with their codes, and nothing made where nothing was asked for."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from rostersync.errors import Locked, StoreError
from rostersync.model.kind import Kind
from rostersync.model.snapshot import Entry, Org, Put
from rostersync.store.connect import open_store, wal_is_safe
from rostersync.store.database import Store
from rostersync.store.snapshot import Snapshot
from tests.store.samples import ENVIRONMENT


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run under this umask."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    """Return the rights of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
def test_the_file_and_new_folders_are_ours_alone_under_any_umask(tmp_path: Path) -> None:
    path = tmp_path / "new" / "newer" / "roster.db"
    with open_store(path) as store, store.transaction():
        store.write("INSERT INTO integration (name, full_next) VALUES ('springfield', '[]')")
        assert {each.name: mode(each) for each in path.parent.iterdir()} == {
            name: 0o600
            for name in ("roster.db", "roster.db-journal", "roster.db-wal", "roster.db-shm")
            if (path.parent / name).exists()
        }
    assert [mode(each) for each in (path.parent, path.parent.parent, path)] == [0o700, 0o700, 0o600]


def test_a_folder_that_was_there_keeps_its_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    open_store(tmp_path / "roster.db").close()
    assert mode(tmp_path) == 0o755


def test_what_is_written_is_there_when_opened_again(path: Path) -> None:
    with open_store(path) as store:
        Snapshot(store, "springfield").apply(Kind.ORGS, [Put(Entry("o1", Org("A", "school")))])
    with open_store(path, create=False) as store:
        assert list(Snapshot(store, "springfield").orgs()) == [Entry("o1", Org("A", "school"))]


def test_the_connection_is_set_up_to_be_safe(store: Store) -> None:
    settings = {name: store.fetch(f"PRAGMA {name}")[0][0] for name in ("foreign_keys", "synchronous", "temp_store")}
    assert settings == {"foreign_keys": 1, "synchronous": 2, "temp_store": 1}
    expected = "wal" if wal_is_safe(sqlite3.sqlite_version_info) else "delete"
    assert store.fetch("PRAGMA journal_mode") == [(expected,)]
    assert store.fetch("PRAGMA temp.journal_mode") == [("memory",)]
    assert store.fetch("PRAGMA temp.secure_delete") == [(0,)]
    assert -16_000 <= store.fetch("PRAGMA cache_size")[0][0] < 0


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_used_only_where_its_bug_is_mended(version: tuple[int, ...], safe: bool) -> None:  # noqa: FBT001
    assert wal_is_safe(version) is safe


def test_without_create_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    with open_store(tmp_path / "new" / "roster.db", create=False) as store:
        assert store.path is None
        snapshot = Snapshot(store, "springfield")
        with store.transaction() as transaction:
            snapshot.apply(Kind.ORGS, (Put(Entry(f"{key:06}", Org("x" * 900, "school"))) for key in range(30_000)))
            assert sum(1 for _ in snapshot.orgs()) == 30_000
            transaction.discard()
        assert list(snapshot.orgs()) == []
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def refusal(path: Path, *, create: bool = True) -> StoreError:
    """Open a store that must be refused."""
    with pytest.raises(StoreError) as caught:
        open_store(path, create=create)
    assert str(path) in caught.value.message
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("create", [True, False])
def test_a_symbolic_link_is_refused(tmp_path: Path, path: Path, create: bool) -> None:  # noqa: FBT001
    target = tmp_path / "elsewhere.db"
    path.symlink_to(target)
    assert refusal(path, create=create).code == "RS-STORE-003"
    assert not target.exists()


def test_a_folder_is_refused(path: Path) -> None:
    path.mkdir()
    assert refusal(path).code == "RS-STORE-003"


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert refusal(tmp_path / "file" / "roster.db").code == "RS-STORE-003"


def test_a_file_that_is_no_database_is_damaged_and_stays_as_it_is(path: Path) -> None:
    path.write_text("sourcedId,status\n" * 1_000)
    before = path.read_bytes()
    assert refusal(path).code == "RS-STORE-004"
    assert path.read_bytes() == before


def test_a_database_of_something_else_is_refused_and_stays_as_it_is(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipe (name)")
    connection.close()
    before = path.read_bytes()
    assert refusal(path).code == "RS-STORE-004"
    assert path.read_bytes() == before


def test_a_store_without_its_version_is_damaged(path: Path) -> None:
    with open_store(path) as store:
        store.write("DELETE FROM alembic_version")
    assert refusal(path).code == "RS-STORE-004"


def test_a_newer_store_is_refused(path: Path) -> None:
    with open_store(path) as store:
        store.write("UPDATE alembic_version SET version_num = '9999'")
    assert refusal(path).code == "RS-STORE-002"


def test_a_damaged_page_is_reported_when_it_is_read(path: Path) -> None:
    with open_store(path) as store:
        snapshot = Snapshot(store, "springfield")
        snapshot.apply(Kind.ORGS, (Put(Entry(f"{key:06}", Org("x" * 500, "school"))) for key in range(2_000)))
    whole = bytearray(path.read_bytes())
    half = len(whole) // 2
    whole[half : half + 40_960] = b"\xff" * 40_960
    path.write_bytes(whole)
    with open_store(path) as store, pytest.raises(StoreError) as caught:
        list(Snapshot(store, "springfield").orgs())
    assert caught.value.code == "RS-STORE-004"


def test_a_lost_table_is_damage(store: Store) -> None:
    store.write("DROP TABLE snapshot_orgs")
    with pytest.raises(StoreError) as caught:
        list(Snapshot(store, "springfield").orgs())
    assert caught.value.code == "RS-STORE-004"


def test_a_value_that_cannot_be_read_is_damage(store: Store) -> None:
    store.write("INSERT INTO snapshot_orgs VALUES ('springfield', 'o1', 0, 'nonsense', NULL)")
    with pytest.raises(StoreError) as caught:
        list(Snapshot(store, "springfield").orgs())
    assert caught.value.code == "RS-STORE-004"


def test_a_full_disk_is_reported_and_rolled_back(store: Store) -> None:
    pages = store.fetch("PRAGMA page_count")[0][0]
    store.fetch(f"PRAGMA max_page_count = {pages + 5}")
    snapshot = Snapshot(store, "springfield")
    with pytest.raises(StoreError) as caught:
        snapshot.apply(Kind.ORGS, (Put(Entry(f"{key:06}", Org("x" * 500, "school"))) for key in range(2_000)))
    assert caught.value.code == "RS-STORE-003"
    assert list(snapshot.orgs()) == []


def test_a_store_that_cannot_be_written_is_reported(store: Store) -> None:
    store.fetch("PRAGMA query_only = ON")
    with pytest.raises(StoreError) as caught:
        Snapshot(store, "springfield").apply(Kind.ORGS, [Put(Entry("o1", deleted=True))])
    assert caught.value.code == "RS-STORE-003"


def test_a_store_that_another_process_writes_is_locked_and_can_be_read(path: Path) -> None:
    open_store(path).close()
    script = (
        "import sys, sqlite3\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('BEGIN IMMEDIATE')\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other,
        open_store(path, wait=0.2) as store,
    ):
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        began = time.monotonic()
        with pytest.raises(Locked) as caught, store.transaction():
            store.write("DELETE FROM integration")
        assert time.monotonic() - began < 2
        assert caught.value.code == "RS-STORE-001"
        assert str(path) in caught.value.message
        assert store.fetch("SELECT count(*) FROM integration") == [(0,)]
        assert not store.in_transaction
        other.communicate()
        with store.transaction():
            store.write("DELETE FROM integration")


def test_a_reader_in_the_way_delays_only_the_commit_of_a_large_run(path: Path) -> None:
    with open_store(path, wait=0.3) as store:
        if wal_is_safe(sqlite3.sqlite_version_info):
            pytest.skip("with WAL readers are in nobody's way")
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM integration").fetchall()
        snapshot = Snapshot(store, "springfield")
        # More than the page cache holds.
        puts = [Put(Entry(f"{key:06}", Org("x" * 900, "school"))) for key in range(30_000)]
        began = time.monotonic()
        with pytest.raises(Locked):
            snapshot.apply(Kind.ORGS, puts)
        assert time.monotonic() - began < 10
        assert list(snapshot.orgs()) == []
        reader.close()
        snapshot.apply(Kind.ORGS, puts)
        assert sum(1 for _ in snapshot.orgs()) == 30_000


def test_a_signal_is_heard_while_waiting_for_the_store(path: Path) -> None:
    script = (
        "import signal, sys\n"
        "from pathlib import Path\n"
        "from rostersync.store.connect import open_store\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "with open_store(Path(sys.argv[1])) as store:\n"
        "    print('open', flush=True)\n"
        "    with store.transaction():\n"
        "        print('unreachable', flush=True)\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    with open_store(path) as store, store.transaction():
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as waiting:
            assert waiting.stdout is not None
            assert waiting.stdout.readline() == b"open\n"
            time.sleep(0.2)
            waiting.send_signal(signal.SIGINT)
            out, err = waiting.communicate(timeout=10)
        assert out == b""
        assert b"KeyboardInterrupt" in err


def test_many_processes_may_make_the_store_at_once(path: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from rostersync.store.connect import open_store\n"
        "from rostersync.store.base import IntegrationState\n"
        "from rostersync.store.state import States\n"
        "with open_store(Path(sys.argv[1])) as store:\n"
        "    States(store).write(IntegrationState(sys.argv[2]))\n"
    )
    command = [sys.executable, "-c", script, str(path)]
    runs = [subprocess.Popen([*command, f"i{number}"], env=ENVIRONMENT) for number in range(4)]
    assert [run.wait() for run in runs] == [0, 0, 0, 0]
    with open_store(path) as store:
        assert store.fetch("SELECT name FROM integration ORDER BY name") == [("i0",), ("i1",), ("i2",), ("i3",)]
    assert list(path.parent.iterdir()) == [path]


def test_programming_errors_are_not_dressed_up(store: Store) -> None:
    with pytest.raises(sqlite3.ProgrammingError):
        store.write("DELETE FROM integration WHERE name = ?", ())


def test_what_is_deleted_is_overwritten_whatever_the_default_of_this_sqlite_is(path: Path) -> None:
    factory = sqlite3.connect

    def forgetful(*words: Any, **more: Any) -> sqlite3.Connection:  # noqa: ANN401 - what connect takes
        connection: sqlite3.Connection = factory(*words, **more)
        connection.execute("PRAGMA secure_delete = OFF").fetchall()
        return connection

    with patch("rostersync.store.connect.sqlite3.connect", forgetful), open_store(path) as store:
        assert store.fetch("PRAGMA main.secure_delete") == [(1,)]
        store.write("INSERT INTO integration (name, tenant, full_next) VALUES ('a', 'TENANT-MARK', '[]')")
        assert b"TENANT-MARK" in path.read_bytes()
        store.write("DELETE FROM integration")
        assert b"TENANT-MARK" not in path.read_bytes()
