"""Delivery after a run and by `export`: from the store to the files, and how it went into the run log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rostersync.config.schema import IntegrationConfig
from rostersync.errors import Interrupted, Locked, OutputError, UsageError
from rostersync.model.codes import Code
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.plan import Action, Change, KindCounts
from rostersync.model.roster import ARCHIVED, Row
from rostersync.model.run import Mode, Status
from rostersync.outputs.base import RosterReader, Written
from rostersync.pipeline.delivering import AppliedRoster, deliver, deliver_run, export
from rostersync.pipeline.result import RunResult
from rostersync.pipeline.upkeep import held
from rostersync.sources.base import Source
from rostersync.store.base import RunRecord
from rostersync.store.connect import open_store
from rostersync.store.database import Store
from rostersync.store.roster import Roster
from rostersync.store.run_log import Runs
from rostersync.store.spool import PlanSpool
from rostersync.wiring import Integration, open_output
from tests.outputs.outputs_district import FORMATS, Rows, district, names, read, table, user

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
STARTED = "2026-11-20T18:00:00.000Z"
RUN = RunRecord("springfield", Status.SUCCESS, Mode.FULL, "2026-11-20", STARTED, STARTED)
FOUND = Diagnostic(Code.DATA_REJECTED, "a title is missing")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "roster.db") as opened:
        yield opened


@pytest.fixture
def filled(store: Store) -> Store:
    Roster(store, "springfield").apply(map(create, in_order(district().every)))
    return store


def in_order(rows: list[Row]) -> list[Row]:
    """Rows of one kind beside each other."""
    return [row for kind in Kind for row in Rows(rows).rows(kind)]


def create(row: Row) -> Change:
    kind = next(kind for kind in Kind if row in list(Rows([row]).rows(kind)))
    return Change(kind, Action.CREATE, row[0], "", None, None, row._asdict())


def integration(*outputs: dict[str, object]) -> Integration:
    """An integration with these outputs; nothing of its source is opened."""
    source = {"type": "rest", "url": "https://sis.example.org", "auth": {"type": "none"}, "version": "1.2"}
    config = IntegrationConfig.model_validate(
        {"key": "springfield", "partner_id": "spr-01", "source": source, "outputs": list(outputs)}
    )
    written = tuple(open_output(section, config) for section in config.outputs)
    return Integration(config, no_source, lambda: NOW, outputs=written)


def no_source() -> Source:
    raise NotImplementedError


def recorded(store: Store, record: RunRecord = RUN) -> RunResult:
    return RunResult(replace(record, id=Runs(store).record(record, [FOUND])), (FOUND,))


class Failing:
    """An output that cannot be written."""

    format, path = "jsonl", Path("out/x")

    def __init__(self, error: BaseException) -> None:
        """Keep what is to be raised."""
        self._error = error

    def write(self, roster: RosterReader) -> Written:  # noqa: ARG002 - the protocol's
        """Raise it."""
        raise self._error


def test_every_output_of_a_run_is_written_and_recorded(filled: Store, tmp_path: Path) -> None:
    paths = {format_: tmp_path / "out" / f"{format_}.zip" for format_ in FORMATS}
    many = integration(*({"format": format_, "path": path} for format_, path in paths.items()))
    result = deliver_run(many, filled, recorded(filled))
    assert [(each["format"], each["path"]) for each in result.record.outputs] == [(f, str(p)) for f, p in paths.items()]
    assert all(
        each["rows"] > 0 and path.is_file() for each, path in zip(result.record.outputs, paths.values(), strict=True)
    )
    assert (result.record.status, result.diagnostics) == (Status.SUCCESS, (FOUND,))
    assert result.record.finished_at == "2026-11-20T18:30:00.000Z"
    assert Runs(filled).last("springfield") == result.record
    for format_, path in paths.items():
        FORMATS[format_](tmp_path / "memory.zip").write(district())
        assert read(path) == read(tmp_path / "memory.zip")


def test_a_failed_output_makes_the_run_partial_and_is_written_by_the_next(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b").write_text("in the way")
    both = integration(*({"format": "jsonl", "path": tmp_path / "out" / name} for name in ("a.zip", "b", "c")))
    result = deliver_run(both, filled, recorded(filled))
    assert [Path(each["path"]).name for each in result.record.outputs] == ["a.zip", "c"]
    assert result.record.status is Status.PARTIAL
    failed = result.diagnostics[-1]
    assert failed.code is Code.OUT_NOT_WRITTEN
    assert failed.message == f"jsonl: {tmp_path / 'out' / 'b'} cannot be written: it is not a folder"
    log = Runs(filled)
    assert log.last("springfield") == result.record
    assert result.record.id is not None
    assert tuple(log.diagnostics(result.record.id)) == result.diagnostics == (FOUND, failed)
    (tmp_path / "out" / "b").unlink()
    again = deliver_run(both, filled, recorded(filled))
    assert (again.record.status, len(again.record.outputs)) == (Status.SUCCESS, 3)
    assert names(tmp_path / "out") == ["a.zip", "b", "c"]


def test_an_applied_run_whose_log_cannot_be_added_to_is_partial_and_says_so(filled: Store, tmp_path: Path) -> None:
    one = integration({"format": "jsonl", "path": tmp_path / "a.zip"})
    applied = recorded(filled)
    filled.fetch("PRAGMA query_only = ON")
    result = deliver_run(one, filled, applied)
    filled.fetch("PRAGMA query_only = OFF")
    assert (result.record.status, result.record.id) == (Status.PARTIAL, applied.record.id)
    assert result.diagnostics[-1].code is Code.STORE_NOT_WRITABLE
    assert (tmp_path / "a.zip").is_file()


def test_what_a_format_leaves_out_does_not_make_a_run_partial(store: Store, tmp_path: Path) -> None:
    Roster(store, "springfield").apply(map(create, in_order(district(user("v|1")).every)))
    one = integration({"format": "oneroster-1.2", "path": tmp_path / "a.zip"})
    result = deliver_run(one, store, recorded(store))
    assert result.record.status is Status.SUCCESS
    assert result.diagnostics[-1].code is Code.DATA_REJECTED
    assert "v|1" in result.diagnostics[-1].message


@pytest.mark.parametrize("status", [Status.BLOCKED, Status.FAILED, Status.BUSY])
def test_a_run_that_applied_nothing_delivers_nothing(filled: Store, tmp_path: Path, status: Status) -> None:
    one = integration({"format": "jsonl", "path": tmp_path / "a.zip"})
    result = recorded(filled, replace(RUN, status=status))
    assert deliver_run(one, filled, result) is result
    assert not (tmp_path / "a.zip").exists()


def test_a_run_without_outputs_stays_as_it_is(filled: Store) -> None:
    result = recorded(filled)
    assert deliver_run(integration(), filled, result) is result


def test_a_failure_of_one_output_is_no_failure_of_the_next(tmp_path: Path) -> None:
    fine = FORMATS["jsonl"](tmp_path / "a")
    delivered = deliver([Failing(OutputError("RS-OUT-001", "no", "do this")), fine], district())
    assert [each["path"] for each in delivered.outputs] == [str(tmp_path / "a")]
    assert delivered.diagnostics == (Diagnostic(Code.OUT_NOT_WRITTEN, "jsonl: no", "do this"),)
    with pytest.raises(Interrupted):
        deliver([Failing(Interrupted(2)), fine], district())


def test_the_log_says_which_classes_were_archived_lately(filled: Store) -> None:
    log = Runs(filled)
    archive = Change(Kind.CLASSES, Action.REMOVE, "c1", "", None, {"state": "active"}, {"state": ARCHIVED})
    gone = Change(Kind.CLASSES, Action.REMOVE, "c2", "", None, {"state": "active"}, None)
    for days, status, changes in (
        (40, Status.SUCCESS, [archive._replace(sourced_id="old")]),
        (20, Status.PARTIAL, [archive, gone]),
        (10, Status.BLOCKED, [archive._replace(sourced_id="blocked")]),
    ):
        started = (NOW - timedelta(days=days)).isoformat().replace("+00:00", "Z")
        counts = {Kind.CLASSES: KindCounts(remove=len(changes))}
        with PlanSpool() as spool:
            spool.write(changes)
            log.record(replace(RUN, started_at=started, status=status, changes=counts), [], spool)
    roster = AppliedRoster(filled, "springfield", NOW)
    assert roster.archived_within(timedelta(days=30)) == {"c1"}
    assert roster.archived_within(timedelta(days=60)) == {"c1", "old"}
    assert roster.archived_within(timedelta(days=5)) == frozenset()


def test_export_writes_the_roster_as_it_is_now(filled: Store, tmp_path: Path) -> None:
    written = export(integration(), filled, "sds-2.1", tmp_path / "sds")
    assert written.rows == 17
    assert len(table(tmp_path / "sds", "users")) == 4


def test_export_takes_the_options_of_the_configured_output(store: Store, tmp_path: Path) -> None:
    Roster(store, "springfield").apply(map(create, in_order(district(user("v1", given_name="=1")).every)))
    safe = integration({"format": "sds-2.1", "path": tmp_path / "other", "spreadsheet_safe": True})
    export(safe, store, "sds-2.1", tmp_path / "sds")
    assert {row["givenName"] for row in table(tmp_path / "sds", "users")} == {"Ann", "'=1"}
    assert not (tmp_path / "other").exists()


def test_export_refuses_what_cannot_be_asked(filled: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match='"csv" is no format') as caught:
        export(integration(), filled, "csv", tmp_path / "x")
    assert "oneroster-1.2" in caught.value.hint
    with held(filled, "springfield", NOW), pytest.raises(Locked):
        export(integration(), filled, "jsonl", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_there_is_nothing_to_export_before_the_first_run(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="never been synced"):
        export(integration(), store, "jsonl", tmp_path / "x")


@pytest.mark.parametrize("format_", sorted(FORMATS))
def test_the_configuration_leads_to_the_format(format_: str, tmp_path: Path) -> None:
    config = integration({"format": format_, "path": tmp_path / "x.zip"})
    (output,) = config.outputs
    assert output == FORMATS[format_](tmp_path / "x.zip")
    assert open_output(config.config.outputs[0], config.config) == output


def test_the_update_of_a_run_touches_that_run_alone(store: Store) -> None:
    log = Runs(store)
    first, second = log.record(RUN, [FOUND]), log.record(RUN, [FOUND])
    other = Diagnostic(Code.OUT_NOT_WRITTEN, "full")
    written = {"format": "jsonl", "path": "x", "rows": 3}
    log.update_outputs(first, [written], Status.PARTIAL, [other], "2026-11-20T19:00:00Z")
    (newer, older) = log.runs("springfield")
    assert newer == replace(RUN, id=second)
    told = replace(RUN, id=first, outputs=(written,), status=Status.PARTIAL, finished_at="2026-11-20T19:00:00Z")
    assert older == told
    assert list(log.diagnostics(first)) == [FOUND, other]
    assert list(log.diagnostics(second)) == [FOUND]
