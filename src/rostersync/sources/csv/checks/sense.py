"""What is wrong in a row although each of its values is right: dates, loops, schools, teachers, agents, roles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from rostersync.sources.csv.checks.finding import Flaw
from rostersync.sources.csv.checks.index import Index, RoleOf, Thing

Cells = Mapping[str, str]
"""The cells of a row by column, trimmed."""

Sense = Callable[[Cells, int, Index], Iterator[Flaw]]
"""Gives the flaws of a row, with its line and what is known of the others."""

_FAMILY = frozenset({"parent", "guardian", "relative"})
_MOST_STEPS = 50


def facts(file: str, cells: Cells, line: int) -> Thing:
    """What checks of other records need to know of a record."""
    get = cells.get
    match file:
        case "orgs":
            return Thing(line, get("type", ""), get("parentSourcedId", ""))
        case "academicSessions":
            return Thing(line, get("startDate", ""), get("parentSourcedId", ""), get("endDate", ""))
        case "classes":
            return Thing(line, get("schoolSourcedId", ""))
        case "users":
            return Thing(line, get("role", ""))
        case _:
            return Thing(line)


def _org(cells: Cells, _line: int, index: Index) -> Iterator[Flaw]:
    yield from _loop("orgs", cells, index)


def _session(cells: Cells, _line: int, index: Index) -> Iterator[Flaw]:
    start, end, year = cells.get("startDate", ""), cells.get("endDate", ""), cells.get("schoolYear", "")
    yield from _reversed(start, end, "endDate")
    yield from _loop("academicSessions", cells, index)
    parent = index.find("academicSessions", cells.get("parentSourcedId", "") or "\0")
    if parent and start and end and parent.a and parent.c and not (parent.a <= start and end <= parent.c):
        message = f"{start} to {end} is not within its parent's {parent.a} to {parent.c}"
        yield Flaw("session-outside-parent", "startDate", start, message)
    if year.isdigit() and end[:4].isdigit() and not int(end[:4]) - 1 <= int(year) <= int(end[:4]) + 1:
        yield Flaw("year-mismatch", "schoolYear", year, f"schoolYear is {year}, and the session ends on {end}")


def _class(cells: Cells, _line: int, index: Index) -> Iterator[Flaw]:
    yield from _subjects(cells)
    yield from _school(cells, index)


def _course(cells: Cells, _line: int, _index: Index) -> Iterator[Flaw]:
    yield from _subjects(cells)


def _enrollment(cells: Cells, line: int, index: Index) -> Iterator[Flaw]:
    begin, end, role = cells.get("beginDate", ""), cells.get("endDate", ""), cells.get("role", "")
    class_id, school = cells.get("classSourcedId", ""), cells.get("schoolSourcedId", "")
    yield from _reversed(begin, end, "endDate")
    yield from _school(cells, index)
    class_ = index.find("classes", class_id)
    if class_ and class_.a and school and class_.a != school:
        message = f"the enrollment is of school {school}, its class of {class_.a}"
        yield Flaw("enrollment-school", "schoolSourcedId", school, message)
    if cells.get("primary", "").lower() == "true":
        yield from _primary(class_id, role, line, index)
    same = "\0".join((class_id, cells.get("userSourcedId", ""), role, begin, end))
    if (other := index.claim("enrollment", same, line)) is not None:
        user = cells.get("userSourcedId", "")
        yield Flaw("enrollment-twice", "userSourcedId", user, f"line {other} has the same user, class, role and dates")


def _primary(class_id: str, role: str, line: int, index: Index) -> Iterator[Flaw]:
    if role.lower() != "teacher":
        yield Flaw("primary-not-teacher", "primary", "true", f"primary is true for the role {role[:40]}")
    elif (other := index.claim("primary", class_id, line)) is not None:
        yield Flaw("two-primary-teachers", "primary", "true", f"line {other} has a primary teacher of {class_id}")


def _user(cells: Cells, line: int, index: Index) -> Iterator[Flaw]:
    user = cells.get("sourcedId", "")
    roles = [cells["role"]] if cells.get("role") else [role.role for role in index.roles(user)]
    yield from _agents(user, roles, cells.get("agentSourcedIds", ""), index)
    username, email = cells.get("username", "").casefold(), cells.get("email", "").casefold()
    if username and (other := index.claim("username", username, line)) is not None:
        yield Flaw("username-taken", "username", username, f"line {other} has the same username")
    for role in sorted(set(roles)) if email else []:
        if (other := index.claim(f"email of {role}", email, line)) not in {None, line}:
            yield Flaw("email-taken", "email", email, f"line {other} is a {role[:40]} with the same email")


def _agents(user: str, roles: list[str], agents: str, index: Index) -> Iterator[Flaw]:
    for agent in filter(None, (part.strip() for part in agents.split(","))):
        if agent == user:
            yield Flaw("agent-self", "agentSourcedIds", agent, "the user is their own agent")
            continue
        known = index.find("users", agent)
        if "student" not in roles or known is None:
            continue
        held = {known.a} if known.a else {role.role for role in index.roles(agent)}
        if held and not held & _FAMILY:
            message = f"the agent {agent[:60]} of a student is {', '.join(sorted(held))[:60]}"
            yield Flaw("agent-not-family", "agentSourcedIds", agent, message)


def roles_of(user: str, roles: list[RoleOf]) -> Iterator[tuple[int, Flaw]]:
    """The flaws of a user's roles taken together, each with the line in roles.csv."""
    orgs: dict[str, list[RoleOf]] = {}
    for role in roles:
        orgs.setdefault(role.org, []).append(role)
    for org, held in orgs.items():
        primary = [role for role in held if role.type == "primary"]
        for role in primary[1:]:
            message = f"line {primary[0].line} has a primary role of {user} in {org} already"
            yield role.line, Flaw("two-primary-roles", "roleType", "primary", message)
        if not primary:
            message = f"{user} has no primary role in {org}"
            yield held[0].line, Flaw("no-primary-role", "roleType", held[0].type, message)


