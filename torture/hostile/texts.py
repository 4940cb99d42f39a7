"""Texts that want to be more than texts, in every field of every kind, through every command that shows data."""

from __future__ import annotations

import csv
import io
import sqlite3
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import msgspec

from rostersync.demo import District, make_district
from tests.runs.demo_site import Answer, Site, site
from torture.budget import Budget
from torture.tally import Tally, tally

PROMISE: Final = "shown as text and kept as it is: nothing raw on a terminal, nothing run, nothing written elsewhere"
TEXTS: Final = (
    "\x1b[31mRED\x1b]0;title\x07",
    "\x9b31m",
    "\u202egnp.exe",
    "a\u200bb\u2066c\ufeffd",
    "x\u2028y",
    "\U000e0041tag",
    "\x7f\x08",
    "[/b][bold red]x[/][link=http://e.example]l[/link]",
    ":skull:",
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "line\nX-Injected: 1\r\n",
    "$(id)`id`%s%n{0}",
    "'; DROP TABLE user; --",
    '"; DROP TABLE "user"; --',
    "../../../x",
    'a|b,c"d',
    "\u0645\u0631\u062d\u0628\u0627 \u200d",
    "\ttab",
    "\rreturn",
    "N" * 20_000,
)
IDS: Final = (
    "../../x",
    "/etc/passwd",
    "'; DROP TABLE users; --",
    "a\nb",
    "a|b",
    "i" * 10_000,
    "\x1b[2J",
    "\u202eid",
    "[/b]",
    "-rf",
    "--help",
    "=1+1",
    "%00",
    "a,b",
    '"',
    "a b",
    "\U000e0041",
    "nul\x00nul",
    "",
    "CON",
    "a/../b",
)
FORMATS: Final = ("oneroster-1.1", "oneroster-1.2", "sds-2.1", "apple-school-manager", "jsonl")
_JOINERS: Final = "\u200c\u200d"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NAMES: Final = ("givenName", "familyName", "middleName", "username", "identifier", "userMasterIdentifier")


def poison(district: District) -> None:
    """Put the texts into every field that holds text, and the ids into users of their own."""
    model = next(user for user in district.users.values() if user["roles"][0]["role"] == "student")
    for number, said in enumerate(TEXTS):
        _add(district, model, f"usr-hostile-{number}", dict.fromkeys(_NAMES, said) | {"email": f"{said}@example.org"})
        _add(district, model, f"usr-odd-{number}", {"status": said, "enabledUser": said, "dateLastModified": said})
        _add(district, model, f"usr-dated-{number}", {"roles": [{**model["roles"][0], "beginDate": said}]})
        _add(district, model, f"usr-role-{number}", {"roles": [{**model["roles"][0], "role": said, "org": said}]})
    for number, sourced_id in enumerate(IDS):
        _add(district, model, sourced_id, {"email": f"id{number}@example.org", "username": f"id{number}"})
    for kind, field in (("orgs", "name"), ("classes", "title"), ("courses", "title"), ("academicSessions", "title")):
        for number, record in enumerate(district.collection(kind).values()):
            record[field] = TEXTS[number % len(TEXTS)]
    for number, record in enumerate(district.enrollments.values()):
        record["role"] = record["role"] if number % 7 else TEXTS[number % len(TEXTS)]


def _add(district: District, model: dict[str, Any], sourced_id: str, fields: dict[str, Any]) -> None:
    district.users[sourced_id] = deepcopy(model) | {"sourcedId": sourced_id} | fields


@contextmanager
def poisoned(folder: Path) -> Iterator[Site]:
    """A site of such a district with every output, and a directory in which nobody is found."""
    district = make_district(26)
    poison(district)
    outputs = [{"format": each, "path": f"out/{each}.zip"} for each in FORMATS]
    safe = {"format": "oneroster-1.2", "path": "out/safe.zip", "spreadsheet_safe": True}
    folder.mkdir(mode=0o700, parents=True)
    with (folder / "accounts.csv").open("w", encoding="utf-8", newline="") as accounts:
        csv.writer(accounts).writerows(
            [("id", "email"), *((f"a{said!a:.20}", f"{said!a}@a.example") for said in TEXTS)]
        )
    with site(
        folder,
        district=district,
        sync={"missing_users": "create", "parents": True},
        directory={"type": "csv", "path": "accounts.csv"},
        limits={"rejected_percent": 100},
        outputs=[*outputs, safe],
    ) as main:
        yield main


