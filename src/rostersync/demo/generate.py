"""Makes a sample district: the same arguments always give the same district, at any size.

Zones of about 1,800 students have an elementary, a middle and a high school each. Every student has a homeroom and a
class in each of five subjects. 100,000 students make about 900,000 records.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from rostersync.demo import calendar, families, flaws, people
from rostersync.demo.district import District
from rostersync.demo.names import GRADES, PLACES, SUBJECTS
from rostersync.errors import UsageError

# Below two in each grade there would be nobody to be special.
LEAST = 26
ZONE = 1800
SECTION = 25
CLASSES_A_TEACHER = 5
# Every fourth class has a second teacher.
CO_TAUGHT = 4
LEVELS = (
    ("elementary", "Elementary", GRADES[:6]),
    ("middle", "Middle School", GRADES[6:9]),
    ("high", "High School", GRADES[9:]),
)
DISTRICT = "org-district"
HOMEROOM = ("Homeroom", "HR", "22106")


@dataclass(slots=True)
class School:
    """What the generator remembers of a school while it fills it."""

    sourced_id: str
    students: dict[str, list[str]] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)
    teachers: list[str] = field(default_factory=list)


def make_district(
    students: int = 120, seed: int = 1, year: int = 2026, *, parents: bool = True, with_flaws: bool = True
) -> District:
    """Make a district of that many students whose school year begins in August of `year`.

    `seed` chooses names and circumstances. `with_flaws` adds what real sources have too: a dangling enrollment, a
    parent without email and so on; `District.examples` says where each special case is. Raises UsageError for fewer
    than 26 students.
    """
    if students < LEAST:
        raise UsageError(f"A district of {students} students is too small", f"Ask for {LEAST} or more.")
    district = District(year=year)
    rng = random.Random(seed)  # noqa: S311 - sample data, no secrets
    since = f"{year}-08-01T06:00:00.000Z"
    calendar.add_sessions(district, since)
    schools = _schools(district, since, students)
    _courses(district, since)
    _students(district, rng, since, schools, students)
    for school in schools:
        _fill(district, rng, since, school)
    people.add_staff(district, rng, since, [school.sourced_id for school in schools])
    if parents:
        families.add_parents(district, rng, since)
    _special(district, since, schools)
    if with_flaws:
        flaws.add_flaws(district, since)
    return district


def _schools(district: District, since: str, students: int) -> list[School]:
    """Add the district, its transport department and the schools of every zone."""
    district.add(
        "orgs", DISTRICT, since, name="Springdale Unified School District", type="district", identifier="9900000"
    )
    department = {"name": "Curriculum Department", "type": "department", "identifier": "9900000-C", "parent": DISTRICT}
    district.add("orgs", "org-curriculum", since, **department)
    return [_school(district, since, zone, level) for zone in range(max(1, -(-students // ZONE))) for level in range(3)]


def _school(district: District, since: str, zone: int, level: int) -> School:
    """Add one school."""
    number = zone * len(LEVELS) + level + 1
    sourced_id = f"sch-{number:02d}"
    name = f"{_place(zone)} {LEVELS[level][1]}"
    district.add("orgs", sourced_id, since, name=name, type="school", identifier=f"99{number:05d}", parent=DISTRICT)
    return School(sourced_id)


def _place(zone: int) -> str:
    """Name a zone; after the last name they begin again with a number."""
    again, index = divmod(zone, len(PLACES))
    return f"{PLACES[index]} {again + 1}" if again else PLACES[index]


def _courses(district: District, since: str) -> None:
    """Add the district's courses: each subject and the homeroom in each grade, and a handbook for one of them."""
    for grade in GRADES:
        for title, code, subject_code in (HOMEROOM, *SUBJECTS):
            district.add(
                "courses",
                course_id(code, grade),
                since,
                title=f"{title} {grade}",
                courseCode=f"{code}{grade}",
                schoolYear=calendar.school_year(district.year),
                org=DISTRICT,
                grades=[grade],
                subjects=[title],
                subjectCodes=[subject_code],
            )
    book = {"title": "Mathematics Handbook", "roles": ["student", "teacher"], "importance": "primary"}
    district.add("resources", "res-0001", since, vendorResourceId="handbook-1", vendorId="demo-books", **book)
    district.courses[course_id("MAT", "KG")]["resources"] = ["res-0001"]


def course_id(code: str, grade: str) -> str:
    """Name the course of a subject in a grade."""
    return f"crs-{code.lower()}-{grade.lower()}"


