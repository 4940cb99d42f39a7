"""Records keep their stored form: arrays whose fields never change their place."""

from __future__ import annotations

import msgspec
import pytest

from rostersync.model.snapshot import Class, Course, Enrollment, Org, Record, Rejection, Role, Session, User

# What a store of any age holds. A new field may be added at the end, with a default; nothing here may change.
STORED: list[tuple[Record | Rejection, str]] = [
    (Org("North High", "school", "11", "d1"), '["North High","school","11","d1",""]'),
    (
        Session("term", "2026-08-15", "2027-01-15", "Fall", "y1", "2027"),
        '["term","2026-08-15","2027-01-15","Fall","y1","2027",""]',
    ),
    (Course("Biology", "BIO", "s1"), '["Biology","BIO","s1",""]'),
    (
        Class("Biology 7B", "s1", "7B", "scheduled", "c1", ("t1", "t2"), ("07",)),
        '["Biology 7B","s1","7B","scheduled","c1",["t1","t2"],["07"],""]',
    ),
    (
        User(
            (Role("teacher", "s1", "2026-08-01", None),),
            ("s1",),
            "s1",
            enabled=False,
            username="ada",
            email="ada@x.test",
            given_name="Ada",
            middle_name="B.",
            family_name="Moss",
            identifier="7",
            master_identifier="m7",
            grades=("07",),
            agents=("p1",),
            modified="2026-11-20T00:00:00.000000Z",
        ),
        (
            '[[["teacher","s1","2026-08-01",null,null]],["s1"],"s1",false,"ada","ada@x.test","Ada","B.","Moss","7","m7",["07"],'
            '["p1"],"2026-11-20T00:00:00.000000Z"]'
        ),
    ),
    (
        Enrollment("u1", "c1", "student", "s1", primary=True, begin_date="2026-08-15"),
        '["u1","c1","student","s1",true,"2026-08-15",null,""]',
    ),
    (
        Rejection("RS-DATA-001", "title", "title is missing", ("s1",), "c1"),
        '["RS-DATA-001","title","title is missing",["s1"],"c1",""]',
    ),
]


@pytest.mark.parametrize(("record", "stored"), STORED, ids=[type(record).__name__ for record, _ in STORED])
def test_a_record_is_stored_as_it_always_was(record: Record | Rejection, stored: str) -> None:
    assert msgspec.json.encode(record).decode() == stored


@pytest.mark.parametrize(("record", "stored"), STORED, ids=[type(record).__name__ for record, _ in STORED])
def test_a_stored_record_comes_back_equal(record: Record | Rejection, stored: str) -> None:
    assert msgspec.json.decode(stored, type=type(record)) == record


def test_a_record_of_an_older_version_lacks_its_last_fields_and_is_read_all_the_same() -> None:
    assert msgspec.json.decode('["North High","school"]', type=Org) == Org("North High", "school")
