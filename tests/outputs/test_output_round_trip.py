"""What a OneRoster output writes, the csv source and the engine read back as the same roster."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings

from rostersync.engine.inputs import Entries
from rostersync.engine.inputs import Rows as EngineRows
from rostersync.engine.merge import merge
from rostersync.engine.work import Inputs
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import COLLECTIONS, Coverage, Kind
from rostersync.model.roster import (
    ClassRow,
    CourseRow,
    EnrollmentRow,
    OrgRow,
    RelationshipRow,
    Row,
    SessionRow,
    UserRow,
)
from rostersync.model.snapshot import Put, Received
from rostersync.outputs.oneroster_csv import OneRosterCsv
from rostersync.outputs.vocabulary import enrolled
from rostersync.sources.base import Batch, Covered, Request
from rostersync.sources.csv.settings import CsvSettings
from rostersync.sources.csv.source import CsvSource
from rostersync.sources.csv.validate import validate
from tests.engine.build import DAY, key, outcome, policy, snapshot
from tests.engine.districts import Dice, dice
from tests.outputs.outputs_district import Rows, class_, enrollment, org, term, user
from tests.outputs.outputs_district import district as complete
from tests.outputs.outputs_shapes import shapes

Version = Literal["1.1", "1.2"]
BOTH = pytest.mark.parametrize("version", ["1.1", "1.2"])
EVERYONE = policy({"parents": True})
# Of a package without a file nothing is known of its collection, where here there is nothing.
FEWER = settings(max_examples=max(settings().max_examples // 2, 1))
# What the source's records say is theirs: an output does not change it.
IN_THE_DATA = {
    *(
        "agent-not-family",
        "bad-email",
        "dates-reversed",
        "email-taken",
        "enrollment-school",
        "enrollment-twice",
        "grade-unknown",
        "null-text",
    ),
    *("not-a-school", "session-outside-parent", "username-taken"),
}
TOLD = {Coverage.FULL, Coverage.NONE}


def source_roster(dice: Dice) -> list[Row]:
    """The roster that some source gives."""
    return outcome(Inputs(snapshot(shapes(dice)), EngineRows(), None, EVERYONE, DAY), []).roster


def written(version: Version, roster: list[Row], folder: Path) -> Path:
    """The package of a roster."""
    path = folder / f"{len(list(folder.iterdir()))}.zip"
    OneRosterCsv(version, path).write(Rows(roster))
    return path


def read_back(path: Path) -> list[Row]:
    """The roster that a package gives."""
    rows: dict[Kind, list[Received]] = {kind: [] for kind in COLLECTIONS}
    for event in CsvSource(CsvSettings(path), clock=lambda: datetime.now(UTC)).fetch(Request(COLLECTIONS)):  # noqa: TID251 - nothing looks at it
        if isinstance(event, Batch):
            rows[event.kind] += event.rows
        elif isinstance(event, Covered):
            assert event.coverage in TOLD
    reports: list[Diagnostic] = []
    entries = {
        kind: [
            op.entry
            for op in merge(kind, (), sorted(found, key=lambda row: row.sourced_id), Coverage.FULL, reports.append)
            if isinstance(op, Put)
        ]
        for kind, found in rows.items()
    }
    assert reports == []
    assert [entry for found in entries.values() for entry in found if entry.rejection] == []
    return outcome(Inputs(Entries(entries), EngineRows(), None, EVERYONE, DAY), []).roster


def ordered(roster: list[Row]) -> dict[tuple[str, str], Row]:
    """A roster by kind and key."""
    return {(type(row).__name__, key(row)): row for row in roster}


def compared(roster: list[Row], left_out: list[Row]) -> dict[tuple[str, str], Row]:
    """A roster by kind and key; whom an enrollment that is left out brought into a school is compared without orgs."""
    brought = {row.user_sourced_id for row in left_out if isinstance(row, EnrollmentRow)}
    return ordered(
        [row._replace(orgs=()) if isinstance(row, UserRow) and row.sourced_id in brought else row for row in roster]
    )


@BOTH
def test_a_complete_roster_comes_back_as_it_was(version: Version, tmp_path: Path) -> None:
    roster = complete(
        *(user("v1", enabled=0), user("v2", "teacher", orgs=("s1", "s2"), middle_name=None, identifier=None)),
        *(user("p2", "guardian", orgs=("s1",)), RelationshipRow("u1", "p2", "guardian")),
        *(RelationshipRow("u2", "p2", "guardian"), class_("c2", grades=("07", "08"), session_sourced_ids=("t1", "y1"))),
        *(enrollment("e8", "c2", "v2", "proctor"), enrollment("e9", "c2", "v1", end_date="2027-01-15")),
        *(org("s2", parent="d1"), term("t2", type="gradingPeriod", parent_sourced_id="t1")),
        user("v3", given_name='Ann "Annie"', family_name="Žižek, Jr. 李", email="a,b@example.org"),
    ).every
    # Whom a building stands for is the configuration's to say.
    expected = [row._replace(mapped_to=None) if isinstance(row, OrgRow) else row for row in roster]
    assert ordered(read_back(written(version, roster, tmp_path))) == ordered(expected)


@BOTH
def test_what_is_written_for_spreadsheets_comes_back_as_it_was(version: Version, tmp_path: Path) -> None:
    roster = complete(user("v1", given_name="=1+1", family_name="-", identifier="@x"), class_("c2", title="+1")).every
    path = tmp_path / "roster.zip"
    OneRosterCsv(version, path, spreadsheet_safe=True).write(Rows(roster))
    expected = [row._replace(mapped_to=None) if isinstance(row, OrgRow) else row for row in roster]
    assert ordered(read_back(path)) == ordered(expected)


@BOTH
@FEWER
@given(dice=dice)
def test_a_roster_of_any_shape_comes_back_whole(version: Version, dice: Dice) -> None:
    roster = source_roster(dice)
    left_out = [row for row in roster if _is_left_out(version, row, roster)]
    expected = compared([row for row in roster if row not in left_out], left_out)
    with tempfile.TemporaryDirectory() as name:
        first = written(version, roster, Path(name))
        assert {found.rule for found in validate(first)} <= IN_THE_DATA
        back = read_back(first)
        assert compared(back, left_out) == expected
        # What does not go out the first time has nothing to say the second time.
        again = written(version, back, Path(name))
        assert compared(read_back(again), left_out) == expected


def _is_left_out(version: Version, row: Row, roster: list[Row]) -> bool:
    """Whether a row is of those that docs/outputs.md says are left out."""
    sessions = any(isinstance(each, SessionRow) for each in roster)
    if isinstance(row, ClassRow | EnrollmentRow) and not sessions:
        return True
    if isinstance(row, EnrollmentRow):
        return enrolled(row.role, version) is None
    return isinstance(row, CourseRow) and not any(isinstance(each, OrgRow) for each in roster)
