"""Districts of any size as a stream of rows, the same every time; no district is ever in one list.

Every row is a function of its number alone, so that any part can be made without the rest. Rows come in the order of
their sourcedIds; users and enrollments are shuffled over these as they are in real sources. One record in a hundred
changes between the first day and the second: classes and users are edited, enrollments also come and go.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from benchmarks.rows import Class, Course, Enrollment, Org, Row, Session, User

SECTION = 25
SUBJECTS = ("Homeroom", "Mathematics", "English", "Science", "History", "Art")
GRADES = ("KG", *(f"{number:02}" for number in range(1, 13)))
SCHOOL = 24
"""Sections in a school: 600 students."""
CLASSES_A_TEACHER = 5
STAFF = ("administrator", "aide", "proctor")
SIBLINGS = 5
"""Of every five students two are siblings, so that there are eight parents to five students."""

FIRST_DAY, SECOND_DAY = 1, 2
CHANGED_AT = "2026-10-01T15:00:00.000Z"
"""What the records of the second day say; `benchmarks.server` tells the time before and after it."""
EVERY, AT = 100, 37
_GONE, _NEW = 37, 137
_MIX = 0x9E3779B97F4A7C15

_GIVEN = (
    "Ann",
    "José",
    "Mia",
    "Liam",
    "Zoë",
    "Noah",
    "Aisha",
    "Björn",
    "Grace",
    "Omar",
    "Lucía",
    "Henry",
    "Mei",
    "Ivan",
)
_FAMILY = (
    "Smith",
    "O'Brien",
    "García",
    "Nguyen",
    "Müller",
    "Johnson",
    "Kowalski",
    "Okafor",
    "Lee",
    "Brown",
    "Sørensen",
)


COLLECTIONS = ("orgs", "academicSessions", "courses", "classes", "users", "enrollments")
DISTRICT, YEAR = "0-district", "0-2026"
_OLD = "2026-08-01T06:00:00.000Z"
_SESSIONS = (
    (YEAR, "School Year 2026-2027", "schoolYear", "2026-08-15", "2027-06-15", ""),
    ("0-2026-s1", "Semester 1", "semester", "2026-08-15", "2027-01-10", YEAR),
    ("0-2026-s2", "Semester 2", "semester", "2027-01-10", "2027-06-15", YEAR),
    ("0-2026-t1", "Term 1", "term", "2026-08-15", "2026-10-20", "0-2026-s1"),
    ("0-2026-t2", "Term 2", "term", "2026-10-20", "2027-01-10", "0-2026-s1"),
)


class District:
    """A district of that many students; see `rows`."""

    def __init__(self, students: int) -> None:
        """Count what there is on the second day, which has some enrollments that the first has not."""
        self.students = students
        self.sections = -(-students // SECTION)
        self.schools = -(-self.sections // SCHOOL)
        self.classes = self.sections * len(SUBJECTS)
        self.teachers = -(-self.classes // CLASSES_A_TEACHER)
        self.parents = 2 * (_families(students - 1) + 1)
        self.users = students + self.teachers + self.parents + self.schools * len(STAFF)
        self.enrollments = students * len(SUBJECTS) + self.classes
        self.new_enrollments = len(range(_NEW, self.enrollments, 10 * EVERY))
        self._people = _factor(self.users)
        self._number = pow(self._people, -1, self.users)
        self._places = _factor(self.enrollments)

    def rows(self, collection: str, day: int, *, changed: bool = False) -> Iterator[Row]:
        """Stream a collection as it is on a day; with `changed` only what is not as it was on the day before."""
        match collection:
            case "orgs":
                return iter(()) if changed else self._orgs()
            case "academicSessions":
                return iter(()) if changed else (Session(row[0], _OLD, *row[1:]) for row in _SESSIONS)
            case "courses":
                return iter(()) if changed else self._courses()
            case "classes":
                return (self._class(n, day) for n in _numbers(self.classes, changed=changed))
            case "users":
                return (self._user(n, day) for n in _numbers(self.users, changed=changed))
            case _:
                numbers = _numbers(self.enrollments, changed=changed)
                return (self._enrollment(n, day) for n in numbers if day == SECOND_DAY or n % (10 * EVERY) != _NEW)

    def _orgs(self) -> Iterator[Org]:
        yield Org(DISTRICT, _OLD, "Springdale Unified School District", "district", "9900000", "")
        for n in range(self.schools):
            yield Org(school_id(n), _OLD, f"Springdale School {n + 1}", "school", f"99{n + 1:05}", DISTRICT)

    def _courses(self) -> Iterator[Course]:
        for subject in sorted(SUBJECTS):
            for grade in sorted(GRADES):
                code = f"{subject[:3].upper()}{grade}"
                yield Course(f"2-{code}", _OLD, f"{subject} {grade}", code, grade, subject)

    def _class(self, n: int, day: int) -> Class:
        section, subject = divmod(n, len(SUBJECTS))
        grade, name = _grade(section), SUBJECTS[subject]
        edited = day == SECOND_DAY and n % EVERY == AT
        code = f"{name[:3].upper()}{grade}-{section % SCHOOL + 1}"
        title = f"{name} {grade}, section {section % SCHOOL + 1}{' (moved)' if edited else ''}"
        term = "0-2026-s1" if name == "Science" else YEAR
        course = f"2-{name[:3].upper()}{grade}"
        school = school_id(section // SCHOOL)
        return Class(class_id(n), _modified(n, edited=edited), title, code, grade, name, course, school, term)

    def _user(self, n: int, day: int) -> User:
        person = n * self._people % self.users
        edited = day == SECOND_DAY and n % EVERY == AT
        given, family = _GIVEN[person % len(_GIVEN)], _FAMILY[person // 3 % len(_FAMILY)]
        role, section, grade, agents = self._place(person)
        middle = "Edit" if edited else _GIVEN[n % len(_GIVEN)] if n % 11 == 0 else ""
        stamp, name = _modified(n, edited=edited), f"{role[:2]}.{person:07}"
        school = school_id(section // SCHOOL)
        return User(user_id(n), stamp, role, school, name, given, middle, family, f"{person:08}", grade, agents)

    def _place(self, person: int) -> tuple[str, int, str, tuple[str, ...]]:
        """The role of a person, a section of their school, their grade, and who belongs to them."""
        if person < self.students:
            first = self.students + self.teachers + 2 * _families(person)
            return "student", person // SECTION, _grade(person // SECTION), (self._id(first), self._id(first + 1))
        rest = person - self.students
        if rest < self.teachers:
            return "teacher", rest * CLASSES_A_TEACHER // len(SUBJECTS), "", ()
        rest -= self.teachers
        if rest < self.parents:
            children = [child for child in _children(rest // 2) if child < self.students]
            return "parent", children[0] // SECTION, "", tuple(self._id(child) for child in children)
        school, role = divmod(rest - self.parents, len(STAFF))
        return STAFF[role], school * SCHOOL, "", ()

    def _id(self, person: int) -> str:
        """The sourcedId under which a person stands."""
        return user_id(person * self._number % self.users)

    def _enrollment(self, n: int, day: int) -> Enrollment:
        place = n * self._places % self.enrollments
        student, subject = divmod(place, len(SUBJECTS))
        if student < self.students:
            role, person, number = "student", student, student // SECTION * len(SUBJECTS) + subject
        else:
            number = place - self.students * len(SUBJECTS)
            role, person = "teacher", self.students + number // CLASSES_A_TEACHER
        edited = day == SECOND_DAY and n % EVERY == AT
        status = "tobedeleted" if edited and n % (10 * EVERY) == _GONE else "active"
        school = school_id(number // len(SUBJECTS) // SCHOOL)
        begins = "2026-09-15" if edited else "2026-08-15"
        stamp, user = _modified(n, edited=edited), self._id(person)
        return Enrollment(enrollment_id(n), stamp, status, role, user, class_id(number), school, begins)


def school_id(n: int) -> str:
    """The sourcedId of a school."""
    return f"1{n:07x}-5c00-4000-8000-{n * _MIX & 0xFFFFFFFFFFFF:012x}"


def class_id(n: int) -> str:
    """The sourcedId of a class."""
    return f"3{n:07x}-c1a5-4000-8000-{n * _MIX & 0xFFFFFFFFFFFF:012x}"


def user_id(n: int) -> str:
    """The sourcedId of the user with this number."""
    return f"4{n:07x}-d0e0-4000-8000-{n * _MIX & 0xFFFFFFFFFFFF:012x}"


def enrollment_id(n: int) -> str:
    """The sourcedId of the enrollment with this number."""
    return f"5{n:07x}-e170-4000-8000-{n * _MIX & 0xFFFFFFFFFFFF:012x}"


def _factor(count: int) -> int:
    """What numbers are multiplied with to shuffle them: about 0.6 of the count, with no divisor in common."""
    return next(f for f in range(count * 618 // 1000 + 1, 2 * count + 2) if math.gcd(f, count) == 1)


def _numbers(count: int, *, changed: bool) -> range:
    return range(AT, count, EVERY) if changed else range(count)


def _modified(n: int, *, edited: bool) -> str:
    return CHANGED_AT if edited else f"2026-08-{n % 28 + 1:02}T0{n % 10}:30:00.000Z"


def _grade(section: int) -> str:
    return GRADES[section % SCHOOL * len(GRADES) // SCHOOL]


def _families(student: int) -> int:
    """The number of a student's family: the first two of every five are siblings."""
    five, one = divmod(student, SIBLINGS)
    return five * (SIBLINGS - 1) + max(0, one - 1)


def _children(family: int) -> list[int]:
    five, one = divmod(family, SIBLINGS - 1)
    first = five * SIBLINGS
    return [first, first + 1] if one == 0 else [first + one + 1]
