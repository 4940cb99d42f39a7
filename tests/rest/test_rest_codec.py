"""Pages into received rows: rule 0, the quirks of vendors.md, and no exception but ours whatever comes."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostersync.errors import Fatal
from rostersync.model import snapshot
from rostersync.model.kind import COLLECTIONS, Kind
from rostersync.model.snapshot import NAMELESS, Received, Role
from rostersync.sources.rest.codec import PATHS, Codec, modified_of

CODECS = {"1.1": Codec("1.1"), "1.2": Codec("1.2")}
MODIFIED = "2026-11-01T08:30:00.123000Z"
Version = Literal["1.1", "1.2"]

BASE = {"sourcedId": "x1", "status": "active", "dateLastModified": "2026-11-01T08:30:00.123Z"}
ORG = BASE | {
    "name": "North High",
    "type": "school",
    "identifier": "913",
    "parent": {"sourcedId": "d1", "href": "/o/d1"},
}
SESSION = BASE | {
    "title": "T1",
    "type": "term",
    "startDate": "2026-08-01",
    "endDate": "2027-01-01",
    "schoolYear": "2027",
}
COURSE = BASE | {"title": "Writing", "courseCode": "W1", "org": {"sourcedId": "d1"}}
CLASS = BASE | {
    "title": "Writing A",
    "classCode": "WA",
    "classType": "homeroom",
    "grades": ["09", "10"],
    "course": {"sourcedId": "k1"},
    "school": {"sourcedId": "s1"},
    "terms": [{"sourcedId": "t1"}, {"sourcedId": "t2"}],
}
ENROLLMENT = BASE | {
    "user": {"sourcedId": "u1"},
    "class": {"sourcedId": "c1"},
    "school": {"sourcedId": "s1"},
    "role": "teacher",
    "primary": "true",
    "beginDate": "2026-08-01",
    "endDate": "2027-01-01",
}
PERSON = BASE | {
    "enabledUser": "true",
    "username": "ann",
    "givenName": "Ann",
    "familyName": "Lee",
    "email": "a@x.example",
}
USER_11 = PERSON | {
    "role": "teacher",
    "orgs": [{"sourcedId": "s1"}, {"sourcedId": "s2"}],
    "agents": [{"sourcedId": "u2"}],
}
USER_12 = PERSON | {
    "roles": [
        {"roleType": "primary", "role": "teacher", "org": {"sourcedId": "s1"}, "beginDate": "2026-08-01"},
        {"roleType": "secondary", "role": "parent", "org": {"sourcedId": "s2"}},
    ],
    "primaryOrg": {"sourcedId": "s1"},
    "userMasterIdentifier": "m1",
}

SAMPLES: dict[Kind, dict[str, Any]] = {
    Kind.ORGS: ORG,
    Kind.SESSIONS: SESSION,
    Kind.COURSES: COURSE,
    Kind.CLASSES: CLASS,
    Kind.USERS: USER_11,
    Kind.ENROLLMENTS: ENROLLMENT,
}


def page(kind: Kind, *rows: object, version: Version = "1.1") -> list[Received]:
    read = CODECS[version].read(kind, json.dumps({PATHS[kind]: rows}).encode())
    assert read is not None
    return read


def one(kind: Kind, row: dict[str, Any], version: Version = "1.1") -> Received:
    """The same row read in one go and value by value: both ways must agree."""
    quick, slow = page(kind, row, version=version)[0], page(kind, row, 7, version=version)[0]
    assert quick == slow
    return quick


def record(kind: Kind, row: dict[str, Any], version: Version = "1.1") -> Any:  # noqa: ANN401 (each kind has its own)
    received = one(kind, row, version)
    assert received.rejection is None
    assert received.record is not None
    return received.record


def rejected(kind: Kind, row: dict[str, Any], version: Version = "1.1") -> snapshot.Rejection:
    received = one(kind, row, version)
    assert received.rejection is not None
    assert received.record is None
    assert received.deleted_at is None
    return received.rejection


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_the_standard_forms_are_read(version: Version) -> None:
    assert record(Kind.ORGS, ORG, version) == snapshot.Org("North High", "school", "913", "d1", MODIFIED)
    session = snapshot.Session("term", "2026-08-01", "2027-01-01", "T1", None, "2027", MODIFIED)
    assert record(Kind.SESSIONS, SESSION, version) == session
    assert record(Kind.COURSES, COURSE, version) == snapshot.Course("Writing", "W1", "d1", MODIFIED)
    class_ = snapshot.Class("Writing A", "s1", "WA", "homeroom", "k1", ("t1", "t2"), ("09", "10"), MODIFIED)
    assert record(Kind.CLASSES, CLASS, version) == class_
    enrollment = snapshot.Enrollment("u1", "c1", "teacher", "s1", True, "2026-08-01", "2027-01-01", MODIFIED)  # noqa: FBT003
    assert record(Kind.ENROLLMENTS, ENROLLMENT, version) == enrollment


def test_a_user_of_1_1_has_one_role_in_all_orgs() -> None:
    user = record(Kind.USERS, USER_11)
    assert user.roles == (Role("teacher"),)
    assert user.orgs == ("s1", "s2")
    assert user.agents == ("u2",)
    assert (user.username, user.given_name, user.email, user.enabled) == ("ann", "Ann", "a@x.example", True)


def test_a_user_of_1_2_has_roles_in_orgs() -> None:
    user = record(Kind.USERS, USER_12, "1.2")
    assert user.roles == (Role("teacher", "s1", "2026-08-01"), Role("parent", "s2"))
    assert user.orgs == ()
    assert (user.primary_org, user.master_identifier) == ("s1", "m1")


@pytest.mark.parametrize("roles", [None, [], "", [{}], [{"role": ""}], [7], {"role": None}])
def test_a_user_of_1_2_without_usable_roles_is_read_as_1_1(roles: object) -> None:
    user = record(Kind.USERS, USER_11 | {"roles": roles}, "1.2")
    assert user.roles == (Role("teacher"),)
    assert user.orgs == ("s1", "s2")


def test_a_user_of_1_1_without_role_is_read_as_1_2() -> None:
    user = record(Kind.USERS, USER_12)
    assert user.roles == (Role("teacher", "s1", "2026-08-01"), Role("parent", "s2"))


FLAT: list[tuple[Kind, dict[str, Any], dict[str, Any]]] = [
    (Kind.ORGS, {"parent": None, "parentSourcedId": "d1"}, {"parent": "d1"}),
    (Kind.SESSIONS, {"parentSourcedId": "y1"}, {"parent": "y1"}),
    (Kind.COURSES, {"org": None, "orgSourcedId": "d2"}, {"org": "d2"}),
    (Kind.CLASSES, {"school": "", "schoolSourcedId": "s9"}, {"school": "s9"}),
    (Kind.CLASSES, {"course": {}, "courseSourcedId": 12}, {"course": "12"}),
    (Kind.CLASSES, {"terms": None, "termSourcedIds": "t1, t2"}, {"sessions": ("t1", "t2")}),
    (Kind.CLASSES, {"terms": [], "termSourcedIds": ["t3"]}, {"sessions": ("t3",)}),
    (Kind.CLASSES, {"terms": {"sourcedId": "t4"}}, {"sessions": ("t4",)}),
    (Kind.ENROLLMENTS, {"user": None, "userSourcedId": "u9"}, {"user": "u9"}),
    (Kind.ENROLLMENTS, {"class": None, "classSourcedId": "c9"}, {"class_": "c9"}),
    (Kind.ENROLLMENTS, {"school": None, "schoolSourcedId": "s9"}, {"school": "s9"}),
    (Kind.ENROLLMENTS, {"user": "u8"}, {"user": "u8"}),
    (Kind.USERS, {"orgs": None, "orgSourcedIds": "s3,s4"}, {"orgs": ("s3", "s4")}),
    (Kind.USERS, {"orgs": None, "orgSourcedIds": ["s3"]}, {"orgs": ("s3",)}),
    (Kind.USERS, {"agents": None, "agentSourcedIds": "a1"}, {"agents": ("a1",)}),
]


@pytest.mark.parametrize(("kind", "quirk", "expected"), FLAT)
def test_flat_objects_over_rest(kind: Kind, quirk: dict[str, Any], expected: dict[str, Any]) -> None:
    read = record(kind, SAMPLES[kind] | quirk)
    assert {name: getattr(read, name) for name in expected} == expected


VALUES: list[tuple[Kind, dict[str, Any], dict[str, Any]]] = [
    (Kind.CLASSES, {"grades": "09"}, {"grades": ("09",)}),
    (Kind.CLASSES, {"grades": "09, 10"}, {"grades": ("09", "10")}),
    (Kind.CLASSES, {"grades": [9, None, " 10 "]}, {"grades": ("9", "10")}),
    (Kind.CLASSES, {"grades": None}, {"grades": ()}),
    (Kind.CLASSES, {"classType": "HomeRoom"}, {"class_type": "homeroom"}),
    (Kind.CLASSES, {"classType": "ext:seminar"}, {"class_type": "ext:seminar"}),
    (Kind.CLASSES, {"title": " Writing ", "classCode": "  "}, {"title": "Writing", "class_code": None}),
    (Kind.CLASSES, {"classCode": 101}, {"class_code": "101"}),
    (Kind.ORGS, {"type": "School"}, {"type": "school"}),
    (Kind.ORGS, {"type": "ext:hub"}, {"type": "ext:hub"}),
    (Kind.ORGS, {"identifier": 913.0}, {"identifier": "913"}),
    (Kind.ORGS, {"identifier": ""}, {"identifier": None}),
    (Kind.SESSIONS, {"type": "GRADINGPERIOD"}, {"type": "gradingPeriod"}),
    (Kind.SESSIONS, {"schoolYear": 2027}, {"school_year": "2027"}),
    (Kind.SESSIONS, {"schoolYear": "2026-2027"}, {"school_year": "2026-2027"}),
    (Kind.SESSIONS, {"startDate": "2026-08-01T00:00:00.000Z"}, {"start_date": "2026-08-01"}),
    (Kind.SESSIONS, {"startDate": "2026-08-01T00:00:00+02:00"}, {"start_date": "2026-08-01"}),
    (Kind.SESSIONS, {"startDate": "2026-08-01 00:00"}, {"start_date": "2026-08-01"}),
    (Kind.SESSIONS, {"startDate": "2026-08-01Z"}, {"start_date": "2026-08-01"}),
    (Kind.SESSIONS, {"startDate": "2026-08-01+02:00"}, {"start_date": "2026-08-01"}),
    (Kind.ENROLLMENTS, {"role": "Student"}, {"role": "student"}),
    (Kind.ENROLLMENTS, {"role": "librarian"}, {"role": "librarian"}),
    (Kind.ENROLLMENTS, {"primary": True}, {"primary": True}),
    (Kind.ENROLLMENTS, {"primary": 0}, {"primary": False}),
    (Kind.ENROLLMENTS, {"primary": "N"}, {"primary": False}),
    (Kind.ENROLLMENTS, {"primary": "maybe"}, {"primary": None}),
    (Kind.ENROLLMENTS, {"primary": None}, {"primary": None}),
    (Kind.ENROLLMENTS, {"beginDate": None, "endDate": ""}, {"begin_date": None, "end_date": None}),
    (Kind.USERS, {"role": "DISTRICTADMINISTRATOR"}, {"roles": (Role("districtAdministrator"),)}),
    (Kind.USERS, {"role": "ext:coach"}, {"roles": (Role("ext:coach"),)}),
    (Kind.USERS, {"enabledUser": False}, {"enabled": False}),
    (Kind.USERS, {"enabledUser": "no"}, {"enabled": False}),
    (Kind.USERS, {"enabledUser": None}, {"enabled": True}),
    (Kind.USERS, {"enabledUser": "perhaps"}, {"enabled": True}),
    (Kind.USERS, {"username": 4711}, {"username": "4711"}),
    (Kind.USERS, {"orgs": []}, {"orgs": ()}),
    (Kind.USERS, {"grades": "KG"}, {"grades": ("KG",)}),
    (Kind.USERS, {"email": {"work": "a"}}, {"email": None}),
]


@pytest.mark.parametrize(("kind", "quirk", "expected"), VALUES)
def test_values_as_vendors_send_them(kind: Kind, quirk: dict[str, Any], expected: dict[str, Any]) -> None:
    read = record(kind, SAMPLES[kind] | quirk)
    assert {name: getattr(read, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-11-01T08:30:00.123Z", MODIFIED),
        ("2026-11-01T08:30:00Z", "2026-11-01T08:30:00.000000Z"),
        ("2026-11-01T08:30:00", "2026-11-01T08:30:00.000000Z"),
        ("2026-11-01T10:30:00.123+02:00", MODIFIED),
        ("2026-11-01t08:30:00.123z", MODIFIED),
        ("2026-11-01T08:30:00.1234567Z", "2026-11-01T08:30:00.123456Z"),
        ("2026-11-01", "2026-11-01T00:00:00.000000Z"),
        ("0001-01-01T00:00:00+10:00", ""),
        ("yesterday", ""),
        ("", ""),
        (None, ""),
        (1_760_000_000, ""),
        ([], ""),
    ],
)
def test_date_last_modified_is_utc_or_the_oldest(sent: object, read: str) -> None:
    assert record(Kind.ORGS, ORG | {"dateLastModified": sent}).modified == read


@pytest.mark.parametrize("status", ["tobedeleted", "ToBeDeleted", "inactive", " inactive "])
def test_a_deleted_record_needs_nothing_but_its_id(status: str) -> None:
    row = {"sourcedId": "x1", "status": status, "dateLastModified": BASE["dateLastModified"], "name": "a\0b"}
    assert one(Kind.USERS, row) == Received("x1", deleted_at=MODIFIED)
    assert one(Kind.ORGS, {"sourcedId": "x1", "status": status}) == Received("x1", deleted_at="")


@pytest.mark.parametrize("status", [None, "", "Active", "ACTIVE"])
def test_an_absent_status_is_active(status: object) -> None:
    assert one(Kind.ORGS, ORG | {"status": status}).record is not None


def test_an_unknown_status_is_rejected() -> None:
    rejection = rejected(Kind.ENROLLMENTS, ENROLLMENT | {"status": "dormant"})
    assert (rejection.code, rejection.field) == ("RS-DATA-004", "status")
    assert (rejection.schools, rejection.class_, rejection.modified) == (("s1",), "c1", MODIFIED)


REQUIRED = [
    (Kind.ORGS, "name", None),
    (Kind.ORGS, "type", ""),
    (Kind.SESSIONS, "type", None),
    (Kind.SESSIONS, "startDate", " "),
    (Kind.SESSIONS, "endDate", None),
    (Kind.SESSIONS, "endDate", "soon"),
    (Kind.SESSIONS, "startDate", "2026-02-30"),
    (Kind.SESSIONS, "startDate", "20260801"),
    (Kind.SESSIONS, "startDate", "2026-08-01 or so"),
    (Kind.COURSES, "title", None),
    (Kind.CLASSES, "title", None),
    (Kind.CLASSES, "school", None),
    (Kind.USERS, "role", None),
    (Kind.ENROLLMENTS, "user", None),
    (Kind.ENROLLMENTS, "class", {"href": "x"}),
    (Kind.ENROLLMENTS, "role", None),
    (Kind.ENROLLMENTS, "beginDate", "01.08.2026"),
    (Kind.ENROLLMENTS, "endDate", 20270101),
]


@pytest.mark.parametrize(("kind", "field", "value"), REQUIRED)
def test_a_record_without_what_is_required_is_rejected(kind: Kind, field: str, value: object) -> None:
    rejection = rejected(kind, SAMPLES[kind] | {field: value})
    assert (rejection.code, rejection.field) == ("RS-DATA-001", field)
    assert rejection.message


def test_a_role_with_a_date_that_is_none_rejects_the_user() -> None:
    row = USER_12 | {"roles": [{"role": "student", "org": {"sourcedId": "s7"}, "endDate": "never"}]}
    rejection = rejected(Kind.USERS, row, "1.2")
    assert rejection.field == "roles.endDate"
    assert rejection.schools == ("s7", "s1")


def test_a_rejection_names_the_schools_and_the_class() -> None:
    assert rejected(Kind.CLASSES, CLASS | {"title": ""}).schools == ("s1",)
    enrollment = rejected(Kind.ENROLLMENTS, ENROLLMENT | {"role": ""})
    assert (enrollment.schools, enrollment.class_) == (("s1",), "c1")
    assert rejected(Kind.USERS, USER_11 | {"role": ""}).schools == ("s1", "s2")


@pytest.mark.parametrize("sourced_id", [None, "", "  ", [], {}])
def test_a_record_without_sourced_id_is_rejected_under_a_key_of_its_own(sourced_id: object) -> None:
    nameless = ORG | {"sourcedId": sourced_id}
    first, same, other = page(Kind.ORGS, nameless, dict(reversed(nameless.items())), nameless | {"name": "B"})
    assert first.sourced_id.startswith(NAMELESS)
    assert first == same
    assert other.sourced_id != first.sourced_id
    assert first.rejection is not None
    assert (first.rejection.code, first.rejection.field) == ("RS-DATA-001", "sourcedId")


@pytest.mark.parametrize("row", [7, None, "x", [], True, 1.5])
def test_a_row_that_is_no_object_is_rejected(row: object) -> None:
    good, bad = page(Kind.ORGS, ORG, row)
    assert good.record is not None
    assert bad.sourced_id.startswith(NAMELESS)
    assert bad.rejection is not None


@pytest.mark.parametrize("bad", ["a\0b", "\ud800", "a\udc00b"])
@pytest.mark.parametrize("field", ["name", "identifier", "metadata"])
def test_text_that_cannot_be_kept_rejects_its_record_alone(field: str, bad: str) -> None:
    value: object = {"x": [bad]} if field == "metadata" else bad
    good, rejected_row = page(Kind.ORGS, ORG, ORG | {"sourcedId": "x2", field: value})
    assert good.record is not None
    assert rejected_row.sourced_id == "x2"
    assert rejected_row.rejection is not None
    assert (rejected_row.rejection.code, rejected_row.rejection.field) == ("RS-DATA-001", field)


@pytest.mark.parametrize("bad", ["\0", "a\0b", "\ud800"])
def test_an_id_that_cannot_be_kept_is_none(bad: str) -> None:
    received = page(Kind.ENROLLMENTS, ENROLLMENT | {"sourcedId": bad, "school": {"sourcedId": bad}})[0]
    assert received.sourced_id.startswith(NAMELESS)
    assert received.sourced_id.isprintable() is False
    assert received.rejection is not None
    assert received.rejection.field == "sourcedId"
    assert received.rejection.schools == ()


def test_ids_may_be_long_or_numbers() -> None:
    assert one(Kind.ORGS, ORG | {"sourcedId": "x" * 300}).sourced_id == "x" * 300
    assert one(Kind.ORGS, ORG | {"sourcedId": 11004}).sourced_id == "11004"


@pytest.mark.parametrize(
    ("kind", "envelope"),
    [
        (Kind.USERS, "students"),
        (Kind.USERS, "teachers"),
        (Kind.ORGS, "schools"),
        (Kind.SESSIONS, "terms"),
        (Kind.SESSIONS, "gradingPeriods"),
    ],
)
def test_other_envelopes_are_read(kind: Kind, envelope: str) -> None:
    body = {"totalCount": 1, envelope: [SAMPLES[kind]], "statusInfoSet": [{"imsx_codeMajor": "success"}]}
    read = CODECS["1.1"].read(kind, json.dumps(body).encode())
    assert read is not None
    assert [row.sourced_id for row in read] == ["x1"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<html><body>log in</body></html>",
        b"[]",
        b'[{"sourcedId": "x1"}]',
        b'{"users": []}',
        b'{"orgs": null}',
        b'{"orgs": {}}',
        b'{"orgs": [}',
        b'{"orgs": [NaN]}',
        b'{"orgs": [Infinity]}',
        b"7",
        b'"orgs"',
        b"null",
        b"\xff\xfe",
        b'{"orgs": ["\xff"]}',
        b"[" * 100_000,
        b'{"orgs": [' + b"[" * 5_000 + b"]" * 5_000 + b"]}",
    ],
)
def test_what_is_no_page_is_an_error_of_ours(body: bytes) -> None:
    with pytest.raises(Fatal) as caught:
        CODECS["1.1"].read(Kind.ORGS, body)
    assert caught.value.code == "RS-SRC-001"


def test_an_empty_object_is_told_apart() -> None:
    assert CODECS["1.1"].read(Kind.ORGS, b" {} ") is None
    assert CODECS["1.1"].read(Kind.ORGS, b'\xef\xbb\xbf{"orgs": []}') == []


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "1e999", "-1e999"])
def test_numbers_out_of_all_bounds_become_text(number: str) -> None:
    body = f'{{"orgs": [{json.dumps(ORG)[:-1]}, "identifier": {number}}}]}}'.encode()
    read = CODECS["1.1"].read(Kind.ORGS, body)
    assert read is not None
    assert isinstance(read[0].record, snapshot.Org)
    assert read[0].record.identifier == number


def test_nesting_that_no_row_has_is_refused_or_ignored() -> None:
    for depth in (200, 900, 990):
        nested = b"[" * depth + b"]" * depth
        for marker in (b"", b"\\u0000"):
            row = json.dumps(ORG).encode()[:-1] + b', "metadata": ' + nested + b', "x": "' + marker + b'"}'
            try:
                read = CODECS["1.1"].read(Kind.ORGS, b'{"orgs": [' + row + b"]}")
            except Fatal:
                continue
            assert read is not None
            assert len(read) == 1


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
NAMES = """sourcedId status dateLastModified name type title school org orgs role roles user class terms grades
startDate endDate beginDate primary agents parent orgSourcedIds"""
names = st.sampled_from(NAMES.split())
values = st.recursive(
    scalars | st.sampled_from(["active", "tobedeleted", "teacher", "2026-08-01", "\ud800", "\0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=4), inner, max_size=5),
    max_leaves=12,
)


@given(st.sampled_from(COLLECTIONS), st.sampled_from(["1.1", "1.2"]), st.lists(values, max_size=4))
def test_the_codec_gives_every_row_one_verdict(kind: Kind, version: Version, rows: list[Any]) -> None:
    read = page(kind, *rows, version=version)
    assert len(read) == len(rows)
    for received in read:
        assert sum(part is not None for part in received[1:]) == 1
        assert received.sourced_id
        assert received.sourced_id.encode()
        assert modified_of(received) <= "9999"


@given(st.sampled_from(COLLECTIONS), st.binary(max_size=60) | values.map(lambda value: json.dumps(value).encode()))
def test_the_codec_raises_nothing_but_ours(kind: Kind, body: bytes) -> None:
    try:
        read = CODECS["1.2"].read(kind, body)
    except Fatal:
        return
    assert read is None or isinstance(read, list)


@given(st.sampled_from(COLLECTIONS), st.data())
def test_both_ways_to_read_agree(kind: Kind, data: st.DataObject) -> None:
    changed = data.draw(st.dictionaries(st.sampled_from(sorted(SAMPLES[kind])), scalars, max_size=4))
    row = SAMPLES[kind] | changed
    quick, slow = page(kind, row), page(kind, row, 7)
    assert quick[0] == slow[0]
