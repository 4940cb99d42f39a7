"""The command `validate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rostersync.cli.app import main
from tests.csv.csv_flaws import good, swap
from tests.csv.csv_packages import to_folder, to_zip


def test_a_good_package_is_exit_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = to_zip(tmp_path / "r.zip", good("1.2"))
    assert main(["validate", str(path)]) == 0
    assert capsys.readouterr().out == "OneRoster 1.2: nothing found\n"
    assert main(["validate", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "schema": "rostersync/validate/1",
        "path": str(path),
        "version": "1.2",
        "ok": True,
        "findings": [],
        "counts": {"error": 0, "warning": 0, "info": 0},
    }


def test_findings_are_exit_3_and_tell_where_and_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = good("1.1")
    swap("orgs", ",school,2", ",[b]acad\x1bemy,2")(files)
    path = to_folder(tmp_path / "r", files)
    assert main(["validate", str(path), "--json"]) == 3
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], answer["counts"]["error"]) == (False, 1)
    (finding,) = [each for each in answer["findings"] if each["severity"] == "error"]
    assert finding == {
        "code": "RS-DATA-001",
        "rule": "unknown-value",
        "severity": "error",
        "file": "orgs.csv",
        "line": 3,
        "column": "type",
        "value": "[b]acad\x1bemy",
        "message": finding["message"],
        "remedy": "Use one of the standard's values.",
    }
    assert main(["validate", str(path)]) == 3
    out = capsys.readouterr().out
    assert "orgs.csv:3 type  error  unknown-value (RS-DATA-001)\n" in out
    assert "[b]acad" in out
    assert "\x1b" not in out
    assert out.endswith("warnings\n")


def test_what_cannot_be_read_at_all_is_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(tmp_path / "none.zip"), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["schema"], answer["ok"], answer["version"]) == ("rostersync/validate/1", False, None)
    assert [each["rule"] for each in answer["findings"]] == ["not-found"]


def test_it_needs_no_configuration_and_a_path(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 2
    assert "PATH" in capsys.readouterr().err
