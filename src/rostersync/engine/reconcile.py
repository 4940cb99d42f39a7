"""The entrance of the engine: rules.md from first to last, in its order of work.

`reconcile` decides about every record and returns a Reconciliation, which knows the numbers, the diagnostics and the
held schools, and yields the changes as a stream. It reads each stream of its inputs several times and keeps a few bytes
a record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rostersync.engine.changes import Decided, changes_of
from rostersync.engine.classes import Classes, ClassRules, require_roles
from rostersync.engine.enrollments import EnrollmentRules, Enrollments, present_roles, settle
from rostersync.engine.hold import HeldSchool, Hold, References, SchoolFacts, find_held, freeze, held_diagnostic
from rostersync.engine.identities import identify_parents, identify_people
from rostersync.engine.newcomers import Newcomers
from rostersync.engine.orgs import Orgs, select_orgs
from rostersync.engine.parents import Links, ParentRules, Relationships
from rostersync.engine.people import People, PeopleRules, StandingRules, index_users, reach
from rostersync.engine.rejections import named_schools, schools_of_class, schools_of_enrollment
from rostersync.engine.schools import known_orgs
from rostersync.engine.verdicts import KEPT
from rostersync.engine.work import Inputs, Work
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.plan import Change
from rostersync.model.run import Counts
from rostersync.model.snapshot import Course, Entry, Session, User


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was decided: numbers, findings, held schools, and the changes as a stream that may be read again.

    `until` is the first day on which a date of the data would make something else of the same inputs.
    """

    inputs: Inputs
    decided: Decided
    counts: Counts
    diagnostics: tuple[Diagnostic, ...]
    held: tuple[HeldSchool, ...]
    until: str | None

    def changes(self) -> Iterator[Change]:
        """Stream the plan's changes, sorted by kind and key (rule 12)."""
        return changes_of(self.inputs, self.decided)

    def live(self) -> dict[Kind, int]:
        """How many live records the snapshot has of the kinds that may not be suddenly empty (rule 13)."""
        live = {Kind.USERS: len(self.decided.people.ids)}
        if self.inputs.policy.sync.classes:
            live[Kind.CLASSES] = len(self.decided.classes.ids)
        return live


def reconcile(inputs: Inputs) -> Reconciliation:
    """Decide about every record of the snapshot, in the order of work of rules.md."""
    work = Work(inputs)
    orgs = _orgs(work)
    sessions = _sessions(work)
    courses = _courses(work)
    classes = _classes(work, orgs, sessions)
    people = _index_people(work, orgs)
    rules = EnrollmentRules(
        orgs, classes, people.ids, work.sync.respect_enrollment_dates, work.calendar, work.notes, work.report
    )
    enrollments = _enrollments(work, rules)
    reach(people, enrollments, classes)
    PeopleRules(work.sync, enrollments, work.notes, orgs).judge(people)
    matches = identify_people(work, people)
    links = identify_parents(work, people, matches)
    settle(enrollments, classes, people.why, classes_on=work.sync.classes)
    present = present_roles(enrollments, classes)
    require_roles(classes, work.sync.class_requires, present, work.notes, work.report)
    held = _held(work, orgs, classes, people, enrollments)
    hold = freeze((school.sourced_id for school in held), work.roster, _references(work, orgs, sessions, courses))
    relationships = _hold_back(work, hold, rules, people, enrollments, links)
    decided = Decided(orgs, sessions, courses, classes, people, matches, rules, enrollments, relationships, hold)
    counts = _counts(work, decided, len(held))
    found = tuple(sorted(work.found, key=_place))
    return Reconciliation(inputs, decided, counts, found, tuple(held), work.calendar.until())


def _orgs(work: Work) -> Orgs:
    """Rule 1."""
    manual = work.policy.schools.mode == "manual"
    known = known_orgs(work.roster) if manual else None
    entries = work.rejections.watch(Kind.ORGS, work.snapshot.entries(Kind.ORGS))
    return select_orgs(entries, work.policy.schools, known, work.notes, work.report)


def _sessions(work: Work) -> dict[str, Session]:
    """The live sessions; while classes are on they are all kept (rule 5)."""
    entries = work.rejections.watch(Kind.SESSIONS, _read(work, Kind.SESSIONS))
    return {entry.sourced_id: entry.record for entry in entries if isinstance(entry.record, Session)}


def _courses(work: Work) -> dict[str, str | None]:
    """The live courses and their orgs; while classes are on they are all kept (rule 5)."""
    entries = work.rejections.watch(Kind.COURSES, _read(work, Kind.COURSES))
    return {entry.sourced_id: entry.record.org for entry in entries if isinstance(entry.record, Course)}


def _read(work: Work, kind: Kind) -> Iterable[Entry]:
    """The entries of a kind that is not asked for while classes are off: what is remembered of it is out of date."""
    wanted = work.sync.classes if kind in (Kind.SESSIONS, Kind.COURSES) else work.reads_classes
    return work.snapshot.entries(kind) if wanted else ()


