"""A signal ends what is under way, also where a library holds on to exceptions."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from sqlalchemy.engine.default import DefaultDialect

from rostersync.errors import Interrupted
from rostersync.signals import ending_in_order
from rostersync.store.connect import open_store
from rostersync.store.database import Connection
from rostersync.store.run_log import Runs


@pytest.mark.parametrize("call", ["rollback", "close"])
def test_a_signal_is_not_swallowed(path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    calls: list[str] = []

    def interrupt(_connection: Connection) -> None:
        calls.append(call)
        if len(calls) == 1:
            raise Interrupted(signal.SIGTERM)

    store = open_store(path)
    Runs(store).last("springfield")
    with monkeypatch.context() as patched:
        patched.setattr(Connection, call, interrupt, raising=False)
        with pytest.raises(Interrupted):
            Runs(store).last("springfield") if call == "rollback" else store.close()
    store.close()
    assert calls


def test_an_interrupt_amid_a_librarys_statement_leaves_a_connection_to_roll_back_by(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise Interrupted(signal.SIGTERM)

    with open_store(path) as store:
        before = store.fetch("SELECT count(*) FROM run")
        with monkeypatch.context() as patched:
            patched.setattr(DefaultDialect, "do_execute", interrupt)
            with pytest.raises(Interrupted), store.transaction():
                Runs(store).last("springfield")
        assert not store.in_transaction
        assert store.fetch("SELECT count(*) FROM run") == before


def test_a_signal_that_comes_while_the_store_is_closed_waits_until_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    closed: list[Connection] = []

    def interrupted(connection: Connection) -> None:
        signal.raise_signal(signal.SIGINT)
        closed.append(connection)

    store = open_store(path)
    Runs(store).last("springfield")
    monkeypatch.setattr(Connection, "close", interrupted)
    with pytest.raises(Interrupted), ending_in_order():
        store.close()
    assert closed
    assert not caplog.records
