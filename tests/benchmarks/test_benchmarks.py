"""The benchmarks work: everything is measured once on a small district, and no time is judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import floor, rival
from benchmarks.__main__ import main
from benchmarks.figures import measure_round
from benchmarks.measure import Cost
from benchmarks.scenarios import SCENARIOS, Bench, Setting
from benchmarks.serving import Serving
from benchmarks.site import Wrong, check_changes, check_first, check_nothing
from benchmarks.targets import MAIN, STARTS, TARGETS

STUDENTS = 500
# `preview` does what `preview-changes` does, at another time.
MEASURED = sorted(set(SCENARIOS) - {"preview"})
# About a dozen runs, one after the other, where the other tests have one or two.
pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document of a whole round without a delay; each scenario sees for itself that its roster is right."""
    folder = tmp_path_factory.mktemp("benchmarks")
    words = ["--students", str(STUDENTS), "--delay", "0", "--rounds", "1", "--cache", str(folder / "pages")]
    words += [word for name in MEASURED for word in ("--only", name)]
    words += ["--only-setting", MAIN, "--only-setting", STARTS, "--json", str(folder / "told.json")]
    assert main(words) in {0, 1}
    document: dict[str, Any] = json.loads((folder / "told.json").read_text("utf-8"))
    return document


def test_every_scenario_gives_a_figure(told: dict[str, Any]) -> None:
    group = told["settings"][MAIN]
    missing = {name for name, there in (("curl", floor.available()), ("oneroster", rival.FOLDER.is_dir())) if not there}
    assert set(group["notes"]) == missing
    assert set(group["figures"]) == set(MEASURED) - missing
    for figure in group["figures"].values():
        assert figure["wall"] > 0
        assert figure["peak_mb"] > 1
        assert figure["rounds"] == 1
    assert set(told["starts"]) == {"python", "help", "version"}


def test_there_is_a_verdict_on_every_target(told: dict[str, Any]) -> None:
    assert [each["what"] for each in told["targets"]] == [target.what for target in TARGETS]
    measured = {each["what"] for each in told["targets"] if each["value"] is not None}
    assert measured >= {
        "Full run without changes, against the first",
        "Delta run without changes, against the first",
        "1 % changes by delta, against none",
        "Peak memory in MB",
        "--help, against a bare Python",
        "--version, against a bare Python",
    }


def test_a_roster_that_is_not_the_districts_is_no_figure() -> None:
    counts = dict.fromkeys(("matched_students", "matched_parents", "imported_classes", "enrollments"), 0)
    run = {"counts": counts, "changes": {"users": {"create": 1, "update": 0, "remove": 0}}}
    with pytest.raises(Wrong, match="instead of"):
        check_first(run, STUDENTS)
    with pytest.raises(Wrong, match="1 rows were changed instead of"):
        check_changes(run, STUDENTS)
    with pytest.raises(Wrong, match="without a change"):
        check_nothing(run, STUDENTS)


def test_what_failed_is_told_and_what_needs_it_is_left_out(tmp_path: Path) -> None:
    bench = Bench(Setting(STUDENTS, 0, 8), Serving(0, "9.9"), tmp_path / "pages", tmp_path)
    costs, notes, said = dict[str, list[Cost]](), dict[str, str](), list[str]()
    measure_round(bench, ("csv", "csv-changes"), costs, notes, said.append)
    assert costs == {}
    assert "ended with" in notes["csv"]
    assert notes["csv-changes"] == "not measured without: first run on a CSV package"
    assert len(said) == 1
