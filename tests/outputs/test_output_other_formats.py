"""School Data Sync, Apple School Manager and JSON lines: what they look like and what they leave out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from inline_snapshot import snapshot

from rostersync.model.roster import ARCHIVED, RelationshipRow
from rostersync.outputs.apple_school_manager import AppleSchoolManager
from rostersync.outputs.base import Written
from rostersync.outputs.jsonl import JsonLines
from rostersync.outputs.school_data_sync import SchoolDataSync
from rostersync.store.views import VIEWS
from tests.outputs.outputs_district import (
    Rows,
    class_,
    course,
    district,
    enrollment,
    org,
    read,
    table,
    texts,
    user,
)

SIX = {"classes.csv", "courses.csv", "locations.csv", "rosters.csv", "staff.csv", "students.csv"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "roster.zip"


def why(written: Written) -> str:
    (found,) = written.left_out
    return found.message.split("cannot hold: ")[1]


def test_a_package_for_school_data_sync(path: Path) -> None:
    SchoolDataSync(path).write(district(user("p2", "guardian", orgs=()), RelationshipRow("u2", "p2", "guardian")))
    assert texts(path) == snapshot(
        {
            "academicSessions.csv": """\
sourcedId,title,type,schoolYear,startDate,endDate
t1,Fall,term,2027,2026-08-15,2027-01-15
y1,2026/27,schoolYear,2027,2026-08-15,2027-08-01
""",
            "classes.csv": """\
sourcedId,orgSourcedId,title,sessionSourcedIds,courseSourcedId
c1,s1,7B,t1,co1
""",
            "courses.csv": """\
sourcedId,orgSourcedId,title,code,schoolYearSourcedId,subject,grade
co1,d1,Algebra,ALG,,,
""",
            "enrollments.csv": """\
classSourcedId,userSourcedId,role
c1,u1,student
c1,u2,student
c1,u3,teacher
""",
            "orgs.csv": """\
sourcedId,name,type,parentSourcedId
d1,Org d1,district,
s1,Org s1,school,d1
""",
            "relationships.csv": """\
userSourcedId,relationshipUserSourcedId,relationshipRole
u1,p1,parent
u2,p2,guardian
""",
            "roles.csv": """\
userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,roleEndDate
u1,s1,student,,07,true,,
u2,s1,student,,08,true,,
u3,s1,teacher,,,true,,
""",
            "users.csv": """\
sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms
p1,p1,Ann,Lee,,,p1@example.org,,
p2,p2,Ann,Lee,,,p2@example.org,,
u1,u1,Ann,Lee,,,u1@example.org,,
u2,u2,Ann,Lee,,,u2@example.org,,
u3,u3,Ann,Lee,,,u3@example.org,,
""",
        }
    )


def test_school_data_sync_always_gets_the_same_files(path: Path) -> None:
    SchoolDataSync(path).write(district())
    names = set(read(path))
    SchoolDataSync(path).write(Rows([]))
    assert set(read(path)) == names
    assert len(names) == 8


def test_school_data_sync_takes_a_username_once(path: Path) -> None:
    roster = district(
        *(user("v1", username="ANN"), user("v2", username="ann"), user("v3", username=None, email="Ann@example.org")),
        *(user("v4", username="ann@example.org"), enrollment("e9", "c1", "v2")),
    )
    written = SchoolDataSync(path).write(roster)
    assert why(written) == "1 enrollment, its user is left out (e9); 1 user, another user has the same username (v2)"
    users = {row["sourcedId"]: row["username"] for row in table(path, "users")}
    assert (users["v1"], users["v3"], users["v4"]) == ("ANN", "v3", "ann@example.org")


def test_school_data_sync_has_its_own_roles_and_no_doubles(path: Path) -> None:
    roles = ("aide", "districtAdministrator", "siteAdministrator")
    roster = district(
        *(user("v1", "staff", roles=roles), enrollment("e7", "c1", "v1", "aide"), enrollment("e8", "c1", "v1", "aide")),
        enrollment("e9", "c1", "v1", "janitor"),
    )
    assert why(SchoolDataSync(path).write(roster)) == "1 enrollment, its role is none of the format's (e9)"
    held = [(row["role"], row["isPrimary"]) for row in table(path, "roles") if row["userSourcedId"] == "v1"]
    assert held == [("paraprofessional", "true"), ("administrator", "false")]
    enrolled = [row["role"] for row in table(path, "enrollments") if row["userSourcedId"] == "v1"]
    assert enrolled == ["paraprofessional"]


def test_school_data_sync_needs_neither_course_nor_session_of_a_class(path: Path) -> None:
    bare = class_("c2", course_sourced_id=None, session_sourced_ids=("gone",))
    assert SchoolDataSync(path).write(district(bare)).left_out == ()
    rows = {row["sourcedId"]: row for row in table(path, "classes")}
    assert (rows["c2"]["courseSourcedId"], rows["c2"]["sessionSourcedIds"]) == ("", "")
    assert len(table(path, "courses")) == 1


@pytest.mark.parametrize("output", [SchoolDataSync, AppleSchoolManager])
def test_who_may_not_log_in_is_not_sent_where_an_account_would_be_made(
    path: Path, output: type[SchoolDataSync | AppleSchoolManager]
) -> None:
    assert output(path).write(district(user("v1", enabled=0), enrollment("e9", "c1", "v1"))).left_out == ()
    assert b"v1" not in b"".join(read(path).values())


def test_a_zip_for_apple_school_manager(path: Path) -> None:
    AppleSchoolManager(path).write(district())
    assert texts(path) == snapshot(
        {
            "classes.csv": """\
