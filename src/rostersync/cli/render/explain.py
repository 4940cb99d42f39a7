"""Why somebody is, or is not, in the roster, in one screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from rostersync.cli.render.document import Document, document
from rostersync.cli.render.text import plain, safe
from rostersync.model.decision import Reason, Subject

if TYPE_CHECKING:
    from rich.console import RenderableType

Told = Mapping[str, Any]

_HEADS = {"users": "User", "classes": "Class", "enrollments": "Enrollment", "relationships": "Relationship"}
_PLURALS = {"users": "Users", "classes": "Classes", "enrollments": "Enrollments", "relationships": "Relationships"}
_MANY = 15
_EXAMPLES = 3


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
        subjects: Sequence[Told] = answer["subjects"]
        by_kind: defaultdict[str, list[Told]] = defaultdict(list)
        for subject in subjects:
            by_kind[subject["kind"]].append(subject)
        names = {subject["sourced_id"]: subject["label"] for subject in subjects if subject["kind"] == "classes"}
        for place, (kind, those) in enumerate(by_kind.items()):
            if place:
                yield ""
            yield from self._kind(kind, those, names, asked=not place)

    def _kind(self, kind: str, those: list[Told], names: Mapping[str, str], *, asked: bool) -> Iterator[RenderableType]:
        if asked:
            for place, subject in enumerate(those):
                yield from [""] * bool(place)
                yield from _whole(subject, names)
            return
        yield Text(f"{_PLURALS[kind] if len(those) > 1 else _HEADS[kind]} ({_tally(those)})", "bold")
        yield from self._summed(those) if len(those) > _MANY and not self.full else self._each(those, names)

    def _each(self, those: list[Told], names: Mapping[str, str]) -> Iterator[RenderableType]:
        """A line for each subject; under one that is excluded, why."""
        for subject in those:
            if self.full:
                yield from _whole(subject, names)
                continue
            yield _line(subject, names)
            if not subject["kept"]:
                yield _steps([step for step in subject["decisions"] if step["outcome"] != "kept"])

    def _summed(self, those: list[Told]) -> Iterator[RenderableType]:
        """How many for each reason, with some of them; too many to be listed."""
        by_reason: defaultdict[str | None, list[Told]] = defaultdict(list)
        for subject in those:
            by_reason[subject["reason"]].append(subject)
        for reason, some in sorted(by_reason.items(), key=lambda pair: (pair[0] is not None, -len(pair[1]))):
            ids = ", ".join(plain(subject["sourced_id"]) for subject in some[:_EXAMPLES])
            more = ", …" if len(some) > _EXAMPLES else ""
            yield Text.assemble(_mark(kept=reason is None), f" {len(some):>5}  {_said(reason)}: {ids}{more}")
        yield Text("  -v lists each, --json has all of them.", "dim")


def _whole(subject: Told, names: Mapping[str, str]) -> Iterator[RenderableType]:
    """One subject with every step that was taken about it."""
    head = Text.assemble((f"{_HEADS[subject['kind']]}  ", "bold"), _name(subject, names))
    yield Text.assemble(head, ": ", (_said(subject["reason"]), "green" if subject["kept"] else "bold red"))
    yield _steps(subject["decisions"])


def _line(subject: Told, names: Mapping[str, str]) -> Text:
    """One subject in a line; where it is kept, with the rules that looked at it."""
    line = Text.assemble(_mark(kept=subject["kept"]), " ", _name(subject, names), ": ", _said(subject["reason"]))
    if subject["kept"]:
        rules = list(dict.fromkeys(step["rule"] for step in subject["decisions"]))
        line.append(f" ({'rules' if len(rules) > 1 else 'rule'} {', '.join(rules)})", "dim")
    return line


def _name(subject: Told, names: Mapping[str, str]) -> Text:
    """The label and the sourcedId; in the label of an enrollment the class by its title, where that is known."""
    label, sourced_id = subject["label"], subject["sourced_id"]
    begin, _, place = label.rpartition(" in ")
    if subject["kind"] == "enrollments" and place in names:
        label = f"{begin} in {names[place]}"
    return safe(label) if label == sourced_id else Text(f"{plain(label)} [{plain(sourced_id)}]")


def _steps(steps: Iterable[Told]) -> Table:
    """The chain of decisions: rule, outcome, and why."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for step in steps:
        kept = step["outcome"] == "kept"
        made.add_row(
            Text(f"    rule {step['rule']}", "dim"), Text(step["outcome"], "" if kept else "red"), safe(step["because"])
        )
    return made


def _mark(*, kept: bool) -> Text:
    return Text("  ✓", "green") if kept else Text("  ✗", "red")


def _said(reason: str | None) -> str:
    """Kept, or the reason with its rule."""
    return "kept" if reason is None else f"excluded, {reason} (rule {Reason(reason).rule})"


def _tally(those: Sequence[Told]) -> str:
    kept = sum(subject["kept"] for subject in those)
    parts = [f"{kept} kept"] * bool(kept) + [f"{len(those) - kept} excluded"] * bool(len(those) - kept)
    return ", ".join(parts)
