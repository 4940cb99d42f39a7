"""An integration with a store of its own, on which rostersync is run and measured as a user runs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.district import COLLECTIONS, SECOND_DAY, District
from benchmarks.measure import Cost, measure, python

NAME, DAY = "large", "2026-10-01"
REST = """
type = "rest"
version = "{version}"
url = "{url}"
page_size = 1000
concurrency = {concurrency}
auth = {{ type = "none" }}
"""
CSV = """
type = "csv"
path = "{path}"
"""
EVERYTHING = """
parents = true
respect_enrollment_dates = true
respect_academic_sessions = true
"""
USERS_ALONE = """
parents = true
classes = false
"""
"""What is synced: everything there is, or only what the clients that read users read."""


class Wrong(Exception):  # noqa: N818 - it says what the run did
    """A run did not do what it should: a benchmark of it would mean nothing."""


@dataclass(frozen=True)
class Site:
    """A folder with a configuration and a store."""

    folder: Path

    def configure(self, source: str, sync: str = EVERYTHING) -> None:
        """Write the configuration; the guard lets everything through."""
        text = (
            f'[store]\nurl = "sqlite:///roster.db"\n[integrations.{NAME}.source]\n{source}'
            f"[integrations.{NAME}.sync]\n{sync}"
            f"[integrations.{NAME}.limits]\nremovals_percent = 100\nremovals = 1000000000\n"
        )
        (self.folder / "rostersync.toml").write_text(text, "utf-8")

    def run(self, *words: str) -> tuple[Cost, dict[str, Any]]:
        """Run the integration; gives what it cost and the run's document. Raises Wrong where it was no success."""
        cost, told = self._start("run", NAME, "--date", DAY, "--json", *words)
        runs = told.get("runs", [])
        if cost.exit_code or not runs or runs[0]["status"] != "success" or runs[0]["diagnostics"]:
            raise Wrong(f"run {' '.join(words)} ended with {cost.exit_code}: {json.dumps(told)[:2000]}")
        return cost, runs[0]

    def preview(self, *words: str) -> Cost:
        """Preview the integration; gives what it cost. Raises Wrong where it could not be made."""
        cost = measure(python("-m", "rostersync", "preview", NAME, "--date", DAY, *words), folder=self.folder)
        if cost.exit_code:
            raise Wrong(f"preview {' '.join(words)} ended with {cost.exit_code}")
        return cost

    def _start(self, *words: str) -> tuple[Cost, dict[str, Any]]:
        path = self.folder / "told.json"
        with path.open("w") as out:
            cost = measure(python("-m", "rostersync", *words), folder=self.folder, out=out)
        text = path.read_text("utf-8")
        return cost, json.loads(text) if text else {}


def changed(run: Mapping[str, Any]) -> int:
    """How many rows a run has changed."""
    return sum(sum(actions.values()) for actions in run["changes"].values())


def check_first(run: Mapping[str, Any], students: int) -> None:
    """See that a first run of everything has the numbers of the district; raises Wrong."""
    district, counts = District(students), run["counts"]
    told = {name: counts[name] for name in ("matched_students", "matched_parents", "imported_classes", "enrollments")}
    right = {
        "matched_students": district.students,
        "matched_parents": district.parents,
        "imported_classes": district.classes,
        "enrollments": district.enrollments - district.new_enrollments,
    }
    if told != right:
        raise Wrong(f"the roster has {told} instead of {right}")


def check_changes(run: Mapping[str, Any], students: int) -> None:
    """See that a run has brought the changes of the second day, and nothing else; raises Wrong."""
    district = District(students)
    rows = sum(sum(1 for _ in district.rows(name, SECOND_DAY, changed=True)) for name in COLLECTIONS)
    if changed(run) != rows:
        raise Wrong(f"{changed(run)} rows were changed instead of {rows}: {run['changes']}")


def check_nothing(run: Mapping[str, Any], students: int) -> None:
    """See that a run has changed nothing; raises Wrong."""
    if changed(run):
        raise Wrong(f"a district of {students} without a change brought {run['changes']}")
