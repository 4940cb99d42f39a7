"""An integration that reads CSV packages from a folder: what whole runs on files are tried on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from rostersync.demo import District
from rostersync.sources.csv.layout import Version
from tests.csv.csv_packages import Mode, Tables, files_of, tables_of, to_zip
from tests.runs.demo_site import Clock, Site, Values

STAMP = "2026-10-21T06:00:00.000Z"
LOOSE: Values = {"removals_percent": 100, "removals": 1_000_000}


@dataclass
class Drop(Site):
    """One integration `main` that reads the newest of the zips in a folder."""

    packages: int = 0

    @property
    def drop(self) -> Path:
        """The folder of the zips."""
        return self.folder / "drop"

    def configure(self, *, store: Values | None = None, **tables: Any) -> None:  # noqa: ANN401
        """Write the configuration; `source`, `schools`, `sync` and so on are put on top of the least that works."""
        self.drop.mkdir(mode=0o700, parents=True, exist_ok=True)
        source = {"type": "csv", "path": "drop/*.zip"} | tables.pop("source", {})
        others = tables.pop("others", {})
        document = {
            "store": {"url": f"sqlite:///{self.store.name}"} | (store or {}),
            "integrations": {self.name: {"source": source, **tables}, **others},
        }
        self.config.write_text(tomlkit.dumps(document), "utf-8")

    def put(self, files: Mapping[str, str | bytes]) -> Path:
        """Put a package into the folder, the newest by name."""
        self.packages += 1
        return to_zip(self.drop / f"roster-{self.packages}.zip", files)


def drop(folder: Path, files: Mapping[str, str | bytes] | None = None, **configured: Any) -> Drop:  # noqa: ANN401
    """Make an integration, with a package where one is given."""
    made = Drop(folder, None, Clock())  # type: ignore[arg-type]  # there is no server
    made.configure(**configured)
    if files is not None:
        made.put(files)
    return made


def live_tables(district: District, version: Version) -> Tables:
    """The rows of a bulk package: what is marked deleted is not in it. Dates are kept, which bulk rows may have."""
    stamped = tables_of(district, version, stamped=True)
    gone = {row["sourcedId"] for row in stamped["users"] if row["status"] == "tobedeleted"}
    tables: Tables = {}
    for name, rows in stamped.items():
        live = [row for row in rows if row["status"] != "tobedeleted" and row.get("userSourcedId") not in gone]
        tables[name] = [row | {"status": ""} for row in (live if name == "roles" else rows_without(rows))]
    return tables


def rows_without(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """The rows that are not marked deleted."""
    return [dict(row) for row in rows if row["status"] != "tobedeleted"]


def bulk(tables: Tables, version: Version) -> dict[str, str]:
    """The files of a bulk package."""
    return files_of(tables, version)


def delta(before: Tables, after: Tables, version: Version, whole: Collection[str] = ()) -> dict[str, str]:
    """The files of a package of what has changed between two days; files without a change are absent.

    Those that are named in `whole` are bulk all the same.
    """
    tables: Tables = {name: after[name] for name in whole}
    for name, rows in after.items():
        if name in whole:
            continue
        old, new = ({row["sourcedId"]: row for row in side} for side in (before[name], rows))
        changed = [row | {"status": "active"} for key, row in new.items() if old.get(key) != row]
        gone = [row | {"status": "tobedeleted"} for key, row in old.items() if key not in new]
        if changed or gone:
            tables[name] = [row | {"dateLastModified": row["dateLastModified"] or STAMP} for row in (*changed, *gone)]
    said: dict[str, Mode] = dict.fromkeys(tables, "delta")
    return files_of(tables, version, said | dict.fromkeys(whole, "bulk"))
