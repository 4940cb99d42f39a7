"""Why somebody is, or is not, in the roster, in one screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rostersync.cli.render.document import Document, document
from rostersync.cli.render.text import plain
from rostersync.model.decision import Reason, Subject

if TYPE_CHECKING:
    from rich.console import RenderableType

Told = Mapping[str, Any]

_HEADS = {"users": "Users", "classes": "Classes", "enrollments": "Enrollments", "relationships": "Relationships"}
_MANY = 15
_EXAMPLES = {True: 3, False: 10}  # of the kept and of the excluded ones, which are the answer
_INDENT = 6


def explained(subjects: Iterable[Subject]) -> Document:
    """The document of `explain` (contract §3)."""
    return document("explain", subjects=[_subject(subject) for subject in subjects])


def _subject(subject: Subject) -> dict[str, Any]:
    return {
        "kind": str(subject.kind),
        "sourced_id": subject.sourced_id,
        "label": subject.label,
        "kept": subject.kept,
        "reason": None if subject.reason is None else str(subject.reason),
        "decisions": [
            {"rule": step.rule, "outcome": str(step.outcome), "because": step.because} for step in subject.decisions
        ],
    }


@dataclass(frozen=True, slots=True)
class View:
    """Shows an answer: whom it is about with every step, the rest in a line each unless it is `full`."""

    full: bool = False

    def __call__(self, answer: Document) -> Iterator[RenderableType]:
        """The subjects by kind; what was asked for is of the first kind."""
        by_kind: defaultdict[str, list[Told]] = defaultdict(list)
        for subject in answer["subjects"]:
            by_kind[subject["kind"]].append(subject)
        for place, (kind, those) in enumerate(by_kind.items()):
            yield from [""] * bool(place)
            yield from _in_full(those) if not place else self._others(kind, those)

    def _others(self, kind: str, those: list[Told]) -> Iterator[RenderableType]:
        """What belongs to whom was asked for."""
        many = len(those) > _MANY
        groups = _groups(those, by_cause=not many)
        if self.full or len(groups) > 1:
            yield Text(f"{_HEADS[kind]}: {_tally(those)}", "bold")
        if self.full:
            yield from _in_full(those)
            return
        for said, some in groups:
            yield _head(kind, said, some) if len(groups) == 1 else _beside(some, Text(_counted(said, some)))
            if kind != "classes" or not some[0]["kept"]:
                yield from _members(some[: _EXAMPLES[some[0]["kept"]]] if many else some)
        if many:
            yield Text("  These are examples: -v lists all of them, and so does --json.", "dim")


def _in_full(those: Iterable[Told]) -> Iterator[RenderableType]:
    """Each subject with every step that was taken about it."""
    for subject in those:
        yield _line(subject)
        yield _steps(subject["decisions"])


def _head(kind: str, said: str, some: Sequence[Told]) -> Text:
    """The line above the only group of a kind."""
    return Text.assemble((f"{_HEADS[kind]}: ", "bold"), _counted(said, some))


def _counted(said: str, some: Sequence[Told]) -> str:
    """How many there are, and what is said of them; kept classes are named, their enrollments follow."""
    names = ", ".join(plain(subject["label"]) for subject in some[:_MANY])
    is_kept_class = some[0]["kept"] and some[0]["kind"] == "classes"
    return f"{len(some)} {said}" + (f": {names}" if is_kept_class else "")


def _groups(those: Iterable[Told], *, by_cause: bool) -> list[tuple[str, list[Told]]]:
    """Those of which the same is to be said, the excluded ones first."""
    groups: defaultdict[str, list[Told]] = defaultdict(list)
    for subject in those:
        said = _said(subject)
        if by_cause and not subject["kept"]:
            said += ": " + "; ".join(plain(cause) for cause in _causes(subject))
        groups[said].append(subject)
    return sorted(groups.items(), key=lambda pair: bool(pair[1][0]["kept"]))


def _members(some: Iterable[Told]) -> Iterator[RenderableType]:
    """The subjects of one group."""
    for subject in some:
        yield Padding(_named(subject), (0, 0, 0, _INDENT))


def _line(subject: Told) -> Padding:
    """One subject and what was decided about it."""
    said = (f"  {_said(subject)}", "green" if subject["kept"] else "red")
    return _beside([subject], Text.assemble(_named(subject), said))


def _named(subject: Told) -> Text:
    """The label and the sourcedId."""
    label, sourced_id = plain(subject["label"]), plain(subject["sourced_id"])
    return Text.assemble((label, "bold"), (f"  {sourced_id}" if label != sourced_id else "", "dim"))


def _causes(subject: Told) -> Iterator[str]:
    """Why it is excluded, out of the steps that say so."""
    return (step["because"] for step in subject["decisions"] if step["outcome"] != "kept")


def _steps(steps: Iterable[Told]) -> Padding:
    """The chain of decisions: rule, outcome, and why."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for step in steps:
        outcome = Text(f"{step['outcome']}: ", "" if step["outcome"] == "kept" else "red")
        made.add_row(Text(f"rule {step['rule']}", "dim"), outcome.append(plain(step["because"]), ""))
    return Padding(made, (0, 0, 0, _INDENT))


def _beside(of: Sequence[Told], text: Text) -> Padding:
    """A text behind the mark of those that it is about, further lines under the first."""
    made = Table.grid(padding=(0, 1, 0, 0))
    made.add_row(Text("✓", "green") if of[0]["kept"] else Text("✗", "red"), text)
    return Padding(made, (0, 0, 0, 2))


def _said(subject: Told) -> str:
    """Kept and by which rules, or the reason with its rule."""
    if not subject["kept"]:
        reason = Reason(subject["reason"])
        return f"excluded: {reason} (rule {reason.rule})"
    rules = list(dict.fromkeys(step["rule"] for step in subject["decisions"]))
    return f"kept ({'rules' if len(rules) > 1 else 'rule'} {', '.join(rules)})"


def _tally(those: Sequence[Told]) -> str:
    kept = sum(subject["kept"] for subject in those)
    parts = [f"{kept} kept"] * bool(kept) + [f"{len(those) - kept} excluded"] * bool(len(those) - kept)
    return ", ".join(parts)
