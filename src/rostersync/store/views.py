"""The views of contract §4, which downstream reads: their columns and the order of these are a promise."""

from __future__ import annotations

from typing import Final

_TENANT = " LEFT JOIN integration ON integration.name = row.integration"

_COLUMNS: dict[str, tuple[str, str]] = {
    "roster_orgs": ("org", "integration sourced_id name type identifier parent_sourced_id mapped_to tenant"),
    "roster_sessions": (
        "session",
        "integration sourced_id title type start_date end_date parent_sourced_id school_year",
    ),
    "roster_courses": ("course", "integration sourced_id title course_code org_sourced_id"),
    "roster_classes": (
        "class",
        (
            "integration sourced_id title class_code class_type course_sourced_id school_sourced_id "
            "session_sourced_ids grades state"
        ),
    ),
    "roster_users": (
        "user",
        (
            "integration sourced_id role roles orgs username email given_name middle_name family_name "
            "identifier grades enabled account_id state tenant"
        ),
    ),
    "roster_enrollments": (
        "enrollment",
        "integration sourced_id class_sourced_id user_sourced_id school_sourced_id role is_primary begin_date end_date",
    ),
    "roster_relationships": ("relationship", "integration student_sourced_id parent_sourced_id relationship"),
    "roster_runs": ("run", "id integration status mode started_at finished_at"),
}


def _statement(view: str, table: str, columns: list[str]) -> str:
    """Write the statement that creates one view; the tenant is the integration's."""
    shown = ", ".join("integration.tenant" if column == "tenant" else f"row.{column} AS {column}" for column in columns)
    return f"CREATE VIEW {view} AS SELECT {shown} FROM {table} AS row{_TENANT if 'tenant' in columns else ''}"  # noqa: S608 - constants


VIEWS: Final = {view: columns.split() for view, (_, columns) in _COLUMNS.items()}
"""Each view and its columns."""

CREATE: Final = tuple(_statement(view, table, columns.split()) for view, (table, columns) in _COLUMNS.items())
"""The statements that create the views."""

DROP: Final = tuple(f"DROP VIEW IF EXISTS {view}" for view in _COLUMNS)
"""The statements for a revision that changes the tables under the views: drop, change, create."""
