"""The schema: revisions, tables and views agree, and an old store is brought up to date with its data and a copy."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from rostersync.errors import StoreError
from rostersync.model.kind import Kind
from rostersync.model.plan import Action, Change
from rostersync.model.roster import ROWS
from rostersync.model.run import Mode, Status
from rostersync.store.base import IntegrationState, RunRecord
from rostersync.store.connect import open_store
from rostersync.store.database import Connection, Store
from rostersync.store.migrate import migrate, revision
from rostersync.store.migrations import LOCATION, REVISIONS
from rostersync.store.names import ROSTER
from rostersync.store.roster import Roster
from rostersync.store.run_log import Runs
from rostersync.store.state import States
from rostersync.store.tables import METADATA
from tests.store.samples import ROWS as SAMPLES

# Contract §4, to the letter.
VIEWS = {
    "roster_orgs": "integration, sourced_id, name, type, identifier, parent_sourced_id, mapped_to, tenant",
    "roster_sessions": "integration, sourced_id, title, type, start_date, end_date, parent_sourced_id, school_year",
    "roster_courses": "integration, sourced_id, title, course_code, org_sourced_id",
    "roster_classes": "integration, sourced_id, title, class_code, class_type, course_sourced_id, school_sourced_id, "
    "session_sourced_ids, grades, state",
    "roster_users": "integration, sourced_id, role, roles, orgs, username, email, given_name, middle_name, "
    "family_name, identifier, grades, enabled, account_id, state, tenant",
    "roster_enrollments": "integration, sourced_id, class_sourced_id, user_sourced_id, school_sourced_id, role, "
    "is_primary, begin_date, end_date",
    "roster_relationships": "integration, student_sourced_id, parent_sourced_id, relationship",
    "roster_runs": "id, integration, status, mode, started_at, finished_at",
}

LATER = '''
"""A revision of a later program."""
from alembic import op

revision, down_revision, branch_labels, depends_on = "0003", "0002", None, None


def upgrade():
    op.execute("CREATE TABLE later (name VARCHAR)")
    op.execute("INSERT INTO later SELECT name FROM integration")
    {last}
'''


def script(location: Path = LOCATION) -> ScriptDirectory:
    """Read the revisions as Alembic does."""
    config = Config()
    config.set_main_option("script_location", str(location))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def test_the_revisions_are_one_line_and_all_of_them_known() -> None:
    assert tuple(each.revision for each in script().walk_revisions())[::-1] == REVISIONS


def test_revisions_and_tables_agree(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_tables_keep_the_properties_that_are_not_compared(store: Store) -> None:
    made = dict(store.fetch("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"))
    for name, table in METADATA.tables.items():
        without_rowid = not table.dialect_options["sqlite"]["with_rowid"]
        assert ("WITHOUT ROWID" in made[name]) is without_rowid, name
        keys = [column for column, place in primary_key(store, name) if place]
        assert keys == [column.name for column in table.primary_key], name


def primary_key(store: Store, table: str) -> list[tuple[str, int]]:
    """Read the columns of a table with their place in its key."""
    return [(row[1], row[5]) for row in store.fetch(f"PRAGMA table_info('{table}')")]


@pytest.mark.parametrize("kind", Kind)
def test_a_roster_table_has_the_fields_of_its_row(store: Store, kind: Kind) -> None:
    columns = [row[1] for row in store.fetch(f"PRAGMA table_info('{ROSTER[kind]}')")]
    assert columns == ["integration", *ROWS[kind]._fields]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_the_columns_of_the_contract(store: Store, view: str) -> None:
    assert ", ".join(row[1] for row in store.fetch(f"PRAGMA table_info('{view}')")) == VIEWS[view]


def test_there_are_no_other_views(store: Store) -> None:
    assert [name for (name,) in store.fetch("SELECT name FROM sqlite_schema WHERE type = 'view'")] == list(VIEWS)


def fill(store: Store) -> None:
    """Put one row into every view."""
    States(store).write(IntegrationState("springfield", tenant="spr-01"))
    changes = [Change(kind, Action.CREATE, row[0], "", None, None, row._asdict()) for kind, row in SAMPLES.items()]
    Roster(store, "springfield").apply(changes)
    run = RunRecord(
        "springfield", Status.SUCCESS, Mode.FULL, "2026-11-21", "2026-11-21T18:00:00Z", "2026-11-21T18:01:00Z"
    )
    Runs(store).record(run, [])


def test_the_views_show_the_roster_to_any_reader(store: Store, path: Path) -> None:
    fill(store)
    reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    reader.row_factory = sqlite3.Row
    shown = {view: dict(reader.execute(f"SELECT * FROM {view}").fetchone()) for view in VIEWS}  # noqa: S608
    reader.close()
    user = shown["roster_users"]
    assert (user["tenant"], user["enabled"], user["username"]) == ("spr-01", 1, None)
    assert [json.loads(user[name]) for name in ("roles", "orgs", "grades")] == [["student"], ["s1"], []]
    assert user["grades"] == "[]"
    assert shown["roster_orgs"]["tenant"] == "spr-01"
    assert shown["roster_classes"]["session_sourced_ids"] == '["t1","t2"]'
    assert shown["roster_enrollments"]["is_primary"] == 0
    assert shown["roster_relationships"]["relationship"] == "parent"
    assert shown["roster_runs"] == {
        "id": 1,
        "integration": "springfield",
        "status": "success",
        "mode": "full",
        "started_at": "2026-11-21T18:00:00Z",
        "finished_at": "2026-11-21T18:01:00Z",
    }


def test_rows_of_an_integration_without_state_have_no_tenant(store: Store) -> None:
    fill(store)
    store.write("DELETE FROM integration")
    assert store.fetch("SELECT tenant FROM roster_users") == [(None,)]


def test_an_up_to_date_store_is_opened_without_alembic(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(path).close()
    monkeypatch.setattr("alembic.command.upgrade", lambda *_: pytest.fail("Alembic was asked"))
    with open_store(path) as store:
        assert revision(store) == REVISIONS[-1]


@pytest.fixture
def later(tmp_path: Path) -> Iterator[Path]:
    """Give the revisions of a later program, which has one more."""
    location = tmp_path / "100% later"
    shutil.copytree(LOCATION, location, ignore=shutil.ignore_patterns("__pycache__"))
    yield location
    shutil.rmtree(location)


def write_later(location: Path, last: str = "return") -> None:
    """Write the third revision."""
    (location / "versions" / "v0003_later.py").write_text(LATER.format(last=last))


def test_an_old_store_is_migrated_with_its_data_and_a_copy(store: Store, path: Path, later: Path) -> None:
    fill(store)
    write_later(later)
    migrate(store, (*REVISIONS, "0003"), later)
    assert store.fetch("SELECT name FROM later") == [("springfield",)]
    assert revision(store) == "0003"
    copy = path.with_name("roster.db.before-0003")
    assert copy.stat().st_mode & 0o777 == 0o600
    with open_store(copy) as before:
        assert revision(before) == REVISIONS[-1]
        assert list(Roster(before, "springfield").rows(Kind.USERS)) == [SAMPLES[Kind.USERS]]


def test_a_new_store_goes_through_all_revisions_without_a_copy(path: Path, later: Path) -> None:
    write_later(later)
    connection = sqlite3.connect(path, isolation_level=None, factory=Connection)
    with Store(connection, path, "the store") as store:
        migrate(store, (*REVISIONS, "0003"), later)
        assert revision(store) == "0003"
    assert list(path.parent.glob("roster.db*")) == [path]


def test_a_new_store_is_made_whole_or_not_at_all(path: Path, later: Path) -> None:
    write_later(later, "op.execute('INSERT INTO missing VALUES (1)')")
    connection = sqlite3.connect(path, isolation_level=None, factory=Connection)
    with Store(connection, path, "the store") as store:
        with pytest.raises(StoreError):
            migrate(store, (*REVISIONS, "0003"), later)
        assert revision(store) is None
    assert path.read_bytes() == b""


def test_a_failed_migration_changes_nothing_and_can_be_repeated(store: Store, path: Path, later: Path) -> None:
    fill(store)
    before = path.read_bytes()
    write_later(later, "op.execute('INSERT INTO missing VALUES (1)')")
    with pytest.raises(StoreError) as caught:
        migrate(store, (*REVISIONS, "0003"), later)
    assert caught.value.code == "RS-STORE-004"
    assert path.read_bytes() == before
    assert not store.in_transaction
    write_later(later)
    migrate(store, (*REVISIONS, "0003"), later)
    assert store.fetch("SELECT name FROM later") == [("springfield",)]


def test_the_copy_never_follows_a_symbolic_link(store: Store, path: Path, later: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("as it was")
    path.with_name("roster.db.before-0003").symlink_to(precious)
    write_later(later)
    migrate(store, (*REVISIONS, "0003"), later)
    assert precious.read_text() == "as it was"


def test_a_store_that_another_process_has_migrated_meanwhile_is_left_alone(path: Path, later: Path) -> None:
    write_later(later)
    with open_store(path) as one, open_store(path) as two:
        migrate(one, (*REVISIONS, "0003"), later)
        migrate(two, (*REVISIONS, "0003"), later)
        assert two.fetch("SELECT version_num FROM alembic_version") == [("0003",)]


def test_the_program_before_refuses_the_store_of_a_later_one(store: Store, path: Path, later: Path) -> None:
    write_later(later)
    migrate(store, (*REVISIONS, "0003"), later)
    with pytest.raises(StoreError) as caught:
        open_store(path)
    assert caught.value.code == "RS-STORE-002"
