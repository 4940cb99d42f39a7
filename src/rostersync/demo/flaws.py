"""The flaws of a sample district: a few of the things that are wrong in every real source."""

from __future__ import annotations

from rostersync.demo.district import District


def add_flaws(district: District, since: str) -> None:
    """Put one flaw of each sort into a district and note in its `examples` where."""
    _dangling_enrollment(district, since)
    _parent_without_email(district)
    _class_without_title(district, since)
    _same_email(district)
    _unknown_role(district, since)
    _school_without_class(district, since)
    _disabled_user(district)


def _dangling_enrollment(district: District, since: str) -> None:
    """Add an enrollment of a user who is not in the source."""
    place = next(iter(district.classes.values()))
    fields = {"class_": place["sourcedId"], "school": place["school"], "role": "student"}
    district.add("enrollments", "enr-dangling", since, user="stu-gone", **fields)
    district.examples["dangling enrollment"] = "enr-dangling"


def _parent_without_email(district: District) -> None:
    """Take the email of a parent who has a child."""
    for sourced_id, user in district.users.items():
        if sourced_id.startswith("par-") and user.get("agents"):
            del user["email"]
            district.examples["parent without email"] = sourced_id
            return


def _class_without_title(district: District, since: str) -> None:
    """Add a class that lacks what rule 0.3 requires."""
    like = next(iter(district.classes.values()))
    fields = {key: like[key] for key in ("course", "school", "terms", "classType")}
    district.add("classes", "cls-untitled", since, **fields)
    district.examples["class without title"] = "cls-untitled"


def _same_email(district: District) -> None:
    """Give the sixth student the email of the seventh."""
    students = list(district.demographics)
    district.users[students[5]]["email"] = district.users[students[6]]["email"]
    district.examples["email of another"] = students[5]


def _unknown_role(district: District, since: str) -> None:
    """Add a user whose role is none of the standard's."""
    org = next(school["sourcedId"] for school in district.orgs.values() if school["type"] == "school")
    name = {"givenName": "Odd", "familyName": "Jobs", "username": "odd.jobs", "email": "odd.jobs@example.org"}
    roles = [{"roleType": "primary", "role": "librarian", "org": org}]
    district.add("users", "usr-librarian", since, enabledUser="true", roles=roles, primaryOrg=org, **name)
    district.examples["unknown role"] = "usr-librarian"


def _school_without_class(district: District, since: str) -> None:
    """Add a school that has one student and no class."""
    fields = {"name": "Hillside Annex", "type": "school", "identifier": "9999999", "parent": "org-district"}
    district.add("orgs", "sch-annex", since, **fields)
    name = {"givenName": "Solo", "familyName": "Annex", "username": "solo.annex", "email": "solo.annex@example.org"}
    roles = [{"roleType": "primary", "role": "student", "org": "sch-annex"}]
    grades = ["05"]
    district.add(
        "users", "stu-annex", since, enabledUser="true", roles=roles, primaryOrg="sch-annex", grades=grades, **name
    )
    district.examples["school without class"] = "sch-annex"
    district.examples["student without class"] = "stu-annex"


def _disabled_user(district: District) -> None:
    """Curtail the login of the eighth student."""
    sourced_id = list(district.demographics)[7]
    district.users[sourced_id]["enabledUser"] = "false"
    district.examples["disabled student"] = sourced_id
