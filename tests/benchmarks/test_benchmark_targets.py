"""What was measured is held against the targets, and told as a table and as JSON."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import report
from benchmarks.figures import Figure, Group, figure
from benchmarks.measure import Cost, measure, python
from benchmarks.scenarios import SCENARIOS, Setting, with_needs
from benchmarks.targets import (
    BARE,
    LARGE,
    MAIN,
    MEASURED,
    SLOW,
    STARTS,
    TARGETS,
    TENTH,
    Results,
    Target,
    Verdict,
    settings,
    verdicts,
)

SECONDS = {"curl": 6.0, "first": 9.0, "full-again": 8.0, "delta-nothing": 0.4, "delta-changes": 1.0, "naive": 30.0}


def results() -> Results:
    """Results of every setting: 9 seconds for a first run, and so on."""
    groups = {}
    for name, setting in settings(1000, 50, 8, large=True).items():
        figures = {each: Figure(SECONDS.get(each, 5.0), 1.0, 100.0, 1) for each in MEASURED[name]}
        groups[name] = Group(setting, figures, records=9000)
    groups[TENTH].figures["first"] = Figure(1.0, 0.5, 90.0, 3)
    groups[LARGE].figures["csv"] = Figure(90.0, 80.0, 410.0, 1)
    starts = {
        "python": Figure(0.02, 0.01, 10, 5),
        "help": Figure(0.1, 0.1, 10, 5),
        "version": Figure(0.05, 0.02, 10, 5),
    }
    return Results(groups, starts)


def printed(found: Results) -> str:
    """The tables as text."""
    out = io.StringIO()
    for table in report.tables(found):
        Console(width=160, file=out).print(table)
    return out.getvalue()


def test_every_target_is_judged_by_what_was_measured() -> None:
    found = {verdict.target.what: (verdict.value, verdict.met) for verdict in verdicts(results())}
    assert found == {
        "Full run, usual delay, against curl": (1.5, True),
        "Full run, long delay, against curl": (1.5, False),
        "Full run without changes, against the first": (8 / 9, True),
        "Delta run without changes, against the first": (0.4 / 9, True),
        "1 % changes by delta, against none": (2.5, False),
        "Peak memory in MB": (100.0, True),
        "Peak memory in MB, ten times the students": (410.0, False),
        "Growth with ten times the students": (9.0, True),
        "--help, against a bare Python": (5.0, True),
        "--version, against a bare Python": (2.5, True),
        "A requests loop, against the full run, no delay": (30 / 9, True),
    }


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.what)
def test_what_a_target_needs_is_measured(target: Target) -> None:
    for group, scenario in filter(None, (target.measured, target.against)):
        assert group == STARTS or not scenario or scenario in MEASURED[group]


def test_a_target_is_a_limit_from_above_or_from_below() -> None:
    above = Target("", (MAIN, "first"), (MAIN, "curl"), 2.0, 1.5)
    assert [Verdict(above, seconds, 1.0).met for seconds in (1.9, 2.0, 2.1)] == [True, True, False]
    assert [Verdict(above, seconds, 1.0).keeps(above.stretch) for seconds in (1.5, 1.6)] == [True, False]
    below = Target("", (BARE, "naive"), (BARE, "first"), 3, at_least=True)
    assert [Verdict(below, seconds, 1.0).met for seconds in (2.9, 3.0, 3.1)] == [False, True, True]
    assert Verdict(above).met is None


def test_the_settings_follow_from_the_first() -> None:
    assert settings(100_000, 50, 8, large=False) == {
        MAIN: Setting(100_000, 50, 8),
        SLOW: Setting(100_000, 200, 4),
        BARE: Setting(100_000, 0, 8),
        TENTH: Setting(10_000, 0, 8),
    }
    assert settings(100_000, 50, 8, large=True)[LARGE] == Setting(1_000_000, 50, 8)


def test_the_peak_is_that_of_our_own_runs() -> None:
    found = results()
    found.groups[BARE].figures["naive"] = Figure(1.0, 1.0, 9000.0, 1)
    assert found.peak(BARE) == 100.0
    assert Results({}).peak(BARE) is None


def test_the_tables_have_a_row_for_every_figure_and_every_target() -> None:
    text = printed(results())
    for target in TARGETS:
        assert target.what in text
    for name in MEASURED[MAIN]:
        assert SCENARIOS[name].title in text
    assert "1,000 students (9,000 records), 50 ms a page, 8 at a time" in text
    assert "410 MB" in text


def test_a_table_says_why_a_figure_is_missing() -> None:
    group = Group(Setting(1000, 0, 8), notes={"curl": "[/b] is not installed"})
    assert "curl fetching the same pages: [/b] is not installed" in printed(Results({BARE: group}))


def test_a_target_that_was_not_measured_says_so() -> None:
    assert printed(Results({})).count(report.NOT_MEASURED) == len(TARGETS)


def test_the_document_has_machine_figures_and_targets() -> None:
    told = json.loads(json.dumps(report.document(results())))
    assert told["schema"] == "rostersync/benchmarks/1"
    assert told["machine"]["python"] == sys.version.split()[0]
    assert told["settings"]["main"]["figures"]["first"] == {"wall": 9.0, "cpu": 1.0, "peak_mb": 100.0, "rounds": 1}
    assert [each["met"] for each in told["targets"]].count(False) == 3


def test_a_figure_is_the_median_of_its_rounds_and_the_highest_peak() -> None:
    costs = [Cost(3.0, 1.0, 10.0, 0), Cost(1.0, 3.0, 30.0, 0), Cost(2.0, 2.0, 20.0, 0)]
    assert figure(costs) == Figure(2.0, 2.0, 30.0, 3)


def test_a_scenario_comes_with_those_that_it_needs_in_order() -> None:
    assert with_needs(("full-changed", "curl")) == ("curl", "first", "delta-changes", "full-changed")


def test_a_command_is_measured_by_itself(tmp_path: Path) -> None:
    script = "import time; kept = bytearray(80_000_000); time.sleep(0.2); print(len(kept)); raise SystemExit(3)"
    with (tmp_path / "told").open("w") as out:
        cost = measure(python("-c", script), folder=tmp_path, out=out)
    assert (tmp_path / "told").read_text() == "80000000\n"
    assert cost.exit_code == 3
    assert cost.wall >= 0.2
    assert cost.peak_mb >= 80
