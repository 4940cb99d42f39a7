"""OneRoster CSV packages: what they look like, what is filled in, and what is left out and why."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from inline_snapshot import snapshot

from rostersync.model.codes import Code
from rostersync.model.kind import Kind
from rostersync.model.roster import RelationshipRow
from rostersync.outputs.base import Written
from rostersync.outputs.oneroster_csv import OneRosterCsv
from rostersync.sources.csv.validate import validate
from tests.outputs.outputs_district import (
    Rows,
    class_,
    course,
    district,
    enrollment,
    org,
    read,
    table,
    term,
    texts,
    user,
)

Version = Literal["1.1", "1.2"]
BOTH = pytest.mark.parametrize("version", ["1.1", "1.2"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "roster.zip"


def write(version: Version, path: Path, roster: Rows, **options: bool) -> Written:
    return OneRosterCsv(version, path, "spr-01", **options).write(roster)


def why(written: Written) -> str:
    """What the one diagnostic says was left out, without the place."""
    (found,) = written.left_out
    assert (found.code, found.kind, found.sourced_id) == (Code.DATA_REJECTED, None, None)
    return found.message.split("cannot hold: ")[1]


def test_a_package_of_1_1(path: Path) -> None:
    write("1.1", path, district())
    assert texts(path) == snapshot(
        {
            "academicSessions.csv": """\
sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear
t1,,,Fall,term,2026-08-15,2027-01-15,y1,2027
y1,,,2026/27,schoolYear,2026-08-15,2027-08-01,,2027
""",
            "classes.csv": """\
sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods
c1,,,7B,07,co1,7B-1,scheduled,,s1,t1,,,
""",
            "courses.csv": """\
sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes
co1,,,,Algebra,ALG,,d1,,
""",
            "enrollments.csv": """\
sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate
e1,,,c1,s1,u1,student,,2026-08-15,
e2,,,c1,s1,u2,student,,,
e3,,,c1,s1,u3,teacher,true,,
""",
            "manifest.csv": """\
propertyName,value
manifest.version,1.0
oneroster.version,1.1
file.academicSessions,bulk
file.categories,absent
file.classResources,absent
file.classes,bulk
file.courseResources,absent
file.courses,bulk
file.demographics,absent
file.enrollments,bulk
file.lineItems,absent
file.orgs,bulk
file.resources,absent
file.results,absent
file.users,bulk
source.systemName,rostersync
source.systemCode,spr-01
""",
            "orgs.csv": """\
sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
d1,,,Org d1,district,,
s1,,,Org s1,school,11004,d1
""",
            "users.csv": """\
sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,metadata.rostersync
p1,,,true,s1,parent,p1,,Ann,Lee,May,n-p1,p1@example.org,,,u1,,,"{""orgSourcedIds"":[]}"
u1,,,true,s1,student,u1,,Ann,Lee,May,n-u1,u1@example.org,,,p1,07,,
u2,,,true,s1,student,u2,,Ann,Lee,May,n-u2,u2@example.org,,,,08,,
u3,,,true,s1,teacher,u3,,Ann,Lee,May,n-u3,u3@example.org,,,,,,
""",
        }
    )
    assert list(validate(path)) == []


def test_a_package_of_1_2(path: Path) -> None:
    write("1.2", path, district())
    assert texts(path) == snapshot(
        {
            "academicSessions.csv": """\
sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear
t1,,,Fall,term,2026-08-15,2027-01-15,y1,2027
y1,,,2026/27,schoolYear,2026-08-15,2027-08-01,,2027
""",
            "classes.csv": """\
sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods
c1,,,7B,07,co1,7B-1,scheduled,,s1,t1,,,
""",
            "courses.csv": """\
sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes
co1,,,,Algebra,ALG,,d1,,
""",
            "enrollments.csv": """\
sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate
e1,,,c1,s1,u1,student,,2026-08-15,
e2,,,c1,s1,u2,student,,,
e3,,,c1,s1,u3,teacher,true,,
""",
            "manifest.csv": """\
