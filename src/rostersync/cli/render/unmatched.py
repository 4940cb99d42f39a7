"""The users without an account: a document, a list by school for a person, and a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from rostersync.cli.render.document import Document, document
from rostersync.cli.render.text import plain, safe
from rostersync.outputs.cells import clean, defused
from rostersync.pipeline.suggesting import LIMIT
from rostersync.pipeline.unmatched import Suggestion, Unmatched

if TYPE_CHECKING:
    from rich.console import RenderableType

Told = Mapping[str, Any]

COLUMNS = ("sourcedId", "id", "name", "role", "school", "email", "username", "kept", "why")
"""`sourcedId` and `id` are what `match.overrides` reads; `id` is left to be filled in."""
SUGGESTED = ("id", "email", "score", "why")


def unmatched_document(users: Iterable[Unmatched]) -> dict[str, Any]:
    """The document of `unmatched` (contract §3)."""
    return document("unmatched", unmatched=[_user(user) for user in users])


def _user(user: Unmatched) -> dict[str, Any]:
    return {
        "sourced_id": user.sourced_id,
        "label": user.name,
        "role": user.role,
        "schools": [school._asdict() for school in user.schools],
        "email": user.user.email,
        "username": user.user.username,
        "kept": user.kept,
        "why": user.why,
        "suggestions": [Suggestion._asdict(one) for one in user.suggestions],
    }


def sheet(answer: Document, *, suggest: bool) -> str:
    """The table as CSV; no cell of it is run as a formula by a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    places = range(1, LIMIT + 1) if suggest else ()
    header = [*COLUMNS, *(f"suggested_{name}_{place}" for place in places for name in SUGGESTED)]
    writer.writerow(header)
    for user in answer["unmatched"]:
        cells = ["" if cell is None else defused(clean(str(cell))) for cell in _cells(user)]
        writer.writerow(cells + [""] * (len(header) - len(cells)))
    return text.getvalue()


def _cells(user: Told) -> Iterator[object]:
    yield from (user["sourced_id"], None, user["label"], user["role"])
    yield "; ".join(school["name"] for school in user["schools"])
    yield from (user["email"], user["username"], "yes" if user["kept"] else "no", user["why"])
    for one in user["suggestions"]:
        yield from (one["account_id"], one["email"], one["score"], one["why"])


def by_school(answer: Document) -> Iterator[RenderableType]:
    """The users by school, and how many there are."""
    users = answer["unmatched"]
    for school, those in groupby(users, key=_school):
        yield Text(plain(school), "bold")
        for user in those:
            yield from _entry(user)
        yield Text("")
    yield Text(_sum(users))


@dataclass(frozen=True, slots=True)
class Written:
    """Says how many users there are in the file that was written."""

    file: Path

    def __call__(self, answer: Document) -> Iterator[RenderableType]:
        """One line."""
        yield safe(f"{_sum(answer['unmatched'])} The table is in {self.file}.")


def _school(user: Told) -> str:
    """The first school, by which the users are sorted."""
    return next((f"{school['name']} ({school['sourced_id']})" for school in user["schools"]), "No school")


def _entry(user: Told) -> Iterator[RenderableType]:
    """One user, what the search has come to, and the nearest accounts."""
    kept = (", kept without an account", "yellow") if user["kept"] else (", excluded", "red")
    who = (plain(user["label"]), "bold"), f"  {plain(user['sourced_id'])}  {user['role']}"
    yield Padding(Text.assemble(*who, kept, f"  {plain(user['email'] or 'no email')}"), (0, 0, 0, 2))
    yield Padding(safe(user["why"]), (0, 0, 0, 6))
    for one in user["suggestions"]:
        said = f"→ {one['account_id']} ({one['score']} %): {one['why']}"
        yield Padding(safe(said, "cyan"), (0, 0, 0, 6))


def _sum(users: list[Told]) -> str:
    if not users:
        return "Every user who is looked up has an account."
    kept = sum(user["kept"] for user in users)
    many = "1 user has no account" if len(users) == 1 else f"{len(users):,} users have no account"
    return f"{many}: {len(users) - kept:,} excluded, {kept:,} kept without one."
