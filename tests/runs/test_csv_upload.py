"""`run NAME --file`: a package uploaded by hand into an integration that reads files."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.demo import make_district
from tests.csv.csv_packages import to_folder, to_zip
from tests.runs.csv_site import bulk, drop, live_tables
from tests.runs.demo_site import codes, is_empty, site


def package(version: str = "1.2") -> dict[str, str]:
    return bulk(live_tables(make_district(students=30), version), version)  # type: ignore[arg-type]


def test_a_zip_is_read_in_the_place_of_the_configured_one(tmp_path: Path) -> None:
    path = to_zip(tmp_path / "by-hand.zip", package())
    main = drop(tmp_path / "site")
    main.run(code=1)
    shown = main.preview("--file", str(path))
    ran = main.run("--file", str(path))
    assert (ran["plan_hash"], ran["mode"]) == (shown["plan_hash"], "full")
    assert main.status()["edited"] is False
    main.put(package())
    again = main.run()
    assert is_empty(again["changes"])
    assert "RS-CFG-006" not in codes(again)


def test_a_folder_will_do_and_the_other_version_too(tmp_path: Path) -> None:
    main = drop(tmp_path / "site", package("1.1"))
    main.run()
    assert main.run("--file", str(to_folder(tmp_path / "folder", package("1.2"))))["mode"] == "full"


def test_what_is_no_package_is_a_failed_run(tmp_path: Path) -> None:
    main = drop(tmp_path / "site", package())
    main.run()
    before = main.mark()
    path = tmp_path / "notes.zip"
    path.write_text("hello", "utf-8")
    assert main.run("--file", str(path), code=1)["error"]["code"] == "RS-SRC-005"
    assert main.mark() == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "main", "--file", "none.zip"), "--file names no file that exists"),
        (("preview", "main", "--file", "none.zip"), "--file names no file that exists"),
        (("run", "--file", "r.zip"), "exactly one NAME"),
        (("run", "main", "other", "--file", "r.zip"), "exactly one NAME"),
        (("run", "main", "--due", "--file", "r.zip"), "--file and --due exclude each other"),
        (("preview", "main", "--offline", "--file", "r.zip"), "--file and --offline exclude each other"),
    ],
)
def test_a_file_that_is_for_no_one_is_a_usage_error(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    main = drop(tmp_path, package(), others={"other": {"source": {"type": "csv", "path": "drop"}}})
    code, answer = main.json(*(str(tmp_path / word) if word == "r.zip" else word for word in words))
    assert (code, answer["code"]) == (2, "RS-CFG-007")
    assert says in answer["message"]


def test_an_integration_of_another_source_takes_no_file(tmp_path: Path) -> None:
    path = to_zip(tmp_path / "r.zip", package())
    with site(tmp_path / "site") as main:
        code, answer = main.json("run", "main", "--file", str(path))
    assert (code, answer["code"]) == (2, "RS-CFG-007")
    assert 'source.type "csv"' in answer["message"]


def test_the_command_to_approve_names_the_file(tmp_path: Path) -> None:
    main = drop(tmp_path / "site", package(), limits={"removals": 0})
    main.run()
    district = make_district(students=30)
    district.mark_deleted("users", "stu-0020", main.clock.advance(days=1))
    path = to_zip(tmp_path / "smaller roster.zip", bulk(live_tables(district, "1.2"), "1.2"))
    for words in (("run", "main"), ("preview", "main")):
        answer = main.cli(*words, "--file", str(path))
        said = " ".join(answer.out.replace("\\\n", " ").split())
        assert f"--file '{path}'" in said, answer.out
    approved = main.preview("--file", str(path))["plan_hash"]
    assert main.run("--file", str(path), "--approve", approved)["changes"]["users"]["remove"] == 1
