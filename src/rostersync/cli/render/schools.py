"""The source's orgs as a tree, and what `schools sync` has changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from rostersync.cli.render.document import Document, document
from rostersync.cli.render.tables import add, table
from rostersync.cli.render.text import plain, safe

if TYPE_CHECKING:
    from rich.console import RenderableType

    from rostersync.pipeline.schools import Listed, Synced

Org = Mapping[str, Any]

_SIGNS = {"create": ("+", "green"), "update": ("~", "yellow"), "remove": ("-", "red")}
_STYLES = {"selected": "green", "held": "bold red", "unknown": "yellow", "excluded": "dim"}


def listed(found: Listed) -> Document:
    """The document of `schools list` (contract §3)."""
    return document("schools-list", orgs=[school._asdict() for school in found.schools])


def show_listed(answer: Document) -> Iterator[RenderableType]:
    """The tree with what the options make of each org, and what it adds up to."""
    orgs: list[Org] = list(answer["orgs"])
    if not orgs:
        yield "The source has no orgs."
        return
    made = table("School", "sourcedId", "Standing", "Users", "Classes", right=("Users", "Classes"))
    for guide, org in _tree(orgs):
        kind = "" if org["type"] == "school" else f" ({plain(org['type'])})"
        name = Text.assemble((guide, "dim"), plain(org["name"]), (kind, "dim"))
        add(made, name, org["sourced_id"], _standing(org), org["users"] or "", org["classes"] or "")
    yield made
    yield ""
    yield _sum(orgs)


def _tree(orgs: list[Org]) -> Iterator[tuple[str, Org]]:
    """Walk from the orgs that have no org above them downwards, each once, with the lines that lead to it."""
    known = {org["sourced_id"] for org in orgs}
    below: defaultdict[str | None, list[Org]] = defaultdict(list)
    for org in sorted(orgs, key=lambda org: (org["name"].casefold(), org["sourced_id"])):
        below[org["parent"] if org["parent"] in known else None].append(org)
    seen: set[str] = set()
    for top in (*below[None], *orgs):  # the second time for those in a circle, which no top leads to
        yield from _branch(top, "", "", below, seen)


def _branch(
    org: Org, guide: str, indent: str, below: Mapping[str | None, list[Org]], seen: set[str]
) -> Iterator[tuple[str, Org]]:
    if org["sourced_id"] in seen:
        return
    seen.add(org["sourced_id"])
    yield guide, org
    children = [child for child in below.get(org["sourced_id"], ()) if child["sourced_id"] not in seen]
    for place, child in enumerate(children, 1):
        last = place == len(children)
        yield from _branch(child, indent + ("└ " if last else "├ "), indent + ("  " if last else "│ "), below, seen)


def _standing(org: Org) -> Text:
    """One word for what the options and the last run make of an org, and what it is mapped to."""
    word = standing(org)
    mapped = f" → {plain(org['mapped_to'])}" if org["mapped_to"] else ""
    return Text.assemble((word, _STYLES[word]), mapped)


def standing(org: Org) -> str:
    """Selected, held, unknown or excluded."""
    if not org["selected"]:
        return "excluded"
    if not org["known"]:
        return "unknown"
    return "held" if org["held"] else "selected"


def _sum(orgs: list[Org]) -> Text:
    """How many schools stand how."""
    schools = [org for org in orgs if org["type"] == "school"]
    tally = Counter(map(standing, schools))
    parts = [f"{tally[word]} {word}" for word in _STYLES if tally[word]]
    counted = f"{len(schools)} school{'' if len(schools) == 1 else 's'}"
    return Text(f"{counted}: {', '.join(parts)}" if parts else counted)


def synced(name: str, mode: str, done: Synced) -> Document:
    """The document of `schools sync`."""
    tally = Counter(str(change.action) for change in done.changes)
    parts = [f"{tally[action]} {word}" for action, word in _DONE.items() if tally[action]]
    message = f"the roster of {name} has the selected schools: " + (", ".join(parts) or "nothing to change")
    changes = [
        {
            "kind": str(change.kind),
            "action": str(change.action),
            "sourced_id": change.sourced_id,
            "label": change.label,
            "reason": None if change.reason is None else str(change.reason),
            "before": change.before,
            "after": change.after,
        }
        for change in done.changes
    ]
    return document("schools-sync", message=message, mode=mode, changes=changes)


_DONE = {"create": "added", "update": "changed", "remove": "removed"}


def show_synced(answer: Document) -> Iterator[RenderableType]:
    """The orgs that were added, changed or removed."""
    for change in answer["changes"]:
        sign, style = _SIGNS[change["action"]]
        yield Text.assemble((sign, style), f" {plain(change['label'])} ({plain(change['sourced_id'])})", _why(change))
    if answer["changes"]:
        yield ""
    yield safe(answer["message"][:1].upper() + answer["message"][1:] + ".")
    if answer["mode"] == "auto":
        yield 'schools.mode is "auto": every run does this by itself.'


def _why(change: Org) -> str:
    """The reason of a removal, the fields of an update."""
    if change["action"] == "remove":
        return f": {change['reason']}"
    if change["action"] == "update":
        pairs = ((name, change["before"][name], value) for name, value in change["after"].items())
        return ": " + ", ".join(f"{name} {plain(_value(old))} → {plain(_value(new))}" for name, old, new in pairs)
    return ""


def _value(value: object) -> object:
    return "none" if value is None else value
