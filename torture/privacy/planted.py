"""Records with fields that nobody mapped: passwords, demographics, numbers of identity papers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rostersync.demo.call import Call
from rostersync.demo.faults import ClampLimit, Fault
from tests.csv.csv_packages import to_folder, to_zip
from tests.runs.demo_site import Site, site
from torture.budget import Budget
from torture.privacy.looking import contents

_MARK: Final = "plantedqzxvkw"
_FIELDS: Final[dict[str, Any]] = {
    "password": f"{_MARK}-password",
    "userIds": [{"type": "SSN", "identifier": f"{_MARK}-078-05-1120"}],
    "ssn": f"{_MARK}-ssn",
    "phone": f"{_MARK}-phone",
    "sms": f"{_MARK}-sms",
    "metadata": {"secret": f"{_MARK}-metadata", "deep": [{"x": f"{_MARK}-deep"}]},
    "demographics": {"birthDate": f"{_MARK}-born", "sex": f"{_MARK}-sex", "asian": "true"},
    "userProfiles": [{"credentials": [{"username": "u", "password": f"{_MARK}-credential"}]}],
    "pronouns": f"{_MARK}-pronouns",
    "ext:medical": f"{_MARK}-medical",
}
FORMATS: Final = ("oneroster-1.1", "oneroster-1.2", "sds-2.1", "apple-school-manager", "jsonl")


@dataclass(frozen=True)
class Planted(Fault):
    """Every record, and every object in it, has more than anybody asked for."""

    def document(self, call: Call) -> None:
        """Add to the rows."""
        for rows in call.document.values() if isinstance(call.document, dict) else ():
            for row in rows if isinstance(rows, list) else ():
                self._add(row)

    def _add(self, row: dict[str, Any]) -> None:
        for value in row.values():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    each["secret"] = f"{_MARK}-inside"
        row |= _FIELDS


@dataclass(frozen=True)
class Narrow(Fault):
    """The server honors `fields`, so that what was planted must not even come."""

    def document(self, call: Call) -> None:
        """Leave out what was not asked for."""
        asked = call.params.get("fields")
        if asked is None or not isinstance(call.document, dict):
            return
        for name, rows in call.document.items():
            if isinstance(rows, list):
                call.document[name] = [{key: row[key] for key in asked.split(",") if key in row} for row in rows]


def tries(budget: Budget) -> Iterator[Sequence[str]]:
    """Read planted records over REST and from packages; gives what of them was kept."""
    versions = ("1.1", "1.2") if budget.seconds > _A_SHORT_ONE else ("1.2",)
    for version in versions:
        for faults in ((Planted(),), (Planted(), Narrow(), ClampLimit(limit=25))):
            with tempfile.TemporaryDirectory() as name, site(Path(name) / "site", faults, version=version) as place:
                yield from _kept(place, f"{version} {'narrowed' if faults[1:] else 'whole'}")
                if faults[1:]:
                    yield _unasked(place)
    for packed in (True, False):
        with tempfile.TemporaryDirectory() as name, site(Path(name) / "site") as place:
            _package(place.folder, packed=packed)
            place.configure(outputs=_outputs(), source={"type": "csv", "path": "package"})
            (place.folder / "rostersync.toml").write_text(
                _as_csv((place.folder / "rostersync.toml").read_text(), packed=packed)
            )
            yield from _kept(place, f"csv {packed=}", configure=False)


_A_SHORT_ONE: Final = 60


def _outputs() -> list[dict[str, str]]:
    return [{"format": each, "path": f"out/{each}"} for each in FORMATS]


def _kept(place: Site, what: str, *, configure: bool = True) -> Iterator[Sequence[str]]:
    """Run, export and look; everything but the program's input must be clean."""
    if configure:
        place.configure(outputs=_outputs(), sync={"parents": True})
    inputs = {path for path in place.folder.rglob("*") if path.is_file()}
    said = [place.cli(*words) for words in (("run", "main", "-vvv"), ("preview", "main", "--full", "--json"))]
    said.append(place.cli("log", "--last", "--changes", "--json"))
    if said[0].code not in {0, 3}:
        yield (f"{what}: the run failed: {said[0].err[-300:]}",)
    for answer in said:
        yield (f"{what}: said",) if _MARK in answer.out + answer.err else ()
    for path, content in contents(place.folder).items():
        if path not in inputs:
            yield (f"{what}: {path.name}",) if _MARK.encode() in content else ()


def _unasked(place: Site) -> Sequence[str]:
    """Tell where a page behind the first was asked for whole although the server honors `fields`."""
    asked = [each.params for each in place.server.requests if each.path.endswith("/users") and "offset" in each.params]
    return [f"asked for all of a user: {each}" for each in asked if each["offset"] != "0" and "fields" not in each]


def _package(folder: Path, *, packed: bool) -> None:
    """Write a package with columns and files that nobody mapped."""
    names = "sourcedId,orgSourcedIds,enabledUser,role,username,givenName,familyName,password,metadata.ssn,userIds,sms"
    rows = [f"u{n},s,true,student,user{n},G{n},F{n},{_MARK},{_MARK},{{{_MARK}}},{_MARK}" for n in range(30)]
    files = {
        "manifest.csv": "propertyName,value\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,bulk\n",
        "orgs.csv": f"sourcedId,name,type,metadata.x\ns,North,school,{_MARK}\n",
        "users.csv": "\n".join([names, *rows, ""]),
        "demographics.csv": f"sourcedId,birthDate,sex\nu1,2012-01-01,{_MARK}\n",
    }
    (to_zip if packed else to_folder)(folder / ("package.zip" if packed else "package"), files)


def _as_csv(text: str, *, packed: bool) -> str:
    """Replace the source of a configuration."""
    head, _, rest = text.partition("[integrations.main.source]")
    tail = rest[rest.index("[[integrations.main.outputs]]") :]
    path = "package.zip" if packed else "package"
    source = f'[integrations.main.source]\ntype = "csv"\npath = "{path}"\n'
    return f"{head}{source}\n[integrations.main.sync]\nclasses = false\n\n{tail}"