def commands() -> list[tuple[str, ...]]:
    """Everything that shows data, as text and as JSON."""
    once: list[tuple[str, ...]] = [
        ("check", "main"),
        ("preview", "main"),
        ("preview", "main", "--limit", "500"),
        ("run", "main", "-vv"),
    ]
    shown = [
        ("run", "main", "--full"),
        ("preview", "main", "--full"),
        ("log",),
        ("log", "--last"),
        ("log", "--run", "1", "--changes"),
        ("status",),
        ("schools", "list", "main"),
        ("unmatched", "main"),
        ("unmatched", "main", "--suggest"),
        *(("explain", "main", f"usr-hostile-{number}") for number in range(len(TEXTS))),
        *(("explain", "main", "--", said) for said in (*IDS, *TEXTS) if "\0" not in said and said),
        *(("export", "main", "--format", each, "--output", f"out/again-{each}") for each in FORMATS),
    ]
    again = [("preview", "main"), ("run", "main"), ("log", "--run", "2", "--changes")]
    return [*once, *(words for each in (*shown, *again) for words in (each, ("--json", *each)))]


def text_tally(folder: Path, budget: Budget) -> Tally:
    """Call every command, or those of the many that the budget allows, then look at what they left."""
    with poisoned(folder / "texts") as main:
        every = commands()
        few = [words for place, words in enumerate(every) if place < _FIRST or place % 6 == 0]
        tries = [list(_told(main, words)) for words in (every if budget.kills > _FEW else few)]
        tries += [
            list(_kept(main)),
            list(_left(main)),
            *(list(_cells(path)) for path in sorted((main.folder / "out").glob("*.zip"))),
        ]
    return tally("hostile", "hostile texts", PROMISE, tries)


_FIRST: Final = 6
_FEW: Final = 100
"""Kills of a budget that is for a sample."""


def _told(main: Site, words: tuple[str, ...]) -> Iterator[str]:
    answer = main.cli(*words)
    if answer.code not in {0, 2, 3} or "Traceback" in answer.err or "unexpected" in answer.err:
        yield f"{words!r:.80}: exit {answer.code}: {answer.err[-300:]}"
    yield from (f"{words!r:.80}: {each}" for each in raw(answer.out + answer.err))
    if "--json" in words:
        yield from _one_document(words, answer)


def raw(text: str) -> list[str]:
    """The characters that a terminal would obey, or that turn or hide what is read."""
    hidden = {character for character in set(text) - {"\n", *_JOINERS} if unicodedata.category(character) in _HIDDEN}
    return [f"{character!a} raw" for character in sorted(hidden)]


_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _one_document(words: tuple[str, ...], answer: Answer) -> Iterator[str]:
    try:
        msgspec.json.decode(answer.out)
    except msgspec.DecodeError as error:
        yield f"{words!r:.80}: no document: {error}"


def _kept(main: Site) -> Iterator[str]:
    """Whether the roster has the texts as they are, and all of its tables."""
    with closing(sqlite3.connect(main.store)) as store:
        rows = dict(store.execute("SELECT sourced_id, given_name FROM roster_users"))
        names = {name for (name,) in store.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")}
    yield from (
        f"{said!a:.60} is kept as {rows.get(f'usr-hostile-{number}')!a:.60}"
        for number, said in enumerate(TEXTS)
        if rows.get(f"usr-hostile-{number}") != said.strip()
    )
    yield from (
        f"{sourced_id!a:.60} is not kept"
        for sourced_id in IDS
        if sourced_id and "\0" not in sourced_id and sourced_id not in rows
    )
    if missing := {"user", "roster_users", "enrollment", "run"} - names:
        yield f"{missing} is gone"


def _left(main: Site) -> Iterator[str]:
    """Whatever was written beside the store and the outputs."""
    mine = {"rostersync.toml", "accounts.csv", "out"}
    for path in main.folder.iterdir():
        if path.name not in mine and not path.name.startswith("roster.db"):
            yield f"{path.name} was written"
    names = {*(f"{each}.zip" for each in FORMATS), *(f"again-{each}" for each in FORMATS), "safe.zip"}
    yield from (f"out/{path.name} was written" for path in (main.folder / "out").iterdir() if path.name not in names)


def _cells(path: Path) -> Iterator[str]:
    """Whether an output is whole: every row as wide as its header, and no formula where they are not wanted."""
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if name != Path(name).name:
                yield f"{path.name} holds {name!r}"
            if name.endswith(".csv"):
                rows = list(csv.reader(io.StringIO(package.read(name).decode("utf-8"), newline="")))
                yield from (f"{path.name}/{name}: a torn row" for row in rows if len(row) != len(rows[0]))
                formulas = [cell for row in rows for cell in row if cell.startswith(_FORMULA) and path.stem == "safe"]
                yield from (f"{path.name}/{name}: {cell!a:.60}" for cell in formulas)
