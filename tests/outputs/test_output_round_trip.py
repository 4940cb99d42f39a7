"""What a OneRoster output writes, the csv source and the engine read back as the same roster."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

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
from rostersync.sources.base import Batch, Covered, Request
from rostersync.sources.csv.settings import CsvSettings
from rostersync.sources.csv.source import CsvSource
from rostersync.sources.csv.validate import validate
from tests.engine.build import DAY, key, outcome, policy, snapshot
from tests.engine.districts import Dice, dice, district
from tests.outputs.outputs_district import Rows, class_, enrollment, org, term, user
from tests.outputs.outputs_district import district as complete

Version = Literal["1.1", "1.2"]
BOTH = pytest.mark.parametrize("version", ["1.1", "1.2"])
EVERYONE = policy({"parents": True})
# Of a package without a file nothing is known of its collection, where here there is nothing.
FEWER = settings(max_examples=max(settings().max_examples // 2, 1))
# What the source's records say is theirs: an output does not change it.
IN_THE_DATA = {
    *("agent-not-family", "bad-email", "dates-reversed", "email-taken", "enrollment-school", "enrollment-twice"),
    *("not-a-school", "session-outside-parent"),
}
TOLD = {Coverage.FULL, Coverage.NONE}


def source_roster(dice: Dice) -> list[Row]:
    """The roster that some source gives."""
    return outcome(Inputs(snapshot(district(dice)), EngineRows(), None, EVERYONE, DAY), []).roster


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
    # What the engine adds on its own: whom a building stands for, and where a parent without a school belongs.
    expected = [
        row._replace(mapped_to=None)  # type: ignore[call-arg]
        if hasattr(row, "mapped_to")
        else row._replace(orgs=("s1",))
        if isinstance(row, UserRow) and not row.orgs
        else row
        for row in roster
    ]
    assert ordered(read_back(written(version, roster, tmp_path))) == ordered(expected)


@BOTH
@FEWER
@given(dice=dice)
def test_a_roster_of_any_shape_comes_back_as_far_as_the_format_goes(version: Version, dice: Dice) -> None:
    roster = source_roster(dice)
    before = ordered(roster)
    with tempfile.TemporaryDirectory() as name:
        first = written(version, roster, Path(name))
        assert {found.rule for found in validate(first)} <= IN_THE_DATA
        back = read_back(first)
        second = written(version, back, Path(name))
        # What is filled in once is filled in for good.
        assert ordered(read_back(second)) == ordered(back)
    after = ordered(back)
    for place, row in before.items():
        if place in after:
            changed = {field for field, value in row._asdict().items() if _differs(value, getattr(after[place], field))}
            assert changed <= _may_change(version, row, before)
        else:
            assert _may_go(version, row, before)
    assert all(isinstance(row, CourseRow) for place, row in after.items() if place not in before)


def _differs(before: Any, after: Any) -> bool:  # noqa: ANN401 - any field of any row
    """Whether a value that was there has changed; what was absent may have been filled in."""
    return before not in (None, ()) and before != after


def _may_change(version: Version, row: Row, before: dict[tuple[str, str], Row]) -> set[str]:
    """The fields of a row that the format cannot hold as they are."""
    fields: set[str] = set()
    if isinstance(row, UserRow):
        earlier = row.role != "student" and len(row.roles) > 1
        several = version == "1.1" and len(row.roles) > 1
        fields |= {"roles"} if several or earlier or "janitor" in row.roles else set()
        # Who is in schools and elsewhere belongs to the schools alone (rule 1).
        types = {org.type for org in before.values() if isinstance(org, OrgRow) and org.sourced_id in row.orgs}
        fields |= {"orgs"} if len(types) > 1 else set()
    # Only one teacher of a class is the primary one.
    fields |= {"is_primary"} if isinstance(row, EnrollmentRow) else set()
    # Parents that lead back to their child are cut off.
    return fields | ({"parent_sourced_id"} if isinstance(row, OrgRow | SessionRow) else set())


def _may_go(version: Version, row: Row, before: dict[tuple[str, str], Row]) -> bool:
    """Whether a row is of those that the format cannot hold."""
    sessions = any(isinstance(each, SessionRow) for each in before.values())
    if isinstance(row, ClassRow | EnrollmentRow):
        return not sessions
    if isinstance(row, CourseRow):
        return not any(isinstance(each, OrgRow) for each in before.values())
    if isinstance(row, RelationshipRow) and version == "1.1":
        parent = before["UserRow", row.parent_sourced_id]
        return isinstance(parent, UserRow) and parent.role != "parent"
    return False
