"""What the standard's columns cannot say stands beside them, in one column of rostersync's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
from inline_snapshot import snapshot

from rostersync.model.roster import RelationshipRow
from rostersync.outputs.oneroster_csv import OneRosterCsv
from rostersync.sources.csv.validate import validate
from tests.outputs.outputs_district import Rows, class_, district, enrollment, org, read, table, term, user

Version = Literal["1.1", "1.2"]
BOTH = pytest.mark.parametrize("version", ["1.1", "1.2"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "roster.zip"


def write(version: Version, path: Path, roster: Rows) -> None:
    OneRosterCsv(version, path).write(roster)


def beside(path: Path) -> dict[str, dict[str, object]]:
    """What stands beside the standard's columns, by sourcedId."""
    rows = [row for name in read(path) if name != "manifest.csv" for row in table(path, name.removesuffix(".csv"))]
    return {row["sourcedId"]: json.loads(told) for row in rows if (told := row.get("metadata.rostersync"))}


def test_what_a_version_has_no_words_for_stands_beside_its_columns(path: Path) -> None:
    roster = district(
        *(org("o9", "campus"), term("t9", type="ext:block"), class_("c9", class_type=None, grades=("K,1",))),
        *(user("v1", "teacher", roles=("parent", "teacher")), RelationshipRow("u2", "v1", "parent")),
        *(
            user("v2", "aide", roles=("counselor",)),
            user("v3", username=None, family_name="a\nb"),
            enrollment("e9", "c1", "v2", "principal"),
        ),
    )
    write("1.1", path, roster)
    assert beside(path) == snapshot(
        {
            "o9": {"type": "campus"},
            "t9": {"type": "ext:block"},
            "c9": {"grades": ["K,1"], "classType": None},
            "e9": {"role": "principal"},
            "p1": {"orgSourcedIds": []},
            "v1": {"role": None, "agentSourcedIds": ["u2"], "roles": ["teacher", "parent"]},
            "v2": {"role": "counselor"},
            "v3": {"username": None, "familyName": "a\nb"},
        }
    )
    assert {found.rule for found in validate(path)} == {"grade-unknown"}
    write("1.2", path, roster)
    assert beside(path).keys() == {"o9", "c9", "e9", "p1", "v3"}
    assert {found.rule for found in validate(path)} <= {"grade-unknown"}


@BOTH
def test_the_column_for_that_is_the_last_and_only_where_it_is_needed(version: Version, path: Path) -> None:
    write(version, path, district(user("p1", "parent"), without=["p1"]))
    assert b"metadata" not in b"".join(read(path).values())
    write(version, path, district(org("o9", "campus"), user("p1", "parent"), without=["p1"]))
    assert [name for name, content in read(path).items() if b"metadata" in content] == ["orgs.csv"]
    assert read(path)["orgs.csv"].splitlines()[0].endswith(b",parentSourcedId,metadata.rostersync")


@BOTH
def test_a_course_that_is_made_for_a_class_is_marked_as_such(version: Version, path: Path) -> None:
    write(version, path, district(class_("c2", course_sourced_id=None)))
    (made,) = [row for row in table(path, "courses") if row["sourcedId"] != "co1"]
    found = beside(path)
    assert (found["c2"], found[made["sourcedId"]]["sourcedId"]) == ({"courseSourcedId": None}, None)
