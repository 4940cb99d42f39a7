"""Rule 1 for orgs: which of them are selected, known, and so in the roster."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rostersync.engine.notes import Notes
from rostersync.model.codes import Code
from rostersync.model.decision import Reason
from rostersync.model.diagnostic import Diagnostic
from rostersync.model.kind import Kind
from rostersync.model.policy import Schools
from rostersync.model.roster import OrgRow
from rostersync.model.snapshot import Entry, Org

SCHOOL = "school"


@dataclass(frozen=True, slots=True)
class Orgs:
    """The snapshot's live orgs, and which of them are selected, and open: selected and known.

    `because` gives the sentence that says why a live org is in or out.
    """

    live: Mapping[str, Org]
    selected: frozenset[str]
    open: frozenset[str]
    map: Mapping[str, str]
    because: Callable[[str], str]

    def is_school(self, sourced_id: str) -> bool:
        """Whether the org is in the snapshot and of type school."""
        org = self.live.get(sourced_id)
        return org is not None and org.type == SCHOOL

    def open_schools(self) -> list[str]:
        """The selected, known orgs of type school, sorted."""
        return sorted(filter(self.is_school, self.open))

    def why(self, sourced_id: str) -> Reason | None:
        """Why a live org, and what belongs to it alone, is excluded."""
        if sourced_id in self.open:
            return None
        return Reason.SCHOOL_UNKNOWN if sourced_id in self.selected else Reason.SCHOOL_NOT_SELECTED

    def row(self, sourced_id: str, in_roster: Container[str] | None = None) -> OrgRow:
        """The roster row of an open org; its parent only where the roster has it (by default the open ones)."""
        org = self.live[sourced_id]
        parent = org.parent if org.parent in (self.open if in_roster is None else in_roster) else None
        return OrgRow(sourced_id, org.name, org.type, org.identifier, parent, self.map.get(sourced_id))

    def name(self, sourced_id: str) -> str:
        """The org's name, its sourcedId where the snapshot does not have it."""
        org = self.live.get(sourced_id)
        return org.name if org is not None else sourced_id

    def full(self, sourced_id: str) -> str:
        """The org's name and sourcedId, as an administrator looks for it."""
        return f"{self.name(sourced_id)} ({sourced_id})"

    def standing(self, sourced_id: str) -> str:
        """Name a live org and say whether it is in, and where it is not, why."""
        why = self.why(sourced_id)
        if why is None:
            return f"{self.full(sourced_id)}, which is selected"
        said = "not selected" if why is Reason.SCHOOL_NOT_SELECTED else "not known"
        return f"{self.full(sourced_id)}, which is {said}: {self.because(sourced_id)}"


def select_orgs(
    entries: Iterable[Entry],
    schools: Schools,
    known: frozenset[str] | None,
    notes: Notes,
    report: Callable[[Diagnostic], None],
) -> Orgs:
    """Decide about every org; `known` are the orgs that the roster has (`schools.mode = "manual"`), None for all."""
    live = {entry.sourced_id: entry.record for entry in entries if isinstance(entry.record, Org)}
    chooser = _Chooser(live, schools)
    selected = frozenset(filter(chooser.selects, live))
    unknown = {org: why for org in sorted(selected) if (why := why_unknown(org, live[org], schools, known)) is not None}

    def because(sourced_id: str) -> str:
        return unknown.get(sourced_id) or chooser.because(sourced_id)

    orgs = Orgs(live, selected, selected - unknown.keys(), schools.map, because)
    for diagnostic in _reports(live, schools, unknown):
        report(diagnostic)
    for sourced_id in notes.watched[Kind.ORGS] & live.keys():
        outcome = orgs.why(sourced_id) or "kept"
        notes.say(Kind.ORGS, sourced_id, "1", outcome, because(sourced_id))
    return orgs


class _Chooser:
    """Walks from an org upwards to the nearest one that is listed."""

    def __init__(self, live: Mapping[str, Org], schools: Schools) -> None:
        self._live = live
        self._schools = schools

    def selects(self, sourced_id: str) -> bool:
        """Whether the org is selected."""
        listed = self._listed(sourced_id)
        return listed in self._schools.include if listed is not None else not self._schools.include

    def because(self, sourced_id: str) -> str:
        """The sentence that says what selected the org, or left it out."""
        listed = self._listed(sourced_id)
        if listed is None:
            return "neither it nor an org above it is listed, and schools.include is " + (
                "not empty" if self._schools.include else "empty"
            )
        key = "schools.include" if listed in self._schools.include else "schools.exclude"
        return f"{self._live[listed].name} ({listed}) is listed in {key}"

    def _listed(self, sourced_id: str) -> str | None:
        for org in self._upwards(sourced_id):
            if org in self._schools.include or org in self._schools.exclude:
                return org
        return None

    def _upwards(self, sourced_id: str) -> Iterator[str]:
        seen: set[str] = set()
        at: str | None = sourced_id
        while at is not None and at not in seen and at in self._live:
            yield at
            seen.add(at)
            at = self._live[at].parent


def why_unknown(sourced_id: str, org: Org, schools: Schools, known: frozenset[str] | None) -> str | None:
    """Say why a selected school is not known, None where it is; only orgs of type school can be unknown."""
    if org.type != SCHOOL:
        return None
    if schools.unmapped == "ignore" and sourced_id not in schools.map:
        return 'it has no entry in schools.map and schools.unmapped is "ignore"'
    if known is not None and sourced_id not in known:
        return 'schools.mode is "manual" and no `rostersync schools sync` has put it into the roster'
    return None


def _reports(live: Mapping[str, Org], schools: Schools, unknown: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Report the schools that are not known, and the listed ids that the snapshot does not have."""
    for sourced_id, why in unknown.items():
        yield Diagnostic(
            Code.SCHOOL_UNKNOWN,
            f"{live[sourced_id].name} ({sourced_id}) is selected but not known: {why}",
            "Run `rostersync schools sync`, add it to schools.map, or list it in schools.exclude.",
            Kind.ORGS,
            sourced_id,
            sourced_id,
        )
    for key, listed in (("include", schools.include), ("exclude", schools.exclude)):
        for sourced_id in sorted(listed - live.keys()):
            yield Diagnostic(
                Code.SCHOOL_NOT_IN_SOURCE,
                f"schools.{key} lists {sourced_id}, which the source does not have",
                "See `rostersync schools list` for the sourcedIds, and correct or remove the entry.",
                Kind.ORGS,
                sourced_id,
            )