class_id,class_number,course_id,instructor_id,instructor_id_2,instructor_id_3,location_id
c1,7B-1,co1,u3,,,s1
""",
            "courses.csv": """\
course_id,course_number,course_name,location_id
co1,ALG,Algebra,d1
""",
            "locations.csv": """\
location_id,location_name
d1,Org d1
s1,Org s1
""",
            "rosters.csv": """\
roster_id,class_id,student_id
e1,c1,u1
e2,c1,u2
""",
            "staff.csv": """\
person_id,person_number,first_name,middle_name,last_name,email_address,sis_username,location_id
u3,n-u3,Ann,May,Lee,u3@example.org,u3,s1
""",
            "students.csv": """\
person_id,person_number,first_name,middle_name,last_name,grade_level,email_address,sis_username,password_policy,location_id
u1,n-u1,Ann,May,Lee,07,u1@example.org,u1,,s1
u2,n-u2,Ann,May,Lee,08,u2@example.org,u2,,s1
""",
        }
    )


def test_apple_school_manager_always_gets_six_files(path: Path) -> None:
    AppleSchoolManager(path).write(Rows([]))
    assert set(read(path)) == SIX


def test_apple_instructors_get_columns_up_to_fifteen_the_primary_one_first(path: Path) -> None:
    teachers = [user(f"v{number:02}", "teacher") for number in range(16)]
    rows = [enrollment(f"f{number:02}", "c1", f"v{number:02}", "teacher") for number in range(16)]
    again = enrollment("f99", "c1", "v00", "teacher")
    written = AppleSchoolManager(path).write(district(*teachers, *rows, again))
    assert why(written) == "1 class, only 15 of its teachers go out (c1)"
    (row,) = table(path, "classes")
    columns = ["instructor_id", *(f"instructor_id_{number}" for number in range(2, 16))]
    assert [row[column] for column in columns] == ["u3", *(f"v{number:02}" for number in range(14))]
    assert list(row) == [
        *("class_id", "class_number", "course_id", "instructor_id", "instructor_id_2", "instructor_id_3"),
        *("location_id", *columns[3:]),
    ]


def test_apple_people_get_columns_for_their_locations(path: Path) -> None:
    roster = district(
        *(org("s2"), org("s3"), user("v1", orgs=("s1", "s2", "s3")), user("v2", "teacher", orgs=("s1", "s2"))),
    )
    AppleSchoolManager(path).write(roster)
    students = {row["person_id"]: row for row in table(path, "students")}
    assert [students["v1"][f"location_id{tail}"] for tail in ("", "_2", "_3")] == ["s1", "s2", "s3"]
    assert (students["u1"]["location_id"], students["u1"]["location_id_3"]) == ("s1", "")
    assert list(table(path, "staff")[0])[-2:] == ["location_id", "location_id_2"]


def test_apple_classes_that_were_archived_lately_still_go_out(path: Path) -> None:
    old = class_("c8", state=ARCHIVED, course_sourced_id="gone", title="Chess")
    roster = district(old, class_("c9", state=ARCHIVED))
    roster.archived = frozenset({"c8", "c1"})
    AppleSchoolManager(path, archived_for=timedelta(days=30)).write(roster)
    assert roster.asked == [timedelta(days=30)]
    assert [row["class_id"] for row in table(path, "classes")] == ["c1", "c8"]
    # Its course may be gone from the roster; it keeps its id, as a class that changes its course loses its students.
    assert {row["course_id"]: row["course_name"] for row in table(path, "courses")} == {
        "co1": "Algebra",
        "gone": "Chess",
    }
    AppleSchoolManager(path).write(roster)
    assert [row["class_id"] for row in table(path, "classes")] == ["c1"]


def test_apple_people_stand_in_one_file_and_their_enrollments_with_it(path: Path) -> None:
    roster = district(enrollment("e8", "c1", "u1", "teacher"), enrollment("e9", "c1", "u3", "student"))
    assert why(AppleSchoolManager(path).write(roster)) == (
        "1 enrollment, its student is staff here (e9); 1 enrollment, its teacher is a student here (e8)"
    )


def test_apple_rosters_have_a_student_once_under_the_first_enrollments_id(path: Path) -> None:
    roster = district(enrollment("e0", "c1", "u1"), enrollment("e9", "c1", "u1"))
    assert AppleSchoolManager(path).write(roster).left_out == ()
    assert [(row["roster_id"], row["student_id"]) for row in table(path, "rosters")] == [("e0", "u1"), ("e2", "u2")]


def test_apple_ids_that_do_not_fit_are_replaced_everywhere_alike(path: Path) -> None:
    roster = district(
        *(user("v_1"), org("s_1"), course("co 9"), class_("c|2", school_sourced_id="s_1", course_sourced_id="co 9")),
        enrollment("e:9", "c|2", "v_1"),
    )
    assert AppleSchoolManager(path).write(roster).left_out == ()
    (row,) = [row for row in table(path, "rosters") if row["roster_id"] not in {"e1", "e2"}]
    assert all(UUID(value) for value in row.values())
    assert row["student_id"] in {each["person_id"] for each in table(path, "students")}
    (made,) = [each for each in table(path, "classes") if each["class_id"] == row["class_id"]]
    assert made["location_id"] in {each["location_id"] for each in table(path, "locations")}
    assert made["course_id"] in {each["course_id"] for each in table(path, "courses")}


def test_apple_names_have_no_quotation_marks_and_backslashes(path: Path) -> None:
    AppleSchoolManager(path).write(district(user("v1", given_name='Ann "Annie"', family_name="Lee\\")))
    (row,) = [row for row in table(path, "students") if row["person_id"] == "v1"]
    assert (row["first_name"], row["last_name"]) == ("Ann 'Annie'", "Lee/")


def test_apple_has_no_place_for_parents(path: Path) -> None:
    assert AppleSchoolManager(path).write(district()).left_out == ()
    assert b"p1" not in b"".join(read(path).values())


def test_json_lines(path: Path) -> None:
    written = JsonLines(path, "springfield", "spr-01").write(district())
    lines = {name.removesuffix(".jsonl"): content.splitlines() for name, content in read(path).items()}
    assert {name: len(found) for name, found in lines.items()} == (
        {"classes": 1, "courses": 1, "enrollments": 3, "orgs": 2, "relationships": 1, "sessions": 2, "users": 4}
    )
    assert written.rows == 14
    assert msgspec.json.decode(lines["orgs"][1]) == {
        "integration": "springfield",
        "sourced_id": "s1",
        "name": "Org s1",
        "type": "school",
        "identifier": "11004",
        "parent_sourced_id": "d1",
        "mapped_to": "north",
        "tenant": "spr-01",
    }
    teacher = msgspec.json.decode(lines["users"][3])
    assert (teacher["roles"], teacher["enabled"], teacher["account_id"]) == (["teacher"], True, None)
    assert [msgspec.json.decode(line)["is_primary"] for line in lines["enrollments"]] == [False, False, True]


def test_json_lines_have_the_keys_of_the_views(path: Path) -> None:
    JsonLines(path, "springfield").write(district())
    for name, content in read(path).items():
        first = msgspec.json.decode(content.split(b"\n")[0])
        assert list(first) == VIEWS[f"roster_{name.removesuffix('.jsonl')}"]
        assert first["integration"] == "springfield"


def test_json_lines_hold_every_text_as_it_is(path: Path) -> None:
    odd = user("v\n1,", given_name='=1+1 "A"\r\n\u2028', family_name=None, username=None)
    assert JsonLines(path, "springfield").write(district(odd)).left_out == ()
    found = [msgspec.json.decode(line) for line in read(path)["users.jsonl"].split(b"\n") if line]
    (row,) = [row for row in found if row["sourced_id"] == "v\n1,"]
    assert (row["given_name"], row["family_name"], row["username"]) == ('=1+1 "A"\r\n\u2028', None, None)
