"""Runs beside each other, stores that cannot be used, the log, the schedule and the status."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rostersync.demo import faults
from rostersync.store.lock import Holder, integration_lock
from tests.runs.demo_site import Clock, Site, call, is_empty, site


def test_a_switched_source_is_refused_until_it_is_accepted(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        main.run()
        before = main.bytes()
        main.version = "1.1"
        main.configure()
        for words in (["run", "main"], ["run", "--force"], ["preview", "main"], ["preview", "main", "--offline"]):
            code, document = main.json(*words)
            assert (code, document["schema"], document["code"]) == (2, "rostersync/error/1", "RS-CFG-006")
        assert main.bytes() == before
        assert main.preview("--accept-source-change")["mode"] == "full"
        run = main.run("--accept-source-change")
        assert run["mode"] == "full"
        assert main.run()["status"] == "success"


@pytest.mark.parametrize("auth", ["oauth1-sha1", "bearer"])
def test_other_credentials_are_no_other_source(tmp_path: Path, auth: str) -> None:
    with site(tmp_path) as main:
        main.run()
        main.configure(auth=auth)
        assert is_empty(main.run()["changes"])


def test_a_held_integration_is_busy(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        main.run()
        before = main.bytes()
        with integration_lock(main.store, "main", Holder(os.getpid(), "here", "2026-10-20T18:00:00.000Z")):
            run = main.run(code=5)
            assert (run["status"], run["id"], run["error"]["code"]) == ("busy", None, "RS-STORE-001")
            assert main.cli("reset", "main", "--yes").code == 5
            assert main.cli("purge", "main", "--confirm", "main").code == 5
            assert main.preview()["plan_hash"]
        assert main.bytes() == before
        assert len(main.log()) == 1
        assert main.run()["status"] == "success"


def test_a_store_that_can_only_be_read_fails_the_run(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        main.run()
        before = main.bytes()
        main.store.chmod(0o400)
        main.folder.chmod(0o500)
        try:
            if os.access(main.store, os.W_OK):
                pytest.skip("this user may write everything")
            run = main.run(code=1)
            assert run["error"]["code"] == "RS-STORE-003"
        finally:
            main.folder.chmod(0o700)
            main.store.chmod(0o600)
        assert main.bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all, but text" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_damaged_store_is_told_and_left_alone(tmp_path: Path, content: bytes) -> None:
    with site(tmp_path) as main:
        main.store.write_bytes(content)
        code, document = main.json("run", "main")
        assert code == 1
        assert document["code"] == "RS-STORE-004"
        assert main.store.read_bytes() == content


def test_a_store_of_something_else_is_left_alone(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        with closing(sqlite3.connect(main.store)) as other:
            other.execute("CREATE TABLE mine (a)")
            other.commit()
        before = main.bytes()
        code, document = main.json("run", "main")
        assert (code, document["code"]) == (1, "RS-STORE-004")
        assert main.bytes() == before


def test_a_store_held_by_another_program_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rostersync.store.connect.open_store.__kwdefaults__", {"create": True, "wait": 0.3})
    with site(tmp_path) as main:
        main.run()
        main.clock.advance(days=1)
        main.server.district.touch("users", "stu-0020", main.clock.now, familyName="Late")
        with closing(sqlite3.connect(main.store, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            before = main.mark()
            run = main.run(code=5)
            assert (run["status"], run["id"], run["error"]["code"]) == ("busy", None, "RS-STORE-001")
            other.execute("ROLLBACK")
        assert main.mark() == before
        assert len(main.log()) == 1
        assert main.run()["changes"]["users"]["update"] == 1


def test_old_runs_are_forgotten_but_never_the_newest(tmp_path: Path) -> None:
    with site(tmp_path, store={"retain_runs_days": 3}) as main:
        for _ in range(6):
            main.run()
            main.clock.advance(days=1)
        kept = [run["started_at"][:10] for run in main.log()]
        assert kept == ["2026-10-25", "2026-10-24", "2026-10-23", "2026-10-22"]
        with closing(sqlite3.connect(main.store)) as store:
            assert store.execute("SELECT count(*) FROM roster_runs").fetchone() == (4,)
        main.clock.advance(days=100)
        main.server.faults.set(faults.Html())
        main.run(code=1)
        assert main.log()[0]["status"] == "failed"
        main.server.faults.clear()
        main.run()
        assert len(main.log()) == 2


def test_the_log_can_be_searched(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        main.run()
        main.clock.advance(days=1)
        main.server.faults.set(faults.Html())
        failed = main.run(code=1)
        main.server.faults.clear()
        main.clock.advance(days=1)
        last = main.run()
        assert [run["id"] for run in main.log("main")] == [last["id"], failed["id"], failed["id"] - 1]
        assert [run["id"] for run in main.log("--status", "failed")] == [failed["id"]]
        assert [run["id"] for run in main.log("--since", "2026-10-22")] == [last["id"]]
        assert main.log("--last") == [last]
        assert main.log("--run", str(failed["id"])) == [failed]
        code, document = main.json("log", "--run", "99")
        assert (code, document["schema"]) == (2, "rostersync/error/1")


def test_status_tells_how_an_integration_stands(tmp_path: Path) -> None:
    schedule = {"cron": "0 18 * * *", "timezone": "America/Chicago"}
    with site(tmp_path, schedule=schedule, clock=Clock(datetime(2026, 10, 20, 18, tzinfo=UTC))) as main:
        status = main.status()
        assert (status["last_run_id"], status["last_status"], status["last_sync_at"]) == (None, None, None)
        assert not main.store.exists()
        run = main.run()
        status = main.status()
        assert status["last_run_id"] == run["id"]
        assert status["last_sync_at"] == status["last_success_at"] == "2026-10-20T18:00:00.000Z"
        assert status["next_due"] == "2026-10-20T23:00:00.000Z"
        assert status["counts"]["users"] == len(main.roster(in_force=True)["users"])
        main.clock.advance(hours=1)
        main.server.faults.set(faults.Html())
        main.run(code=1)
        again = main.status()
        assert (again["last_status"], again["last_success_at"]) == ("failed", "2026-10-20T18:00:00.000Z")
        assert again["last_sync_at"] == "2026-10-20T18:00:00.000Z"


def due(main: Site) -> int:
    code, document = main.json("run", "--due")
    assert code == 0, document
    return len(document["runs"])


def test_a_due_run_runs_once(tmp_path: Path) -> None:
    schedule = {"cron": "30 1 * * *", "timezone": "America/Chicago"}
    # The clocks of Chicago go back from 02:00 to 01:00 on 1 November 2026: 01:30 happens at 06:30Z and at 07:30Z.
    clock = Clock(datetime(2026, 10, 31, 6, 29, tzinfo=UTC))
    with site(tmp_path, schedule=schedule, clock=clock) as main:
        main.run()
        ran = []
        for _ in range(4 * 27):
            if due(main):
                ran.append(clock.now.isoformat()[5:16])
            clock.advance(minutes=15)
        assert ran == ["10-31T06:44", "11-01T06:44"]


def test_a_time_that_does_not_happen_runs_at_the_next_moment(tmp_path: Path) -> None:
    schedule = {"cron": "30 2 * * *", "timezone": "America/Chicago"}
    # They go forward from 02:00 to 03:00 on 8 March 2026, which is 08:00Z.
    clock = Clock(datetime(2026, 3, 8, 7, 0, tzinfo=UTC))
    with site(tmp_path, schedule=schedule, clock=clock) as main:
        main.run()
        ran = []
        for _ in range(4 * 26):
            if due(main):
                ran.append(clock.now.isoformat()[5:16])
            clock.advance(minutes=15)
        assert ran == ["03-08T08:00", "03-09T07:30"]


def test_a_missed_run_runs_once(tmp_path: Path) -> None:
    with site(tmp_path, schedule={"cron": "@daily"}) as main:
        main.run()
        main.clock.advance(days=5)
        assert (due(main), due(main)) == (1, 0)


def test_what_is_not_scheduled_or_not_enabled_is_never_due(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        main.run()
        main.clock.advance(days=5)
        assert due(main) == 0
        main.configure(enabled=False, schedule={"cron": "@hourly"})
        assert due(main) == 0


def test_purge_removes_one_integration_alone(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        main.run()
        other = Site(main.folder, main.server, main.clock, name="other")
        other.configure()
        other.run()
        mine = [row[1:] for row in main.roster()["users"] if row[0] == "main"]
        assert mine == [row[1:] for row in other.roster()["users"] if row[0] == "other"]
        assert other.cli("purge", "other").code == 2
        assert other.cli("purge", "other", "--confirm", "main").code == 2
        assert other.cli("purge", "other", "--confirm", "other").code == 0
        assert {row[0] for row in main.roster()["users"]} == {"main"}
        assert b"other" not in main.store.read_bytes()


def test_several_integrations_end_with_the_gravest(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        text = main.config.read_text("utf-8")
        second = text.partition("[integrations.main")[2].replace("integrations.main", "integrations.aaa")
        broken = second.replace(main.server.base("1.2"), main.server.url + "/nothing/ims/oneroster")
        main.config.write_text(text + "\n[integrations.aaa" + broken, "utf-8")
        answer = call(["--config", str(main.config), "run", "--json"], main.clock)
        assert answer.code == 1
        assert {run["integration"]: run["status"] for run in answer.document["runs"]} == {
            "main": "success",
            "aaa": "failed",
        }


def test_a_lost_store_is_made_again_by_the_next_run(tmp_path: Path) -> None:
    with site(tmp_path) as main:
        main.run()
        roster = main.roster()
        shutil.move(main.store, tmp_path / "lost.db")
        assert main.run()["mode"] == "full"
        assert main.roster() == roster
        assert main.store.stat().st_mode & 0o077 == 0
