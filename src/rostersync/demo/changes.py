"""What happens to a district as days pass; every change is stamped with the time given."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime
from typing import NamedTuple

from rostersync.demo import people
from rostersync.demo.district import District, Record, stamp
from rostersync.demo.generate import enroll
from rostersync.demo.names import FAMILY

# How often a day ends a class.
ENDS = 0.3


class Happened(NamedTuple):
    """One change of a district: what was done to which record, in words."""

    kind: str
    sourced_id: str
    what: str


def join(district: District, rng: random.Random, now: datetime, school: str) -> Happened:
    """A student joins a school, in the grade and the classes of one of its students."""
    model = rng.choice(students_of(district, school))
    sourced_id = people.add_student(district, rng, stamp(now), school, model["grades"][0])
    for class_id in classes_of(district, model["sourcedId"]):
        begin = now.date().isoformat()
        enroll(district, stamp(now), sourced_id, class_id, "student", beginDate=begin)
    return Happened("users", sourced_id, f"joined {_name(district, school)}")


def leave(district: District, student: str, now: datetime) -> Happened:
    """A student leaves: their enrollments end today, and their record stays."""
    for enrollment in list(district.enrollments_of(student)):
        district.touch("enrollments", enrollment["sourcedId"], now, endDate=now.date().isoformat())
    return Happened("users", student, "left")


def expel(district: District, student: str, now: datetime) -> Happened:
    """A student and all their enrollments are marked deleted."""
    for enrollment in list(district.enrollments_of(student)):
        district.mark_deleted("enrollments", enrollment["sourcedId"], now)
    district.mark_deleted("users", student, now)
    return Happened("users", student, "marked deleted")


def forget(district: District, student: str) -> Happened:
    """A student and all their enrollments are gone without a mark."""
    for enrollment in list(district.enrollments_of(student)):
        district.drop("enrollments", enrollment["sourcedId"])
    district.drop("users", student)
    district.demographics.pop(student, None)
    return Happened("users", student, "gone without a mark")


def move_class(district: District, student: str, old: str, new: str, now: datetime) -> Happened:
    """A student changes from one class to another: the old enrollment is marked deleted, a new one made."""
    for enrollment in list(district.enrollments_of(student)):
        if enrollment["class"] == old:
            district.mark_deleted("enrollments", enrollment["sourcedId"], now)
    sourced_id = enroll(district, stamp(now), student, new, "student", beginDate=now.date().isoformat())
    return Happened("enrollments", sourced_id, f"{student} moved from {old} to {new}")


def move_school(district: District, rng: random.Random, student: str, school: str, now: datetime) -> Happened:
    """A student changes school: the old enrollments end, the role moves, new enrollments begin."""
    leave(district, student, now)
    model = rng.choice(students_of(district, school))
    roles = [{"roleType": "primary", "role": "student", "org": school}]
    district.touch("users", student, now, roles=roles, primaryOrg=school, grades=list(model["grades"]))
    for class_id in classes_of(district, model["sourcedId"]):
        enroll(district, stamp(now), student, class_id, "student", beginDate=now.date().isoformat())
    return Happened("users", student, f"moved to {_name(district, school)}")


def rename(district: District, user: str, family: str, now: datetime) -> Happened:
    """A user gets another family name; the email stays."""
    old = district.users[user]["familyName"]
    district.touch("users", user, now, familyName=family)
    return Happened("users", user, f"renamed from {old} to {family}")


def end_class(district: District, class_id: str, now: datetime) -> Happened:
    """A class ends: it and its enrollments are marked deleted."""
    for enrollment in list(district.enrollments.values()):
        if enrollment.get("class") == class_id:
            district.mark_deleted("enrollments", enrollment["sourcedId"], now)
    district.mark_deleted("classes", class_id, now)
    return Happened("classes", class_id, "ended")


def next_day(district: District, seed: int, now: datetime) -> list[Happened]:
    """Let a small ordinary day pass at `now` (an aware datetime); the same district, seed and time give the same day.

    Two students join, one leaves, one is deleted by mark and one without, one changes school, one a class, a teacher
    changes name; now and then a class ends.
    """
    rng = random.Random(f"{seed}-{now.date()}")  # noqa: S311 - sample data, no secrets
    schools = _schools(district)
    happened = [join(district, rng, now, rng.choice(schools)) for _ in range(2)]
    leaver, expelled, forgotten, mover, changer = rng.sample(_settled(district), 5)
    happened.append(leave(district, leaver, now))
    happened.append(expel(district, expelled, now))
    happened.append(forget(district, forgotten))
    home = district.users[mover]["primaryOrg"]
    happened.append(move_school(district, rng, mover, rng.choice([one for one in schools if one != home]), now))
    happened.extend(_other_class(district, rng, changer, now))
    teacher = rng.choice([sourced_id for sourced_id in district.users if sourced_id.startswith("tch-")])
    happened.append(rename(district, teacher, _other_name(rng, district.users[teacher]["familyName"]), now))
    if rng.random() < ENDS:
        happened.append(end_class(district, rng.choice(_scheduled(district)), now))
    return happened


def _other_name(rng: random.Random, name: str) -> str:
    """Choose a family name that is not this one."""
    return rng.choice([other for other in FAMILY if other != name])


def _scheduled(district: District) -> list[str]:
    """Name the live classes that are no homerooms."""
    return [one for one, row in district.classes.items() if is_live(row) and row.get("classType") == "scheduled"]


def _other_class(district: District, rng: random.Random, student: str, now: datetime) -> list[Happened]:
    """Let a student change one class for another of the same school."""
    own = classes_of(district, student)
    home = district.users[student]["primaryOrg"]
    others = [one for one, place in district.classes.items() if place.get("school") == home and one not in own]
    live = [one for one in others if is_live(district.classes[one]) and "title" in district.classes[one]]
    return [move_class(district, student, rng.choice(own), rng.choice(live), now)] if own and live else []


def is_live(record: Record) -> bool:
    """Say whether a record is not marked deleted."""
    return bool(record.get("status") == "active")


def students_of(district: District, school: str) -> list[Record]:
    """Give the live students whose primary org is a school."""
    users = district.users.values()
    return [user for user in users if user.get("primaryOrg") == school and is_live(user) and _is_student(user)]


def classes_of(district: District, student: str) -> list[str]:
    """Name the classes in which a student has an enrollment that is live and has no end."""
    rows = district.enrollments_of(student)
    return list(dict.fromkeys(row["class"] for row in rows if is_live(row) and "endDate" not in row))


def _schools(district: District) -> list[str]:
    """Name the live schools that have at least two students, in the district's order."""
    sizes = Counter(user.get("primaryOrg") for user in district.users.values() if is_live(user) and _is_student(user))
    return [
        one for one, org in district.orgs.items() if org.get("type") == "school" and is_live(org) and sizes[one] > 1
    ]


def _settled(district: District) -> list[str]:
    """Name the students to whom something may happen: those who are in classes and no example."""
    examples = set(district.examples.values())
    users = [user["sourcedId"] for user in district.users.values() if is_live(user) and _is_student(user)]
    busy = {row["user"] for row in district.enrollments.values() if is_live(row) and "endDate" not in row}
    return [student for student in users if student in busy and student not in examples]


def _is_student(user: Record) -> bool:
    """Say whether a user is only a student."""
    return {role.get("role") for role in user.get("roles", [])} == {"student"}


def _name(district: District, school: str) -> str:
    """Give the name of a school."""
    return str(district.orgs[school].get("name", school))