def _students(district: District, rng: random.Random, since: str, schools: list[School], count: int) -> None:
    """Deal the students out over grades and zones, every one with demographics."""
    zones = len(schools) // len(LEVELS)
    for index in range(count):
        grade = GRADES[index % len(GRADES)]
        level = next(number for number, (_, _, grades) in enumerate(LEVELS) if grade in grades)
        school = schools[index // len(GRADES) % zones * len(LEVELS) + level]
        sourced_id = people.add_student(district, rng, since, school.sourced_id, grade)
        school.students.setdefault(grade, []).append(sourced_id)


def _fill(district: District, rng: random.Random, since: str, school: School) -> None:
    """Give a school its classes, its teachers, and everybody their enrollments."""
    for grade, students in school.students.items():
        for section, members in enumerate(_sections(students)):
            for subject in (HOMEROOM, *SUBJECTS):
                class_id = _class(district, since, school, subject, grade, section)
                for student in members:
                    enroll(district, since, student, class_id, "student")
    count = max(2, len(school.classes) // CLASSES_A_TEACHER)
    school.teachers.extend(people.add_teacher(district, rng, since, school.sourced_id) for _ in range(count))
    for number, class_id in enumerate(school.classes):
        enroll(district, since, school.teachers[number % count], class_id, "teacher", primary="true")
        if number % CO_TAUGHT == 0:
            enroll(district, since, school.teachers[(number + 1) % count], class_id, "teacher", primary="false")


def _sections(students: list[str]) -> Iterator[list[str]]:
    """Split the students of a grade into sections of at most 25."""
    for start in range(0, len(students), SECTION):
        yield students[start : start + SECTION]


def _class(
    district: District, since: str, school: School, subject: tuple[str, str, str], grade: str, section: int
) -> str:
    """Add a class: homerooms last the year, subjects a semester or a term."""
    title, code, subject_code = subject
    sourced_id = f"cls-{len(district.classes) + 1:04d}"
    letter = chr(ord("A") + section)
    district.add(
        "classes",
        sourced_id,
        since,
        title=f"{title} {grade}{letter}",
        classCode=f"{code}{grade}{letter}",
        classType="homeroom" if subject is HOMEROOM else "scheduled",
        location=f"Room {len(school.classes) + 101}",
        course=course_id(code, grade),
        school=school.sourced_id,
        terms=_terms(district.year, code),
        grades=[grade],
        subjects=[title],
        subjectCodes=[subject_code],
        periods=[str(len(school.classes) % 7 + 1)],
    )
    school.classes.append(sourced_id)
    return sourced_id


def _terms(year: int, code: str) -> list[str]:
    """Name the sessions of a class: the year, but for science by semester and art by terms."""
    by_code = {"SCI": [calendar.semester(year, 1)], "ART": [calendar.term(year, 2), calendar.term(year, 3)]}
    return by_code.get(code) or [calendar.school_year(year)]


def enroll(district: District, modified: str, user: str, class_id: str, role: str, **fields: str) -> str:
    """Enroll a user in a class of the district under the next free sourcedId; gives that id."""
    number = district.numbers["enr"] = district.numbers.get("enr", 0) + 1
    sourced_id = f"enr-{number:06d}"
    school = district.classes[class_id]["school"]
    district.add("enrollments", sourced_id, modified, user=user, class_=class_id, school=school, role=role, **fields)
    return sourced_id


def _special(district: District, since: str, schools: list[School]) -> None:
    """Add the ordinary exceptions: a leaver, a newcomer, a class of a past term, people of two schools or two roles."""
    year, elementary, middle, high = district.year, schools[0], schools[1], schools[2]
    examples, grades = district.examples, list(elementary.students.values())
    examples["leaver"] = grades[0][0]
    for enrollment in district.enrollments_of(examples["leaver"]):
        enrollment.update(beginDate=f"{year}-08-15", endDate=f"{year}-10-01")
    examples["newcomer"] = grades[1][0]
    for enrollment in district.enrollments_of(examples["newcomer"]):
        enrollment["beginDate"] = f"{year + 1}-01-10"
    examples["past class"] = _past_class(district, since, middle)
    examples["teacher of two schools"] = middle.teachers[1]
    people.add_role(district, middle.teachers[1], "teacher", high.sourced_id, "primary")
    enroll(district, since, middle.teachers[1], high.classes[1], "teacher", primary="false")
    examples["student of two schools"] = list(middle.students.values())[-1][0]
    people.add_role(district, examples["student of two schools"], "student", high.sourced_id, "primary")
    enroll(district, since, examples["student of two schools"], high.classes[1], "student")
    examples["teacher and parent"] = high.teachers[0]
    people.add_role(district, high.teachers[0], "parent", elementary.sourced_id, "primary")
    examples["child of a teacher"] = grades[2][0]
    families.link(district, examples["child of a teacher"], high.teachers[0])


def _past_class(district: District, since: str, school: School) -> str:
    """Add a class of the last school year, with its teacher and a student."""
    class_id = _class(district, since, school, SUBJECTS[0], GRADES[6], len(SUBJECTS))
    last = district.year - 1
    district.classes[class_id].update(title="Mathematics 06 (last year)", terms=[calendar.term(last, 4)])
    begin, end = calendar.term_dates(last, 4)
    student = next(iter(school.students.values()))[0]
    enroll(district, since, school.teachers[0], class_id, "teacher", primary="true", beginDate=begin, endDate=end)
    enroll(district, since, student, class_id, "student", beginDate=begin, endDate=end)
    return class_id