def _classes(work: Work, orgs: Orgs, sessions: dict[str, Session]) -> Classes:
    """Rules 4 and 5."""
    in_roster = frozenset(str(row[0]) for row in work.roster.rows(Kind.CLASSES))
    rules = ClassRules(orgs, sessions, in_roster, work.sync, work.calendar, work.notes, work.report)
    return rules.judge(work.rejections.watch(Kind.CLASSES, _read(work, Kind.CLASSES), schools_of_class))


def _index_people(work: Work, orgs: Orgs) -> People:
    """Rules 1 and 2, as far as roles and orgs tell."""
    standings = StandingRules(orgs, work.calendar, respect_dates=work.sync.respect_enrollment_dates)

    def schools_of(entry: Entry) -> tuple[str, ...]:
        if not isinstance(entry.record, User):
            return named_schools(entry)
        standing = standings.of(entry.record)
        return () if standing.only_parent else standing.belongs

    return index_users(work.rejections.watch(Kind.USERS, work.snapshot.entries(Kind.USERS), schools_of), standings)


def _enrollments(work: Work, rules: EnrollmentRules) -> Enrollments:
    """Rules 0.6 and 3, an enrollment by itself."""

    def school_of_class(class_: str) -> str | None:
        place = rules.classes.ids.find(class_)
        return None if place < 0 else rules.classes.school[place]

    entries = _read(work, Kind.ENROLLMENTS)
    watched = work.rejections.watch(
        Kind.ENROLLMENTS, entries, lambda entry: schools_of_enrollment(entry, school_of_class)
    )
    return rules.read(watched)


def _held(work: Work, orgs: Orgs, classes: Classes, people: People, enrollments: Enrollments) -> list[HeldSchool]:
    """Rule 10: which schools cannot be trusted today."""
    users: Counter[str] = Counter()
    for place, standing in enumerate(people.standing):
        if not standing.only_parent:
            users.update(people.schools(place))
    of_classes = Counter(classes.school)
    records = users + of_classes + Counter(enrollments.schools.live) + work.rejections.new_by_school
    bad = work.rejections.by_school + Counter(enrollments.schools.dangling)
    schools = [(school, orgs.name(school)) for school in orgs.open_schools()]
    facts = SchoolFacts(users, of_classes, records, bad)
    percent = work.policy.limits.rejected_percent
    held = find_held(schools, facts, work.roster, percent, classes_on=work.sync.classes)
    for school in held:
        work.report(held_diagnostic(school))
    return held


def _references(work: Work, orgs: Orgs, sessions: dict[str, Session], courses: dict[str, str | None]) -> References:
    """Where the orgs, sessions and courses of the plan will point; in manual mode the orgs stay as they are."""
    aligned = orgs.open if work.policy.schools.mode == "auto" else ()
    return References(
        {org: orgs.live[org].parent for org in aligned},
        {name: record.parent if record.parent in sessions else None for name, record in sessions.items()},
        courses,
    )


def _hold_back(
    work: Work, hold: Hold, rules: EnrollmentRules, people: People, enrollments: Enrollments, links: Links
) -> Relationships:
    """Rule 10: create nothing through a held school; then the relationships that are left (rule 6)."""
    pairs = links.sorted_pairs()
    if hold:
        newcomers = Newcomers(hold, work.roster, work.notes)
        newcomers.exclude_classes(rules.classes)
        newcomers.exclude_users(people, links)
        settle(enrollments, rules.classes, people.why, classes_on=work.sync.classes)
        newcomers.exclude_enrollments(_read(work, Kind.ENROLLMENTS), rules, enrollments)
        pairs = newcomers.relationships(people, pairs)
    else:
        settle(enrollments, rules.classes, people.why, classes_on=work.sync.classes)
    relationships = Relationships(people, ParentRules(work.sync, work.notes, work.report).relation)
    relationships.keep(pairs)
    return relationships


def _counts(work: Work, decided: Decided, held: int) -> Counts:
    """The numbers of a run: decisions, not rows."""
    people = decided.people
    matched = Counter(
        people.role(place) for place, groups in enumerate(people.groups) if groups and not people.unmatched[place]
    )
    return Counts(
        unmatched_users=people.unmatched.count(1),
        matched_students=matched["student"],
        matched_teachers=matched["teacher"],
        matched_staff=matched["staff"],
        matched_parents=matched["parent"],
        imported_classes=decided.classes.kept(),
        enrollments=decided.enrollments.kept(),
        relationships=len(decided.relationships),
        schools=len(decided.orgs.open_schools()),
        held_schools=held,
        excluded_users=len(people.why) - people.why.count(KEPT),
        rejected_records=work.rejections.count,
    )


def _place(diagnostic: Diagnostic) -> tuple[str, str, str, str]:
    return diagnostic.code, diagnostic.kind or "", diagnostic.sourced_id or "", diagnostic.message
