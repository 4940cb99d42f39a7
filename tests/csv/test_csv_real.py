"""What rostersync's own packages say beside the standard's columns is read back, and nothing else is taken for it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostersync.model.kind import Coverage, Kind
from rostersync.model.snapshot import Record, Role
from rostersync.sources.csv.layout import Version
from tests.csv.csv_flaws import Files, delta, good
from tests.csv.csv_reading import Reading, merged, read_files, roster_of

COLUMN = "metadata.rostersync"


def told(files: Files, name: str, sourced_id: str, cell: str) -> Files:
    """Let a file say something beside the columns of one record."""
    head, *rows = csv.reader(io.StringIO(str(files[f"{name}.csv"]), newline=""))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([[*head, COLUMN], *([*row, cell if row[0] == sourced_id else ""] for row in rows)])
    return files | {f"{name}.csv": out.getvalue()}


def read(path: Path, name: str, sourced_id: str, values: object, version: Version = "1.1") -> Reading:
    return read_files(path, told(good(version), name, sourced_id, json.dumps(values)))


def record(path: Path, kind: Kind, name: str, sourced_id: str, values: object, version: Version = "1.1") -> Record:
    found = read(path, name, sourced_id, values, version).of(kind)[sourced_id].record
    assert found is not None
    return found


def test_texts_lists_and_gaps_take_the_place_of_cells(tmp_path: Path) -> None:
    values = {"type": "campus", "identifier": None, "name": "two\nlines"}
    org = record(tmp_path / "orgs", Kind.ORGS, "orgs", "s", values)
    assert (org.type, org.identifier, org.name, org.parent) == ("campus", None, "two\nlines", "d")  # type: ignore[union-attr]
    user = record(tmp_path / "users", Kind.USERS, "users", "u1", {"grades": ["K,1"], "username": None})
    assert (user.grades, user.username, user.given_name) == (("K,1",), None, "Ann")  # type: ignore[union-attr]


def test_roles_that_1_1_has_no_column_for(tmp_path: Path) -> None:
    values = {"role": None, "roles": ["parent", "teacher"], "agentSourcedIds": ["u1"]}
    user = record(tmp_path, Kind.USERS, "users", "u2", values)
    assert (user.roles, user.orgs, user.agents) == ((Role("parent"), Role("teacher")), ("s",), ("u1",))  # type: ignore[union-attr]


def test_roles_that_1_2_does_not_have(tmp_path: Path) -> None:
    values = {"roles": [{"role": "administrator", "orgSourcedId": "s"}, {"role": "janitor"}]}
    user = record(tmp_path, Kind.USERS, "users", "u2", values, "1.2")
    assert user.roles == (Role("administrator", "s"), Role("janitor"))  # type: ignore[union-attr]


def test_a_record_that_is_only_made_up_is_not_read(tmp_path: Path) -> None:
    reading = read(tmp_path, "courses", "k", {"sourcedId": None})
    assert (reading.of(Kind.COURSES), reading.coverage[Kind.COURSES]) == ({}, Coverage.FULL)


NOT_UNDERSTOOD = [
    *("", " ", "x", "{", "[]", "null", "7", '"a"', '{"type":7}', '{"type":{"a":1}}', '{"type":[[]]}', '{"type":true}'),
    *('{"sourcedId":"other"}', '{"sourcedId":7}', '{"status":"tobedeleted"}', '{"dateLastModified":"2030-01-01"}'),
    *('{"no such column":"x"}', '{"name":"a\\u0000b"}', '{"name":"\\ud800"}', '{"name":null}', '{"name":""}'),
    *('{"type":[]}', '{"parentSourcedId":["d2"]}', '{"name":1e999}', "{" * 5000, '{"a":' * 5000, '{"parent":"d2"}'),
]


@pytest.mark.parametrize("cell", NOT_UNDERSTOOD, ids=range(len(NOT_UNDERSTOOD)))
def test_what_cannot_be_understood_is_passed_over(cell: str, tmp_path: Path) -> None:
    plain = read_files(tmp_path / "plain", good("1.1"))
    odd = read_files(tmp_path / "odd", told(good("1.1"), "orgs", "s", cell))
    assert (odd.of(Kind.ORGS), odd.found) == (plain.of(Kind.ORGS), [])


@pytest.mark.parametrize("cell", ['{"grades":"10"}', '{"grades":[{"a":"b"}]}', '{"roles":"teacher"}', '{"orgs":["d"]}'])
def test_a_list_is_a_list_and_only_columns_have_values(cell: str, tmp_path: Path) -> None:
    plain = read_files(tmp_path / "plain", good("1.1"))
    odd = read_files(tmp_path / "odd", told(good("1.1"), "users", "u1", cell))
    assert odd.of(Kind.USERS) == plain.of(Kind.USERS)


@pytest.mark.parametrize("column", ["metadata.roles", "metadata.Rostersync", "metadata.rostersync.x", "rostersync"])
def test_the_columns_of_others_are_not_taken_for_it(column: str, tmp_path: Path) -> None:
    files = told(good("1.1"), "orgs", "s", '{"type":"campus"}')
    files["orgs.csv"] = str(files["orgs.csv"]).replace(COLUMN, column)
    assert read_files(tmp_path, files).of(Kind.ORGS)["s"].record.type == "school"  # type: ignore[union-attr]


def test_a_record_that_is_marked_deleted_stays_so(tmp_path: Path) -> None:
    files = delta("1.1")
    files["orgs.csv"] = str(files["orgs.csv"]).replace("s2,active", "s2,tobedeleted")
    found = read_files(tmp_path, told(files, "orgs", "s2", '{"type":"campus"}')).of(Kind.ORGS)["s2"]
    assert (found.record, found.deleted_at is None) == (None, False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["role", "roles", "orgSourcedIds", "agentSourcedIds", "grades", "enabledUser", "email", "orgs"])


@given(values=st.dictionaries(NAMES, JSON, max_size=4))
def test_whatever_it_says_users_are_read_and_become_a_roster(
    values: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    reading = read(tmp_path_factory.mktemp("package"), "users", "u2", values)
    assert [row.sourced_id for row in reading.rows[Kind.USERS] if row.record is None] == []
    assert roster_of(merged(reading))
