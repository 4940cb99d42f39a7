"""What `check` says about where an output goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.model.codes import Code
from rostersync.outputs.jsonl import JsonLines
from rostersync.outputs.probe import probe


def test_a_folder_that_a_run_would_make_is_fine_and_is_not_made(tmp_path: Path) -> None:
    (found,) = probe(JsonLines(tmp_path / "not" / "yet" / "roster.zip", "springfield"))
    assert (found.name, found.ok) == ("output jsonl", True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    (found,) = probe(JsonLines(tmp_path / "out" / "roster.zip", "springfield"))
    assert (found.ok, found.code) == (False, Code.OUT_NOT_WRITTEN)
    assert str(tmp_path / "out") in found.message


def test_a_symbolic_link_is_told(tmp_path: Path) -> None:
    (tmp_path / "roster.zip").symlink_to(tmp_path / "elsewhere.zip")
    (found,) = probe(JsonLines(tmp_path / "roster.zip", "springfield"))
    assert (found.ok, found.code) == (False, Code.OUT_NOT_WRITTEN)


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda _path, _mode: False)  # the tests may run as root, who may do anything
    (found,) = probe(JsonLines(tmp_path / "roster.zip", "springfield"))
    assert (found.ok, found.code) == (False, Code.OUT_NOT_WRITTEN)
    assert found.hint