def _role(cells: Cells, _line: int, _index: Index) -> Iterator[Flaw]:
    yield from _reversed(cells.get("beginDate", ""), cells.get("endDate", ""), "endDate")


def _reversed(start: str, end: str, column: str) -> Iterator[Flaw]:
    if start and end and end <= start:
        yield Flaw("dates-reversed", column, end, f"it ends on {end[:40]} and begins on {start[:40]}")


def _loop(file: str, cells: Cells, index: Index) -> Iterator[Flaw]:
    """Whether following the parents comes back here."""
    here, parent = cells.get("sourcedId", ""), cells.get("parentSourcedId", "")
    step = parent
    for _ in range(_MOST_STEPS):
        if not step:
            return
        if step == here:
            yield Flaw("parent-loop", "parentSourcedId", parent, f"following the parents of {here} leads back to it")
            return
        found = index.find(file, step)
        step = found.b if found else ""


def _school(cells: Cells, index: Index) -> Iterator[Flaw]:
    school = cells.get("schoolSourcedId", "")
    org = index.find("orgs", school)
    if org and org.a and org.a.lower() != "school":
        yield Flaw("not-a-school", "schoolSourcedId", school, f"{school} is a {org.a[:40]}, not a school")


def _subjects(cells: Cells) -> Iterator[Flaw]:
    subjects, codes = cells.get("subjects", ""), cells.get("subjectCodes", "")
    if subjects and codes and subjects.count(",") != codes.count(","):
        counts = f"{subjects.count(',') + 1} subjects and {codes.count(',') + 1} subjectCodes"
        yield Flaw("subjects-uneven", "subjectCodes", codes, f"there are {counts}")


SENSE: dict[str, Sense] = {
    "orgs": _org,
    "academicSessions": _session,
    "courses": _course,
    "classes": _class,
    "users": _user,
    "roles": _role,
    "enrollments": _enrollment,
}
"""What is looked at in the rows of each file."""
