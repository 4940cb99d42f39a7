"""The rows of the roster are the views of contract §4."""

from __future__ import annotations

import pytest

from rostersync.model.kind import COLLECTIONS, Kind
from rostersync.model.roster import LISTS, ROWS

# Contract §4, without integration and tenant.
VIEWS = {
    Kind.ORGS: "sourced_id, name, type, identifier, parent_sourced_id, mapped_to",
    Kind.SESSIONS: "sourced_id, title, type, start_date, end_date, parent_sourced_id, school_year",
    Kind.COURSES: "sourced_id, title, course_code, org_sourced_id",
    Kind.CLASSES: "sourced_id, title, class_code, class_type, course_sourced_id, school_sourced_id, "
    "session_sourced_ids, grades, state",
    Kind.USERS: "sourced_id, role, roles, orgs, username, email, given_name, middle_name, family_name, identifier, "
    "grades, enabled, account_id, state",
    Kind.ENROLLMENTS: "sourced_id, class_sourced_id, user_sourced_id, school_sourced_id, role, is_primary, "
    "begin_date, end_date",
    Kind.RELATIONSHIPS: "student_sourced_id, parent_sourced_id, relationship",
}


@pytest.mark.parametrize("kind", Kind)
def test_a_row_has_the_fields_of_its_view(kind: Kind) -> None:
    assert ", ".join(ROWS[kind]._fields) == VIEWS[kind]


def test_lists_are_fields_of_some_row() -> None:
    assert {name for row in ROWS.values() for name in row._fields} >= LISTS


def test_everything_but_relationships_is_a_collection_of_the_source() -> None:
    assert {*COLLECTIONS, Kind.RELATIONSHIPS} == set(Kind)
