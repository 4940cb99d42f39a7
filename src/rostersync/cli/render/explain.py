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
from rostersync.cli.render.text import plain, safe
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
            if place:
                yield Text(f"{_HEADS[kind]}: {_tally(those)}", "bold")
            yield from self._kind(kind, those, asked=not place)

    def _kind(self, kind: str, those: list[Told], *, asked: bool) -> Iterator[RenderableType]:
        if asked or self.full:
            for subject in those:
                yield _line(subject)
                yield _steps(subject["decisions"])
            return
        many = len(those) > _MANY
        for said, some in _groups(those, by_cause=not many):
            yield _beside(_mark(kept=some[0]["kept"]), Text(f"{len(some)} {said}" if many else said))
            yield from _members(kind, some[: _EXAMPLES[some[0]["kept"]]] if many else some)
        if many:
            yield Text("  These are examples: -v lists all of them, and so does --json.", "dim")


def _groups(those: Iterable[Told], *, by_cause: bool) -> list[tuple[str, list[Told]]]:
    """Those of which the same is to be said, the excluded ones first."""
    groups: defaultdict[str, list[Told]] = defaultdict(list)
    for subject in those:
        said = _said(subject)
        if by_cause and not subject["kept"]:
            said += ": " + "; ".join(plain(cause) for cause in _causes(subject))
        groups[said].append(subject)
    return sorted(groups.items(), key=lambda pair: bool(pair[1][0]["kept"]))


def _members(kind: str, some: Sequence[Told]) -> Iterator[RenderableType]:
    """The subjects of one group; kept classes are only named, since each has an enrollment further down."""
    if kind == "classes" and some[0]["kept"]:
        yield Padding(safe(", ".join(subject["label"] for subject in some)), (0, 0, 0, _INDENT))
        return
    for subject in some:
        yield Padding(_named(subject), (0, 0, 0, _INDENT))


def _line(subject: Told) -> Padding:
    """One subject and what was decided about it."""
    said = (f"  {_said(subject)}", "green" if subject["kept"] else "red")
    return _beside(_mark(kept=subject["kept"]), Text.assemble(_named(subject), said))


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
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for step in steps:
        kept = step["outcome"] == "kept"
        made.add_row(
            Text(f"rule {step['rule']}", "dim"), Text(step["outcome"], "" if kept else "red"), safe(step["because"])
        )
    return Padding(made, (0, 0, 0, _INDENT))


def _beside(mark: Text, text: Text) -> Padding:
    """A text behind its mark, further lines under the first."""
    made = Table.grid(padding=(0, 1, 0, 0))
    made.add_row(mark, text)
    return Padding(made, (0, 0, 0, 2))


def _mark(*, kept: bool) -> Text:
    return Text("✓", "green") if kept else Text("✗", "red")


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