propertyName,value
manifest.version,1.0
oneroster.version,1.2
file.academicSessions,bulk
file.categories,absent
file.classResources,absent
file.classes,bulk
file.courseResources,absent
file.courses,bulk
file.demographics,absent
file.enrollments,bulk
file.lineItemLearningObjectiveIds,absent
file.lineItemScoreScales,absent
file.lineItems,absent
file.orgs,bulk
file.resources,absent
file.resultLearningObjectiveIds,absent
file.resultScoreScales,absent
file.results,absent
file.roles,bulk
file.scoreScales,absent
file.userProfiles,absent
file.userResources,absent
file.users,bulk
source.systemName,rostersync
source.systemCode,spr-01
""",
            "orgs.csv": """\
sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
d1,,,Org d1,district,,
s1,,,Org s1,school,11004,d1
""",
            "roles.csv": """\
sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId
1dcf158c-341a-5222-9d58-62d3d56c860e,,,p1,primary,parent,,,s1,
79636512-4b85-5271-9e92-e47f5304d54f,,,u1,primary,student,,,s1,
1728f5ee-7bbe-5152-801d-130fb55bf043,,,u2,primary,student,,,s1,
45e42ff9-4ebd-5a7c-bd07-4809a9081a14,,,u3,primary,teacher,,,s1,
""",
            "users.csv": """\
sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns,metadata.rostersync
p1,,,true,p1,,Ann,Lee,May,n-p1,p1@example.org,,,u1,,,,,,,,,"{""roles"":[{""role"":""parent""}]}"
u1,,,true,u1,,Ann,Lee,May,n-u1,u1@example.org,,,p1,07,,,,,,,,
u2,,,true,u2,,Ann,Lee,May,n-u2,u2@example.org,,,,08,,,,,,,,
u3,,,true,u3,,Ann,Lee,May,n-u3,u3@example.org,,,,,,,,,,,,
""",
        }
    )
    assert list(validate(path)) == []


@BOTH
def test_a_file_without_rows_is_absent(version: Version, path: Path) -> None:
    write(version, path, district(without=["e1", "e2", "e3", "t1", "y1", "c1"]))
    assert not {"enrollments.csv", "classes.csv", "academicSessions.csv"} & set(read(path))
    modes = {row["propertyName"]: row["value"] for row in table(path, "manifest")}
    assert {name for name, mode in modes.items() if mode == "bulk"} == (
        {"file.orgs", "file.users", "file.courses"} | ({"file.roles"} if version == "1.2" else set())
    )
    assert {"file.enrollments", "file.classes", "file.academicSessions"} <= {
        name for name, mode in modes.items() if mode == "absent"
    }


@BOTH
def test_an_empty_roster_is_a_manifest_alone(version: Version, path: Path) -> None:
    assert write(version, path, Rows([])) == (0, ())
    assert list(read(path)) == ["manifest.csv"]


@BOTH
def test_names_and_usernames_that_are_missing_are_filled_in(version: Version, path: Path) -> None:
    roster = district(
        user("v1", username=None), user("v2", username=None, email=None, given_name=None, family_name=None)
    )
    assert write(version, path, roster).left_out == ()
    users = {row["sourcedId"]: row for row in table(path, "users")}
    assert users["v1"]["username"] == "v1@example.org"
    assert (users["v2"]["username"], users["v2"]["givenName"], users["v2"]["familyName"]) == ("v2", "-", "-")
    assert list(validate(path)) == []


@BOTH
def test_a_username_that_is_filled_in_is_nobody_elses(version: Version, path: Path) -> None:
    write(version, path, district(user("v1", username="V2@example.org"), user("v2", username=None)))
    assert {row["sourcedId"]: row["username"] for row in table(path, "users")}["v2"] == "v2"


@BOTH
def test_parents_that_lead_back_to_their_child_are_cut_off(version: Version, path: Path) -> None:
    loop = (term("t8", parent_sourced_id="t9"), term("t9", parent_sourced_id="t8"), org("o8", parent="o8"))
    write(version, path, district(*loop, term("t7", parent_sourced_id="t8")))
    parents = {row["sourcedId"]: row["parentSourcedId"] for row in table(path, "academicSessions")}
    assert parents == {"t1": "y1", "t7": "t8", "t8": "", "t9": "", "y1": ""}
    assert list(validate(path)) == []


def test_a_role_of_a_group_that_the_user_is_no_longer_in_does_not_go_out(path: Path) -> None:
    write("1.2", path, district(user("v1", "parent", roles=("parent", "student", "teacher"), orgs=())))
    assert not [row for row in table(path, "roles") if row["userSourcedId"] == "v1"]
    write("1.2", path, district(user("v1", "staff", roles=("aide", "parent", "student"))))
    assert [row["role"] for row in table(path, "roles") if row["userSourcedId"] == "v1"] == ["aide", "parent"]


@BOTH
def test_a_class_without_course_session_and_type_is_filled_in(version: Version, path: Path) -> None:
    bare = class_("c2", course_sourced_id=None, session_sourced_ids=(), class_type=None, title="Chess", class_code="CH")
    roster = district(bare, term("t0", parent_sourced_id=None))
    assert write(version, path, roster).left_out == ()
    (row,) = [row for row in table(path, "classes") if row["sourcedId"] == "c2"]
    (made,) = [row for row in table(path, "courses") if row["sourcedId"] != "co1"]
    assert (row["classType"], row["termSourcedIds"]) == ("scheduled", "t0,y1")
    assert (row["courseSourcedId"], made["title"], made["courseCode"]) == (made["sourcedId"], "Chess", "CH")
    assert made["orgSourcedId"] == "s1"
    assert list(validate(path)) == []


@BOTH
def test_a_course_without_an_org_gets_its_first_classes_school_or_the_district(version: Version, path: Path) -> None:
    roster = district(
        *(org("a0"), class_("c2", course_sourced_id="co2", school_sourced_id="a0")),
        *(course("co2", org_sourced_id=None), course("co3", org_sourced_id=None)),
    )
    write(version, path, roster)
    assert {row["sourcedId"]: row["orgSourcedId"] for row in table(path, "courses")} == (
        {"co1": "d1", "co2": "a0", "co3": "d1"}
    )


@pytest.mark.parametrize(
    ("session", "year"),
    [
        (term("t9", school_year="2026-2027"), "2027"),
        (term("t9", school_year=None, parent_sourced_id="y1"), "2027"),
        (term("t9", school_year=None), "2027"),
        (term("t9", school_year=None, start_date="2027-01-15"), "2027"),
        (term("t9", school_year="next", start_date="2026-06-30", parent_sourced_id="t9"), "2026"),
    ],
)
def test_a_school_year_is_the_year_in_which_it_ends(path: Path, session: object, year: str) -> None:
    write("1.2", path, Rows([*district().every, session]))  # type: ignore[list-item]
    assert {row["sourcedId"]: row["schoolYear"] for row in table(path, "academicSessions")}["t9"] == year


@BOTH
def test_a_session_without_title_is_called_by_its_id(version: Version, path: Path) -> None:
    write(version, path, district(term("t9", title=None)))
    assert {row["sourcedId"]: row["title"] for row in table(path, "academicSessions")}["t9"] == "t9"


@BOTH
def test_an_enrollment_without_a_known_school_is_in_its_classs(version: Version, path: Path) -> None:
    write(
        version,
        path,
        district(*(enrollment(f"e{n}", "c1", "u1", school_sourced_id=s) for n, s in ((8, None), (9, "x")))),
    )
    assert {row["schoolSourcedId"] for row in table(path, "enrollments")} == {"s1"}


@BOTH
def test_only_one_teacher_of_a_class_is_the_primary_one(version: Version, path: Path) -> None:
    second = enrollment("e9", "c1", "u3", "teacher", is_primary=1)
    write(version, path, district(second))
    assert {row["sourcedId"]: row["primary"] for row in table(path, "enrollments")} == (
        {"e1": "", "e2": "", "e3": "true", "e9": "false"}
    )


@BOTH
def test_a_login_that_is_curtailed_goes_out_as_such(version: Version, path: Path) -> None:
    write(version, path, district(user("v1", enabled=0)))
    assert {row["sourcedId"]: row["enabledUser"] for row in table(path, "users")}["v1"] == "false"


@BOTH
def test_parents_are_linked_both_ways_and_live_where_their_children_go(version: Version, path: Path) -> None:
    roster = district(
        *(user("p2", "guardian", orgs=()), RelationshipRow("u1", "p2", "guardian")),
        *(RelationshipRow("u2", "p2", "guardian"), RelationshipRow("u2", "p1", "parent")),
    )
    assert write(version, path, roster).left_out == ()
    agents = {row["sourcedId"]: row["agentSourcedIds"] for row in table(path, "users")}
    assert agents == {"u1": "p1,p2", "u2": "p1,p2", "u3": "", "p1": "u1,u2", "p2": "u1,u2"}
    rows = table(path, "users" if version == "1.1" else "roles")
    key, where = ("sourcedId", "orgSourcedIds") if version == "1.1" else ("userSourcedId", "orgSourcedId")
    assert {(row["role"], row[where]) for row in rows if row[key] == "p2"} == {("guardian", "s1")}


def test_a_parent_who_teaches_is_both_in_1_2_and_a_teacher_in_1_1(path: Path) -> None:
    roster = district(user("v1", "teacher", roles=("parent", "teacher")), RelationshipRow("u2", "v1", "parent"))
    assert write("1.2", path, roster).left_out == ()
    held = [(row["role"], row["roleType"]) for row in table(path, "roles") if row["userSourcedId"] == "v1"]
    assert held == [("teacher", "primary"), ("parent", "secondary")]
    assert {row["sourcedId"]: row["agentSourcedIds"] for row in table(path, "users")}["u2"] == "v1"
    written = write("1.1", path, roster)
    assert {row["sourcedId"]: row["role"] for row in table(path, "users")}["v1"] == "teacher"
    assert {row["sourcedId"]: row["agentSourcedIds"] for row in table(path, "users")}["u2"] == ""
    assert why(written) == snapshot(
        "1 relationship, in 1.1 a parent with another role is no parent (u2|v1); "
        "1 user, of several roles only the first goes out (v1)"
    )


@pytest.mark.parametrize(
    ("role", "in_1_1", "in_1_2"),
    [
        ("administrator", "administrator", {"d1": "districtAdministrator", "s1": "siteAdministrator"}),
        ("aide", "aide", {"d1": "aide", "s1": "aide"}),
        ("counselor", "aide", {"d1": "counselor", "s1": "counselor"}),
        ("principal", "administrator", {"d1": "principal", "s1": "principal"}),
    ],
)
def test_each_version_has_its_own_words_for_staff(
    tmp_path: Path, role: str, in_1_1: str, in_1_2: dict[str, str]
) -> None:
    roster = district(user("v1", "staff", roles=(role,), orgs=("d1", "s1")))
    for version in ("1.1", "1.2"):
        assert write(version, tmp_path / version, roster).left_out == ()
        assert list(validate(tmp_path / version)) == []
    assert {row["sourcedId"]: row["role"] for row in table(tmp_path / "1.1", "users")}["v1"] == in_1_1
    roles = table(tmp_path / "1.2", "roles")
    assert {row["orgSourcedId"]: row["role"] for row in roles if row["userSourcedId"] == "v1"} == in_1_2


def test_the_ids_of_roles_are_unique_and_stay(path: Path) -> None:
    roster = district(user("v1", "teacher", roles=("parent", "teacher"), orgs=("d1", "s1")))
    write("1.2", path, roster)
    before = [row["sourcedId"] for row in table(path, "roles")]
    assert len(set(before)) == len(before) == 8
    write("1.2", path, district(user("v0"), *roster.every[-1:]))
    assert set(before) < {row["sourcedId"] for row in table(path, "roles")}


@pytest.mark.parametrize(
    ("role", "in_1_1", "in_1_2"),
    [("proctor", "proctor", "proctor"), ("aide", "aide", "ext:aide"), ("principal", "administrator", "ext:principal")],
)
def test_each_version_has_its_own_words_for_enrollments(tmp_path: Path, role: str, in_1_1: str, in_1_2: str) -> None:
    for version, word in (("1.1", in_1_1), ("1.2", in_1_2)):
        assert write(version, tmp_path / version, district(enrollment("e9", "c1", "u3", role))).left_out == ()  # type: ignore[arg-type]
        assert {row["sourcedId"]: row["role"] for row in table(tmp_path / version, "enrollments")}["e9"] == word


@BOTH
def test_words_that_the_standard_does_not_have(version: Version, path: Path) -> None:
    roster = district(
        org("o9", "campus", parent="gone"),
        org("o8", "ext:campus"),
        term("t9", type="ext:block", parent_sourced_id="gone"),
        class_("c9", class_type="ext:seminar"),
        user("v9", roles=("my role", "student")),
        enrollment("e9", "c1", "u3", "my role"),
    )
    written = write(version, path, roster)
    types = {row["sourcedId"]: row["type"] for name in ("orgs", "academicSessions") for row in table(path, name)}
    extended = version == "1.2"
    assert (types["o9"], types["o8"]) == ("department", "ext:campus" if extended else "department")
    assert types["t9"] == ("ext:block" if extended else "term")
    assert {row["sourcedId"]: row["classType"] for row in table(path, "classes")}["c9"] == (
        "ext:seminar" if extended else "scheduled"
    )
    assert "1 enrollment, its role is none of the standard's (e9)" in why(written)
    assert "(v9)" in why(written)


@BOTH
def test_ids_that_do_not_fit_and_what_hangs_on_them_are_left_out_by_name(version: Version, path: Path) -> None:
    long = "x" * 256
    roster = district(
        *(org("s,9"), org("o1", parent="s,9"), term("t\n9"), course("co 9 "), class_(long), user("v,1")),
        *(
            class_("c2", school_sourced_id="s,9"),
            class_("c3", course_sourced_id="co 9 ", session_sourced_ids=("t\n9",)),
        ),
        *(
            user("v2", orgs=("s,9",)),
            user("v3", orgs=("s,9", "s1")),
            enrollment("e7", "c2", "u1"),
            enrollment("e8", "c1", "v,1"),
        ),
        enrollment("e,9", "c1", "u1"),
    )
    written = write(version, path, roster)
    left = {"s,9", "t\n9", "co 9 ", long, "v,1", "c2", "v2", "e7", "e8", "e,9"}
    assert all(each in why(written) for each in left)
    there = {row["sourcedId"] for name in ("orgs", "classes", "users", "enrollments") for row in table(path, name)}
    assert not there & left
    assert {"o1", "c3", "v3"} <= there
    assert list(validate(path)) == []


def test_1_2_has_narrower_ids_than_1_1(path: Path) -> None:
    roster = district(user("{v:1}"))
    assert write("1.1", path, roster).left_out == ()
    assert why(write("1.2", path, roster)) == snapshot(
        "1 user, its sourcedId has more than letters, digits and . - _ / @ ({v:1})"
    )


def test_a_long_list_of_what_is_left_out_is_cut(path: Path) -> None:
    written = write("1.2", path, district(*(user(f"v|{number:02}") for number in range(25))))
    assert "25 users" in why(written)
    assert why(written).endswith("v|09 and 15 more)")
    assert "Complete these records" in written.left_out[0].hint


@BOTH
def test_classes_need_a_session_to_go_out(version: Version, path: Path) -> None:
    written = write(version, path, district(without=["t1", "y1"]))
    assert why(written) == (
        "1 class, a class needs an academic session, and there is none (c1); "
        "3 enrollments, its class is left out (e1, e2, e3)"
    )


@BOTH
def test_who_belongs_nowhere_is_left_out(version: Version, path: Path) -> None:
    assert why(write(version, path, district(user("p9", "parent", orgs=())))) == (
        "1 user, it belongs to no org that goes out (p9)"
    )


@BOTH
def test_no_line_break_stands_inside_of_a_value_and_no_comma_in_an_item(version: Version, path: Path) -> None:
    odd = user("v1", given_name="Ann\r\nMay", family_name='O"Neil, Jr.\t\x00', grades=("K,1", "2"))
    write(version, path, district(odd, class_("c2", title="A\u2028B")))
    (row,) = [row for row in table(path, "users") if row["sourcedId"] == "v1"]
    assert (row["givenName"], row["familyName"], row["grades"]) == ("Ann May", 'O"Neil, Jr.', "K 1,2")
    assert {row["title"] for row in table(path, "classes")} == {"7B", "A B"}
    assert all(b"\r" not in content for content in read(path).values())


@pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
def test_formulas_are_defused_where_it_is_asked_for(path: Path, begin: str) -> None:
    roster = district(user("v1", given_name=f"{begin}1+1", family_name="\t=1"))
    for safe, mark in ((False, ""), (True, "'")):
        write("1.1", path, roster, spreadsheet_safe=safe)
        (row,) = [row for row in table(path, "users") if row["sourcedId"] == "v1"]
        assert (row["givenName"], row["familyName"]) == (f"{mark}{begin}1+1", f"{mark}=1")


def test_every_kind_of_left_out_record_has_its_word(path: Path) -> None:
    written = write("1.2", path, district(org("a|b"), term("a|b"), course("a|b"), class_("a|b"), user("a|b")))
    assert [
        word for word in ("1 org,", "1 session,", "1 course,", "1 class,", "1 user,") if word not in why(written)
    ] == []
    assert Kind.ORGS.value == "orgs"
