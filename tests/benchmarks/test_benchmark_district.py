"""The districts of the benchmarks are the same every time, and hold together."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from benchmarks.district import CHANGED_AT, COLLECTIONS, DISTRICT, FIRST_DAY, SECOND_DAY, District
from benchmarks.rows import Enrollment, User
from benchmarks.wire import Wire
from rostersync.model.kind import Kind
from rostersync.sources.rest.codec import PATHS, Codec
from rostersync.sources.rest.settings import Version

SIZE = 1210
"""Students: two schools, the last section and the last five siblings not full."""


def rows(collection: str, day: int = FIRST_DAY, *, changed: bool = False) -> list[Any]:
    """A collection of the district."""
    return list(District(SIZE).rows(collection, day, changed=changed))


def by_id(collection: str, day: int = FIRST_DAY) -> dict[str, Any]:
    """A collection of the district by sourcedId."""
    return {row.sourced_id: row for row in rows(collection, day)}


@pytest.mark.parametrize("day", [FIRST_DAY, SECOND_DAY])
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_rows_come_in_the_order_of_their_ids_each_once(collection: str, day: int) -> None:
    ids = [row.sourced_id for row in rows(collection, day)]
    assert ids == sorted(set(ids))
    assert ids


def test_every_reference_leads_to_a_record() -> None:
    known = {collection: by_id(collection) for collection in COLLECTIONS}
    for row in known["classes"].values():
        assert row.course in known["courses"]
        assert row.school in known["orgs"]
        assert row.term in known["academicSessions"]
    for user in known["users"].values():
        assert user.org in known["orgs"]
        assert user.org != DISTRICT
        assert all(user.sourced_id in known["users"][agent].agents for agent in user.agents)
    for enrollment in known["enrollments"].values():
        assert known["classes"][enrollment.class_].school == enrollment.school
        assert known["users"][enrollment.user].role == enrollment.role


def test_a_student_has_six_classes_and_a_parent_has_one_or_two_children() -> None:
    users = by_id("users")
    enrolled = Counter(row.user for row in rows("enrollments", SECOND_DAY) if row.role == "student")
    assert set(enrolled.values()) == {6}
    assert len(enrolled) == SIZE
    children = Counter(len(user.agents) for user in users.values() if user.role == "parent")
    assert children == {1: SIZE // 5 * 6, 2: SIZE // 5 * 2}


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_the_changes_are_the_difference_of_the_days(collection: str) -> None:
    before, after = by_id(collection), by_id(collection, SECOND_DAY)
    different = [row for key, row in after.items() if before.get(key) != row]
    assert rows(collection, SECOND_DAY, changed=True) == different
    assert before.keys() <= after.keys()
    assert all(row.modified == CHANGED_AT for row in different)
    assert all(row.modified < CHANGED_AT for row in before.values())


def test_one_record_in_a_hundred_changes_and_enrollments_also_come_and_go() -> None:
    changes: list[Enrollment] = rows("enrollments", SECOND_DAY, changed=True)
    before = by_id("enrollments")
    kinds = Counter("new" if row.sourced_id not in before else row.status for row in changes)
    assert len(changes) == len(range(37, District(SIZE).enrollments, 100))
    assert kinds["new"] == District(SIZE).new_enrollments == 8
    assert kinds["tobedeleted"] == 8
    assert len(rows("users", SECOND_DAY, changed=True)) == len(range(37, District(SIZE).users, 100))


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("kind", PATHS)
def test_the_pages_are_read_without_a_rejection(kind: Kind, version: Version) -> None:
    wire = Wire(version)
    objects = [wire.object(row) for row in rows(PATHS[kind])]
    received = Codec(version).read(kind, f'{{"{PATHS[kind]}":[{",".join(objects)}]}}'.encode())
    assert received is not None
    assert len(received) == len(objects)
    assert all(row.record is not None for row in received)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_an_object_has_also_fields_that_are_not_kept(version: str) -> None:
    user: User = rows("users")[0]
    sent = json.loads(Wire(version).object(user))
    assert sent["metadata"]
    assert sent["userIds"] == [{"type": "SIS", "identifier": user.identifier}]
    assert sent["agents"] == [] or sent["agents"][0]["href"].endswith(f"/users/{user.agents[0]}")
