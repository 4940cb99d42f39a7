"""The first schema: state, runs, snapshot and roster of every integration."""

from __future__ import annotations

from alembic import op

from rostersync.store.views import CREATE, DROP

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATE_AND_RUNS = (
    """
    CREATE TABLE integration (
        name VARCHAR NOT NULL PRIMARY KEY, tenant VARCHAR, cursor VARCHAR, last_sync_at VARCHAR, last_full_at VARCHAR,
        source_identity VARCHAR, settings_digest VARCHAR, full_next VARCHAR NOT NULL, accounts_at VARCHAR,
        accounts INTEGER NOT NULL DEFAULT 0, package VARCHAR, accounts_from VARCHAR
    )
    """,
    """
    CREATE TABLE run (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, integration VARCHAR NOT NULL, status VARCHAR NOT NULL,
        mode VARCHAR NOT NULL, date VARCHAR NOT NULL, started_at VARCHAR NOT NULL, finished_at VARCHAR NOT NULL,
        counts VARCHAR NOT NULL, changes VARCHAR NOT NULL, plan_hash VARCHAR, forced INTEGER NOT NULL,
        outputs VARCHAR NOT NULL, error VARCHAR
    )
    """,
    """
    CREATE TABLE account (
        integration VARCHAR NOT NULL, place INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (integration, place)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX ix_run_integration ON run (integration)",
    """
    CREATE TABLE diagnostic (
        run_id INTEGER NOT NULL, seq INTEGER NOT NULL, code VARCHAR NOT NULL,
        kind VARCHAR, sourced_id VARCHAR, school VARCHAR, message VARCHAR NOT NULL, hint VARCHAR NOT NULL,
        PRIMARY KEY (run_id, seq), FOREIGN KEY (run_id) REFERENCES run (id) ON DELETE CASCADE
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE plan_chunk (
        run_id INTEGER NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (run_id, seq), FOREIGN KEY (run_id) REFERENCES run (id) ON DELETE CASCADE
    )
    """,
)

_SNAPSHOT = tuple(
    f"""
    CREATE TABLE snapshot_{collection} (
        integration VARCHAR NOT NULL, sourced_id VARCHAR NOT NULL, deleted INTEGER NOT NULL, body BLOB, rejection BLOB,
        PRIMARY KEY (integration, sourced_id)
    ) WITHOUT ROWID
    """
    for collection in ("orgs", "sessions", "courses", "classes", "users", "enrollments")
)

_ROSTER = (
    """
    CREATE TABLE org (
        integration VARCHAR NOT NULL, sourced_id VARCHAR NOT NULL, name VARCHAR NOT NULL, type VARCHAR NOT NULL,
        identifier VARCHAR, parent_sourced_id VARCHAR, mapped_to VARCHAR,
        PRIMARY KEY (integration, sourced_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE session (
        integration VARCHAR NOT NULL, sourced_id VARCHAR NOT NULL, title VARCHAR, type VARCHAR NOT NULL,
        start_date VARCHAR NOT NULL, end_date VARCHAR NOT NULL, parent_sourced_id VARCHAR, school_year VARCHAR,
        PRIMARY KEY (integration, sourced_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE course (
        integration VARCHAR NOT NULL, sourced_id VARCHAR NOT NULL, title VARCHAR NOT NULL, course_code VARCHAR,
        org_sourced_id VARCHAR,
        PRIMARY KEY (integration, sourced_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE class (
        integration VARCHAR NOT NULL, sourced_id VARCHAR NOT NULL, title VARCHAR NOT NULL, class_code VARCHAR,
        class_type VARCHAR, course_sourced_id VARCHAR, school_sourced_id VARCHAR NOT NULL,
        session_sourced_ids VARCHAR NOT NULL, grades VARCHAR NOT NULL, state VARCHAR NOT NULL,
        PRIMARY KEY (integration, sourced_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE user (
        integration VARCHAR NOT NULL, sourced_id VARCHAR NOT NULL, role VARCHAR NOT NULL, roles VARCHAR NOT NULL,
        orgs VARCHAR NOT NULL, username VARCHAR, email VARCHAR, given_name VARCHAR, middle_name VARCHAR,
        family_name VARCHAR, identifier VARCHAR, grades VARCHAR NOT NULL, enabled INTEGER NOT NULL, account_id VARCHAR,
        state VARCHAR NOT NULL,
        PRIMARY KEY (integration, sourced_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE enrollment (
        integration VARCHAR NOT NULL, sourced_id VARCHAR NOT NULL, class_sourced_id VARCHAR NOT NULL,
        user_sourced_id VARCHAR NOT NULL, school_sourced_id VARCHAR, role VARCHAR NOT NULL, is_primary INTEGER NOT NULL,
        begin_date VARCHAR, end_date VARCHAR,
        PRIMARY KEY (integration, sourced_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE relationship (
        integration VARCHAR NOT NULL, student_sourced_id VARCHAR NOT NULL, parent_sourced_id VARCHAR NOT NULL,
        relationship VARCHAR NOT NULL,
        PRIMARY KEY (integration, student_sourced_id, parent_sourced_id)
    ) WITHOUT ROWID
    """,
)


def upgrade() -> None:
    """Make every table and view."""
    for statement in (*_STATE_AND_RUNS, *_SNAPSHOT, *_ROSTER, *DROP, *CREATE):
        op.execute(statement)
