"""The run log: what is recorded comes back, newest first, and old runs go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.plan import Action, Change, KindCounts
from rostersync.model.run import Counts, Mode, Status
from rostersync.store.base import RunLog, RunRecord
from rostersync.store.connect import open_store
from rostersync.store.database import Store
from rostersync.store.pages import PAGE
from rostersync.store.run_log import Runs
from rostersync.store.spool import PlanSpool
from tests.store.samples import optional, texts

RUN = RunRecord(
    integration="springfield",
    status=Status.PARTIAL,
    mode=Mode.DELTA,
    date="2026-11-21",
    started_at="2026-11-21T18:00:00.000Z",
    finished_at="2026-11-21T18:02:03.500Z",
    counts=Counts(unmatched_users=3, matched_students=100, held_schools=1),
    changes={kind: KindCounts(place, place + 1, place + 2) for place, kind in enumerate(Kind)},
    plan_hash="0" * 64,
    forced=True,
    outputs=({"format": "jsonl", "path": "out/a.zip", "rows": 12},),
    error={"code": "RS-OUT-001", "message": "it's full", "hint": ""},
)

diagnostics = st.builds(
    Diagnostic,
    st.sampled_from(Code),
    texts,
    texts,
    st.none() | st.sampled_from(Kind),
    optional,
    optional,
)


def days(store: Store, *runs: tuple[str, str, Status]) -> Runs:
    """Record a run for each integration, day and status."""
    log = Runs(store)
    for integration, day, status in runs:
        started = f"{day}T18:00:00Z"
        log.record(replace(RUN, integration=integration, status=status, started_at=started), [])
    return log


@pytest.mark.parametrize(
    "run",
    [
        RUN,
        replace(
            RUN, status=Status.FAILED, counts=Counts(), changes={}, plan_hash=None, forced=False, outputs=(), error=None
        ),
    ],
    ids=["full", "bare"],
)
def test_a_run_comes_back_as_it_was_with_its_id(throwaway: Store, run: RunRecord) -> None:
    log: RunLog = Runs(throwaway)
    first, second = log.record(run, []), log.record(run, [])
    assert first < second
    assert log.runs() == [replace(run, id=second), replace(run, id=first)]
    assert log.runs(id=first) == [replace(run, id=first)]
    assert log.runs(id=second + 1) == []


@given(st.lists(diagnostics, max_size=10))
def test_diagnostics_come_back_in_their_order(found: list[Diagnostic]) -> None:
    with open_store(Path("absent.db"), create=False) as store:
        log = Runs(store)
        log.record(RUN, [Diagnostic(Code("RS-DATA-001"), "of another run")])
        run_id = log.record(RUN, iter(found))
        back = list(log.diagnostics(run_id))
    assert back == found
    assert all(type(each.code) is Code for each in back)


def test_more_diagnostics_than_a_page_are_all_there(throwaway: Store) -> None:
    log = Runs(throwaway)
    run_id = log.record(RUN, (Diagnostic(Code("RS-DATA-001"), f"{key}") for key in range(PAGE + 5)))
    assert [each.message for each in log.diagnostics(run_id)] == [f"{key}" for key in range(PAGE + 5)]


def test_the_whole_plan_is_kept_even_of_a_run_that_was_rolled_back(throwaway: Store) -> None:
    plan = [
        Change(Kind.USERS, Action.CREATE, f"u{key}", "Ann", None, None, {"grades": ("07",)}) for key in range(2_100)
    ]
    log = Runs(throwaway)
    with PlanSpool() as spool:
        with throwaway.transaction() as transaction:
            spool.write(plan)
            log.record(RUN, [], spool)
            transaction.discard()
        assert log.runs() == []
        run_id = log.record(replace(RUN, status=Status.BLOCKED), [], spool)
    assert list(log.changes(run_id)) == plan
    assert list(log.changes(run_id + 1)) == []


def test_runs_are_found_by_integration_status_time_and_number(throwaway: Store) -> None:
    log = days(
        throwaway,
        ("a", "2026-11-01", Status.SUCCESS),
        ("b", "2026-11-02", Status.FAILED),
        ("a", "2026-11-03", Status.FAILED),
        ("a", "2026-11-04", Status.SUCCESS),
    )

    def found(runs: list[RunRecord]) -> list[int | None]:
        """Name the runs that were found."""
        return [run.id for run in runs]

    assert found(log.runs()) == [4, 3, 2, 1]
    assert found(log.runs("a")) == [4, 3, 1]
    assert found(log.runs(status=Status.FAILED)) == [3, 2]
    assert found(log.runs(since="2026-11-02")) == [4, 3, 2]
    assert found(log.runs(since="2026-11-02T18:00:00.000Z")) == [4, 3, 2]
    assert found(log.runs(since="2026-11-02T18:00:00.001Z")) == [4, 3]
    assert found(log.runs("a", status=Status.SUCCESS, limit=1)) == [4]
    assert found(log.runs("'; DROP TABLE run; --")) == []


def test_the_last_run_and_the_last_success(throwaway: Store) -> None:
    log = days(
        throwaway,
        ("a", "2026-11-01", Status.SUCCESS),
        ("a", "2026-11-02", Status.FAILED),
        ("b", "2026-11-03", Status.FAILED),
    )
    last, success = log.last("a"), log.last_success("a")
    assert last is not None
    assert success is not None
    assert (last.id, success.id) == (2, 1)
    assert log.last_success("b") is None
    assert log.last("c") is None


def test_old_runs_go_with_all_they_had_but_the_newest_of_each_integration_stays(throwaway: Store) -> None:
    log = Runs(throwaway)
    with PlanSpool() as spool:
        spool.write([Change(Kind.ORGS, Action.REMOVE, "o1", "", None, {}, None)])
        for integration, year in (("a", 2024), ("b", 2024), ("a", 2025), ("a", 2026)):
            run = replace(RUN, integration=integration, started_at=f"{year}-11-21T18:00:00Z")
            log.record(run, [Diagnostic(Code("RS-DATA-001"), "off")], spool)
    assert log.drop_older_than("2025-11-21T18:00:00Z") == 1
    assert [run.id for run in log.runs()] == [4, 3, 2]
    for table in ("diagnostic", "plan_chunk"):
        assert throwaway.fetch(f"SELECT run_id FROM {table} ORDER BY run_id") == [(2,), (3,), (4,)]  # noqa: S608
    assert log.drop_older_than("2027-01-01") == 1
    assert [run.id for run in log.runs()] == [4, 2]


def test_the_id_of_a_run_is_never_given_again(throwaway: Store) -> None:
    log = days(throwaway, ("a", "2026-11-01", Status.SUCCESS))
    throwaway.write("DELETE FROM run")
    assert log.record(RUN, []) == 2
