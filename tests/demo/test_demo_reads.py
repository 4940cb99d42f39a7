"""The server against the standard: paths, envelopes, records, parameters, headers and errors (oneroster §1, §2, §4)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import httpx
import pytest

from rostersync.demo import District, Server, serve
from rostersync.demo.fields import known_fields
from rostersync.errors import UsageError
from tests.demo.demo_get import Get

# The 41 reads: the path for the ids of the sample district, the envelope, the kind of record.
READS = [
    ("academicSessions", "academicSessions"),
    ("academicSessions/ses-2026", "academicSession"),
    ("terms", "academicSessions"),
    ("terms/ses-2026-t1", "academicSession"),
    ("gradingPeriods", "academicSessions"),
    ("gradingPeriods/ses-2026-g1", "academicSession"),
    ("orgs", "orgs"),
    ("orgs/org-district", "org"),
    ("schools", "orgs"),
    ("schools/sch-01", "org"),
    ("courses", "courses"),
    ("courses/crs-mat-kg", "course"),
    ("classes", "classes"),
    ("classes/cls-0001", "class"),
    ("enrollments", "enrollments"),
    ("enrollments/enr-000001", "enrollment"),
    ("users", "users"),
    ("users/stf-0001", "user"),
    ("students", "users"),
    ("students/stu-0001", "user"),
    ("teachers", "users"),
    ("teachers/tch-0001", "user"),
    ("demographics", "demographics"),
    ("demographics/stu-0001", "demographics"),
    ("schools/sch-01/courses", "courses"),
    ("schools/sch-01/classes", "classes"),
    ("schools/sch-01/enrollments", "enrollments"),
    ("schools/sch-01/students", "users"),
    ("schools/sch-01/teachers", "users"),
    ("schools/sch-01/terms", "academicSessions"),
    ("schools/sch-01/classes/cls-0001/enrollments", "enrollments"),
    ("schools/sch-01/classes/cls-0001/students", "users"),
    ("schools/sch-01/classes/cls-0001/teachers", "users"),
    ("classes/cls-0001/students", "users"),
    ("classes/cls-0001/teachers", "users"),
    ("courses/crs-mat-kg/classes", "classes"),
    ("terms/ses-2026-t2/classes", "classes"),
    ("terms/ses-2026-t2/gradingPeriods", "academicSessions"),
    ("students/stu-0001/classes", "classes"),
    ("teachers/tch-0001/classes", "classes"),
    ("users/stu-0001/classes", "classes"),
]
SINGLES = [
    path
    for path, envelope in READS
    if not envelope.endswith("s") or envelope == "class" or path.startswith("demographics/")
]
NESTED = [path for path, _ in READS if path.count("/") > 1]
KIND = {
    "academicSession": "academicSessions",
    "org": "orgs",
    "course": "courses",
    "class": "classes",
    "user": "users",
    "enrollment": "enrollments",
}


def ids(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    [rows] = response.json().values()
    return [row["sourcedId"] for row in rows]


def minor(response: httpx.Response) -> str:
    body = response.json()
    if "statusInfoSet" in body:
        return str(body["statusInfoSet"][0]["imsx_codeMinor"])
    return str(body["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"])


def test_there_are_41_reads() -> None:
    assert len(READS) == 41


@pytest.mark.parametrize(("path", "envelope"), READS)
def test_each_read_has_its_envelope_and_only_known_fields(get: Get, version: str, path: str, envelope: str) -> None:
    response = get(version, path)
    assert response.status_code == 200
    [(key, value)] = response.json().items()
    assert key == envelope
    rows = value if isinstance(value, list) else [value]
    assert rows
    for row in rows:
        assert set(row) <= set(known_fields(version, KIND.get(envelope, envelope)))
        assert {"sourcedId", "status", "dateLastModified"} <= set(row)
        assert None not in row.values()
        assert "" not in row.values()


def test_what_the_nested_reads_select(get: Get, version: str, district: District) -> None:
    enrolled = [row for row in district.enrollments.values() if row["class"] == "cls-0001"]
    students = sorted(row["user"] for row in enrolled if row["role"] == "student" and row["user"] != "stu-gone")
    assert sorted(ids(get(version, "classes/cls-0001/students"))) == students
    assert sorted(ids(get(version, "schools/sch-01/classes/cls-0001/students"))) == students
    assert len(ids(get(version, "schools/sch-01/classes/cls-0001/enrollments"))) == len(enrolled)
    teachers = [row["user"] for row in enrolled if row["role"] == "teacher"]
    assert ids(get(version, "classes/cls-0001/teachers")) == teachers
    assert ids(get(version, "terms/ses-2026-t2/gradingPeriods")) == ["ses-2026-g2"]
    assert ids(get(version, "courses/crs-mat-kg/classes")) == ["cls-0002"]
    own = sorted(row["class"] for row in district.enrollments_of("stu-0001"))
    assert sorted(ids(get(version, "students/stu-0001/classes"))) == own
    art = ids(get(version, "terms/ses-2026-t2/classes", limit=1000))
    assert art == [one for one, row in district.classes.items() if "ses-2026-t2" in row["terms"]]
    assert ids(get(version, "schools/sch-annex/classes")) == []
    assert ids(get(version, "schools/sch-annex/students")) == ["stu-annex"]


def test_flat_selections(get: Get, version: str) -> None:
    assert all(re.search(r"-t\d$", one) for one in ids(get(version, "terms")))
    assert all(re.search(r"-g\d$", one) for one in ids(get(version, "gradingPeriods")))
    assert all(one.startswith("sch-") for one in ids(get(version, "schools")))
    assert all(one.startswith("stu-") for one in ids(get(version, "students", limit=500)))
    assert all(one.startswith("tch-") for one in ids(get(version, "teachers", limit=500)))


def test_resources_have_their_own_base_in_1_2(get: Get, server: Server) -> None:
    assert ids(get("1.1", "resources")) == ["res-0001"]
    assert ids(get("1.1", "courses/crs-mat-kg/resources")) == ["res-0001"]
    assert get("1.2", "resources").status_code == 404
    other = server.url + "/ims/oneroster/resources/v1p2"
    assert ids(get.url(f"{other}/resources")) == ["res-0001"]
    assert get.url(f"{other}/resources/res-0001").json()["resource"]["vendorResourceId"] == "handbook-1"
    assert ids(get.url(f"{other}/users/stu-0001/resources")) == []


def test_references_are_guidrefs_that_lead_to_their_record(get: Get, version: str) -> None:
    row = get(version, "classes/cls-0001").json()["class"]
    for ref, type_ in ((row["course"], "course"), (row["school"], "org"), (row["terms"][0], "academicSession")):
        assert set(ref) == {"href", "sourcedId", "type"}
        assert ref["type"] == type_
        [record] = get.url(ref["href"]).json().values()
        assert record["sourcedId"] == ref["sourcedId"]


def test_users_in_the_form_of_1_1(get: Get, district: District) -> None:
    user = get("1.1", "users/tch-0009").json()["user"]
    assert user["role"] == "teacher"
    assert [org["sourcedId"] for org in user["orgs"]] == ["sch-02", "sch-03"]
    assert user["enabledUser"] == "true"
    person = district.examples["teacher and parent"]
    assert get("1.1", f"users/{person}").json()["user"]["role"] == "teacher"
    other = get("1.1", f"users/{person}-parent").json()["user"]
    assert (other["role"], other["email"]) == ("parent", district.users[person]["email"])
    assert [agent["sourcedId"] for agent in other["agents"]] == [district.examples["child of a teacher"]]
    child = get("1.1", f"students/{district.examples['child of a teacher']}").json()["user"]
    assert f"{person}-parent" in [agent["sourcedId"] for agent in child["agents"]]
    staff = {get("1.1", f"users/stf-000{number}").json()["user"]["role"] for number in range(1, 6)}
    assert staff == {"administrator", "aide", "proctor"}


def test_users_in_the_form_of_1_2(get: Get, district: District) -> None:
    person = district.examples["teacher and parent"]
    user = get("1.2", f"users/{person}").json()["user"]
    assert [(role["role"], role["roleType"], role["org"]["sourcedId"]) for role in user["roles"]] == [
        ("teacher", "primary", "sch-03"),
        ("parent", "primary", "sch-01"),
    ]
    assert user["primaryOrg"]["sourcedId"] == "sch-03"
    assert set(user["userProfiles"][0]) >= {"profileId", "profileType", "vendorId"}
    assert get("1.2", f"users/{person}-parent").status_code == 404
    assert get("1.2", "users/stf-0001").json()["user"]["roles"][0]["role"] == "principal"


def test_pages_have_total_and_links(get: Get, version: str, district: District) -> None:
    total = len(district.enrollments)
    response = get(version, "enrollments", limit=10, offset=10, filter="status='active'")
    assert response.headers["x-total-count"] == str(total)
    links = {name: httpx.URL(link["url"]).params for name, link in response.links.items()}
    assert {name: (link["limit"], link["offset"]) for name, link in links.items()} == {
        "next": ("10", "20"),
        "last": (str(total - (total - 1) // 10 * 10), str((total - 1) // 10 * 10)),
        "first": ("10", "0"),
        "prev": ("10", "0"),
    }
    assert links["next"]["filter"] == "status='active'"
    last = get.url(response.links["last"]["url"])
    assert "next" not in last.links
    assert "prev" not in get(version, "orgs", limit=2).links


def test_limit_defaults_to_100_and_pages_make_up_the_whole(get: Get, version: str, district: District) -> None:
    assert len(ids(get(version, "enrollments"))) == 100
    found: list[str] = []
    for offset in range(0, 1000, 200):
        found.extend(ids(get(version, "enrollments", limit=200, offset=offset)))
    assert found == list(district.enrollments)
    assert ids(get(version, "enrollments", offset=100_000)) == []


def test_sort_and_order(get: Get, version: str, district: District) -> None:
    names = ids(get(version, "enrollments", sort="sourcedId", limit=5000))
    assert names == sorted(district.enrollments)
    assert ids(get(version, "enrollments", sort="sourcedId", orderBy="desc", limit=5000)) == names[::-1]
    rows = get(version, "students", sort="familyName", limit=500).json()["users"]
    assert [row["familyName"] for row in rows] == sorted(row["familyName"] for row in rows)
    found = ids(get(version, "classes", sort="school.sourcedId", orderBy="desc", limit=1))
    assert district.classes[found[0]]["school"] == "sch-03"


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("orgs", "type='school'", 4),
        ("orgs", "type='school' OR type='district'", 5),
        ("orgs", "type='school' AND name~'cedar'", 3),
        ("orgs", "type!='school'", 2),
        ("orgs", "name>='Hillside' AND name<'Hillsidf'", 1),
        ("orgs", "parent.sourcedId='org-district'", 5),
        ("orgs", "identifier='nobody''s'", 0),
        ("academicSessions", "endDate<='2026-10-20'", 4),
        ("academicSessions", "startDate>'2026-10-20' AND type='term'", 2),
        ("enrollments", "primary='false'", 21),
        ("enrollments", "class.sourcedId='cls-0001' AND role='teacher'", 2),
        ("users", "grades='KG'", 10),
        ("users", "enabledUser='false'", 1),
        ("users", "email~'@EXAMPLE.ORG' AND sourcedId='stu-0001'", 1),
    ],
)
def test_filters(get: Get, version: str, path: str, text: str, count: int) -> None:
    response = get(version, path, filter=text, limit=1000)
    assert len(ids(response)) == count
    assert response.headers["x-total-count"] == str(count)


@pytest.mark.parametrize(
    ("since", "count"),
    [
        (">='2026-11-21T18:00:00.000Z'", 1),
        (">='2026-11-21T18:00:00Z'", 1),
        (">='2026-11-21T12:00:00-06:00'", 1),
        (">'2026-11-21T18:00:00.000Z'", 0),
        (">'2026-11-21'", 1),
        (">='2026-11-22'", 0),
    ],
)
def test_changes_since(get: Get, version: str, district: District, since: str, count: int) -> None:
    district.mark_deleted("users", "stu-0007", datetime(2026, 11, 21, 18, tzinfo=UTC))
    found = get(version, "users", filter=f"dateLastModified{since}")
    assert ids(found) == ["stu-0007"][:count]


def test_filter_on_roles_as_each_version_has_them(get: Get) -> None:
    assert set(ids(get("1.1", "users", filter="role='proctor'"))) == {"stf-0004", "stf-0009", "stf-0014"}
    assert set(ids(get("1.2", "users", filter="roles.role='proctor'"))) == {"stf-0004", "stf-0009", "stf-0014"}
    assert minor(get("1.2", "users", filter="role='proctor'")) == "invalid_filter_field"


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "type=school",
        "type = 'school'",
        "type='a' AND",
        "type='a' and type='b'",
        "type='a' OR type='b' OR type='c'",
    ],
)
def test_filters_that_are_not_understood(get: Get, version: str, text: str) -> None:
    response = get(version, "orgs", filter=text)
    assert (response.status_code, minor(response)) == (400, "invalid data" if version == "1.1" else "invaliddata")


def test_unknown_field_in_a_filter(get: Get, version: str) -> None:
    response = get(version, "orgs", filter="colour='red'")
    assert (response.status_code, minor(response)) == (400, "invalid_filter_field")


def test_fields(get: Get, server: Server, version: str) -> None:
    rows = get(version, "orgs", fields="name,type").json()["orgs"]
    assert all(set(row) == {"name", "type"} for row in rows)
    assert set(get(version, "orgs/sch-01", fields="name").json()["org"]) == {"name"}
    twice = get.url(f"{server.base(version)}/orgs?fields=name&fields=type").json()["orgs"]
    assert twice == rows


def test_unknown_field_in_fields(get: Get) -> None:
    old = get("1.1", "orgs", fields="name,colour")
    assert old.status_code == 200
    assert old.json()["statusInfoSet"][0]["imsx_codeMinor"] == "invalid_selection_field"
    assert "type" in old.json()["orgs"][0]
    new = get("1.2", "orgs", fields="name,colour")
    assert (new.status_code, minor(new)) == (400, "invalid_selection_field")


def test_blank_fields(get: Get) -> None:
    assert minor(get("1.1", "orgs", fields="")) == "invalid_blank_selection_field"
    assert minor(get("1.2", "orgs", fields="")) == "invalid_selection_field"
    assert get("1.2", "orgs/sch-01", fields="").status_code == 400


def test_unknown_field_in_sort(get: Get, district: District) -> None:
    old = get("1.1", "orgs", sort="colour", orderBy="desc").json()
    assert old["statusInfoSet"][0]["imsx_severity"] == "warning"
    assert [row["sourcedId"] for row in old["orgs"]] == list(district.orgs)
    assert ids(get("1.2", "orgs", sort="colour")) == list(district.orgs)


@pytest.mark.parametrize(
    "params", [{"limit": "0"}, {"limit": "-1"}, {"limit": "x"}, {"offset": "-1"}, {"offset": "1.5"}, {"orderBy": "up"}]
)
def test_bad_numbers_and_order(get: Get, version: str, params: dict[str, str]) -> None:
    response = get(version, "orgs", **params)
    assert (response.status_code, minor(response)) == (400, "invalid data" if version == "1.1" else "invaliddata")


def test_unknown_parameters_are_ignored(get: Get, version: str) -> None:
    assert get(version, "orgs", colour="red").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *[re.sub(r"/[^/]+$", "/nobody", path) for path in SINGLES],
        *[re.sub(r"/[^/]+/(?=[^/]+$)", "/nobody/", path) for path in NESTED],
        *("students/tch-0001", "terms/ses-2026", "schools/org-district", "schools/sch-02/classes/cls-0001/students"),
        *("parents", "classes/cls-0001/enrollments", "users/", "schools/sch-01/users", "", "users/a/b/c"),
    ],
)
def test_what_is_not_there(get: Get, version: str, path: str) -> None:
    response = get(version, path)
    assert (response.status_code, minor(response)) == (404, "unknown object" if version == "1.1" else "unknownobject")


def test_a_port_that_is_taken_is_refused(district: District, server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(UsageError, match=str(port)), serve(district, port=port):
        pytest.fail("it was taken")


def test_other_paths_and_methods(get: Get, server: Server, version: str) -> None:
    assert get.url(server.url + "/").status_code == 404
    assert get.url(server.url + "/ims/oneroster/v1p3/orgs").status_code == 404
    assert get.client.post(server.base(version) + "/orgs").status_code == 405


def test_sourced_ids_with_a_slash_are_escaped(get: Get, version: str, district: District) -> None:
    district.add("orgs", "a/b@c", "2026-08-01T00:00:00.000Z", name="Odd", type="school")
    assert get(version, "orgs/a%2Fb%40c").json()["org"]["name"] == "Odd"
    district.touch("classes", "cls-0001", datetime(2026, 11, 21, tzinfo=UTC), school="a/b@c")
    href = get(version, "classes/cls-0001").json()["class"]["school"]["href"]
    assert get.url(href).json()["org"]["sourcedId"] == "a/b@c"


def test_the_district_may_change_while_it_is_served(get: Get, version: str, district: District) -> None:
    before = int(get(version, "users").headers["x-total-count"])
    district.users["stu-0001"]["givenName"] = "Zed"
    assert get(version, "users/stu-0001").json()["user"]["givenName"] == "Zed"
    district.drop("users", "stu-0001")
    assert get(version, "users/stu-0001").status_code == 404
    assert get(version, "users").headers["x-total-count"] == str(before - 1)


def test_the_date_is_the_clock_and_requests_are_logged(get: Get, server: Server, version: str) -> None:
    server.clock = lambda: 1_795_284_000.0
    response = get(version, "orgs", limit=1)
    assert response.headers["date"] == "Sat, 21 Nov 2026 18:00:00 GMT"
    [logged] = server.requests
    assert (logged.method, logged.params, logged.status) == ("GET", {"limit": "1"}, 200)
    assert logged.path.endswith("/orgs")
    assert logged.headers["accept"] == "*/*"


def test_records_may_be_as_odd_as_a_test_wants(get: Get, version: str, district: District) -> None:
    now = datetime(2026, 11, 21, 18, tzinfo=UTC)
    district.users["copy"] = {**district.users["stu-0001"], "givenName": "Copy"}
    district.touch("users", "stu-0002", now, roles=None)
    district.touch("users", "stu-0003", now, roles=[{"role": "student", "roleType": "primary"}], username=None)
    district.touch(
        "classes", "cls-0001", now, school={"sourcedId": "sch-02", "type": "org"}, metadata={"a": {"b": True}}
    )
    del district.users["stu-0004"]["sourcedId"]
    found = get(version, "users", limit=1000, sort="sourcedId").json()["users"]
    assert [row["givenName"] for row in found if row.get("sourcedId") == "stu-0001"].count("Copy") == 1
    by_id = {row.get("sourcedId"): row for row in found}
    assert not {"role", "roles", "orgs"} & set(by_id["stu-0002"])
    third = by_id["stu-0003"]
    assert third.get("orgs", third.get("roles")) in ([], [{"role": "student", "roleType": "primary"}])
    assert not {"username", "userProfiles"} & set(third)
    assert None in by_id
    assert get(version, "classes/cls-0001").json()["class"]["school"]["sourcedId"] == "sch-02"
    assert ids(get(version, "classes", filter="metadata.a.b='true'")) == ["cls-0001"]
    assert ids(get(version, "classes/cls-0002/students"))


def test_comparing_what_is_no_time(get: Get, version: str, district: District) -> None:
    district.users["stu-0001"]["dateLastModified"] = "Tuesday"
    assert ids(get(version, "users", filter="dateLastModified='Tuesday'")) == ["stu-0001"]


def test_a_course_is_found_by_its_year(get: Get, version: str) -> None:
    assert len(ids(get(version, "courses", filter="schoolYear.sourcedId='ses-2026'"))) == 78
    assert minor(get(version, "academicSessions", filter="schoolYear.sourcedId='x'")) == "invalid_filter_field"


def test_what_was_asked_can_be_looked_up(get: Get, server: Server, version: str) -> None:
    get(version, "orgs")
    get(version, "terms")
    assert [path.rpartition("/")[2] for path in server.paths()] == ["orgs", "terms"]
    assert server.clock() > 0


def test_a_mistake_of_the_server_is_not_taken_for_a_fault(client: httpx.Client, district: District) -> None:
    district.orgs["odd"] = {"sourcedId": "odd", "name": object()}
    with pytest.raises(TypeError, match="object"), serve(district, auth=("none",)) as other:
        assert client.get(f"{other.base('1.1')}/orgs").status_code == 500
