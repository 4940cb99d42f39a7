"""Students, teachers and staff of a sample district."""

from __future__ import annotations

import random

from rostersync.demo.district import District, Record
from rostersync.demo.names import FAMILY, GIVEN, GRADES, ascii_name

STAFF = ("principal", "counselor", "aide", "proctor", "siteAdministrator")
CENTRAL = ("districtAdministrator", "systemAdministrator")
SEXES = ("female", "male")


def add_student(district: District, rng: random.Random, since: str, school: str, grade: str) -> str:
    """Add a student with demographics; every fifth has the family name of the student before, being a sibling."""
    sourced_id = next_id(district, "stu")
    number = district.numbers["stu"]
    before = district.users.get(f"stu-{number - 1:04d}")
    family = before["familyName"] if before and number % 5 == 0 else rng.choice(FAMILY)
    user = person(district, rng, since, sourced_id, ("student", school), family)
    user.update(grades=[grade], identifier=f"{700000 + number}")
    if number % 11 == 0:
        user["middleName"] = rng.choice(GIVEN)
    birth = f"{district.year - 5 - GRADES.index(grade)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    district.add("demographics", sourced_id, since, birthDate=birth, sex=rng.choice(SEXES))
    return sourced_id


def add_teacher(district: District, rng: random.Random, since: str, school: str) -> str:
    """Add a teacher of a school."""
    sourced_id = next_id(district, "tch")
    person(district, rng, since, sourced_id, ("teacher", school), rng.choice(FAMILY))["phone"] = "555-0100"
    return sourced_id


def add_staff(district: District, rng: random.Random, since: str, schools: list[str]) -> None:
    """Add the staff of every school, and of the district's office."""
    for school in schools:
        for role in STAFF:
            person(district, rng, since, next_id(district, "stf"), (role, school), rng.choice(FAMILY))
    for role in CENTRAL:
        person(district, rng, since, next_id(district, "stf"), (role, "org-district"), rng.choice(FAMILY))


def next_id(district: District, prefix: str) -> str:
    """Give the next sourcedId of a prefix; none is ever given twice."""
    number = district.numbers[prefix] = district.numbers.get(prefix, 0) + 1
    return f"{prefix}-{number:04d}"


def person(
    district: District, rng: random.Random, since: str, sourced_id: str, place: tuple[str, str], family: str
) -> Record:
    """Add a user with one role in one org (`place`), a username and an email of their own."""
    given = rng.choice(GIVEN)
    role, org = place
    prefix, _, number = sourced_id.partition("-")
    username = f"{ascii_name(given)}.{ascii_name(family)}.{prefix[0]}{number}"
    return district.add(
        "users",
        sourced_id,
        since,
        enabledUser="true",
        username=username,
        givenName=given,
        familyName=family,
        email=f"{username}@example.org",
        roles=[{"roleType": "primary", "role": role, "org": org}],
        primaryOrg=org,
    )


def add_role(district: District, user: str, role: str, org: str, role_type: str = "secondary") -> None:
    """Give a user one more role."""
    district.users[user]["roles"].append({"roleType": role_type, "role": role, "org": org})
