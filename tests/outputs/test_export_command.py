"""`export` on the command line, and a run that writes its outputs."""

from __future__ import annotations

import pytest

from tests.cli.world import NAME, World
from tests.cli.worlds import offline, server, synced, world
from tests.outputs.outputs_district import read, table

__all__ = ["offline", "server", "synced", "world"]

FORMATS = ["apple-school-manager", "jsonl", "oneroster-1.1", "oneroster-1.2", "sds-2.1"]


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_is_exported(synced: World, format_: str) -> None:
    path = synced.folder / "out" / "x.zip"
    answer = synced("export", NAME, "--format", format_, "--output", str(path), "--json")
    assert answer.code == 0
    found = answer.document
    assert list(found) == ["schema", "message", "integration", "format", "path", "rows", "diagnostics"]
    assert (found["schema"], found["format"], found["path"]) == ("rostersync/export/1", format_, "DIR/out/x.zip")
    # The sample district has a teacher who is a parent, which 1.1 cannot say.
    assert len(found["diagnostics"]) == (format_ == "oneroster-1.1")
    assert found["rows"] > 100
    assert len(read(path)) > 5


def test_a_person_is_told_in_sentences(synced: World) -> None:
    path = str(synced.folder / "x.zip")
    answer = synced("export", NAME, "--format", "oneroster-1.1", "--output", path)
    told, left_out, remedy = answer.out.splitlines()
    assert (answer.code, told[:24], told[-23:]) == (0, "springdale is exported t", " rows of oneroster-1.1.")
    assert left_out.startswith(
        "RS-DATA-001 warning: oneroster-1.1 in DIR/x.zip is without what the format cannot hold: 1 "
    )
    assert remedy.endswith("Everything else was written.")
    assert synced("-q", "export", NAME, "--format", "jsonl", "--output", path).err == ""


def test_what_cannot_be_exported_is_refused(synced: World) -> None:
    path = synced.folder / "x"
    path.write_text("mine")
    for name, format_, code, exit_code in (
        (NAME, "csv", "RS-CFG-007", 2),
        ("nobody", "jsonl", "RS-CFG-005", 2),
        (NAME, "jsonl", "RS-OUT-001", 1),
    ):
        answer = synced("export", name, "--format", format_, "--output", str(path), "--json")
        assert (answer.code, answer.document["code"]) == (exit_code, code)
    assert path.read_text() == "mine"


def test_nothing_is_exported_before_the_first_run(offline: World) -> None:
    answer = offline("export", NAME, "--format", "jsonl", "--output", str(offline.folder / "x.zip"))
    assert answer.code == 2
    assert "has never been synced" in answer.err
    assert not (offline.folder / "x.zip").exists()


def test_a_run_writes_its_outputs_and_repairs_the_one_that_failed(world: World) -> None:
    config = world.folder / "rostersync.toml"
    outputs = "".join(
        f'\n[[integrations.{NAME}.outputs]]\nformat = "{format_}"\npath = "out/{format_}"\n' for format_ in FORMATS
    )
    config.write_text(config.read_text() + outputs)
    (world.folder / "out").mkdir()
    (world.folder / "out" / "jsonl").write_text("in the way")
    first = world("run", NAME, "--json")
    (run,) = first.document["runs"]
    assert (first.code, run["status"]) == (3, "partial")
    assert [each["format"] for each in run["outputs"]] == [each for each in FORMATS if each != "jsonl"]
    assert [each["code"] for each in run["diagnostics"] if each["severity"] == "error"] == ["RS-OUT-001"]
    (world.folder / "out" / "jsonl").unlink()
    second = world("run", NAME, "--json")
    (run,) = second.document["runs"]
    assert (second.code, run["status"], run["changes"]["users"]) == (
        0,
        "success",
        {"create": 0, "update": 0, "remove": 0},
    )
    assert [each["format"] for each in run["outputs"]] == FORMATS
    assert world("log", NAME, "--last", "--json").document["runs"][0]["outputs"] == run["outputs"]
    assert len(table(world.folder / "out" / "sds-2.1", "users")) > 100
