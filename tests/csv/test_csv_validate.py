"""The validator: it finds every planted flaw at its line, and nothing in what is good."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.demo.generate import make_district
from rostersync.model.codes import Code, Severity
from rostersync.sources.csv.checks.finding import RULES
from rostersync.sources.csv.layout import Version
from rostersync.sources.csv.validate import Finding, Validation, validate
from tests.csv.csv_flaws import PLANTED, Planted, delta, good
from tests.csv.csv_packages import files_of, tables_of, to_folder, to_zip

NAMES = [f"{number}-{planted.rule}" for number, planted in enumerate(PLANTED)]


def findings_of(planted: Planted, path: Path) -> list[Finding]:
    files = planted.base(planted.version)
    planted.change(files)
    return list(validate(to_folder(path, files)))


@pytest.mark.parametrize("planted", PLANTED, ids=NAMES)
def test_a_planted_flaw_is_found_at_its_line(planted: Planted, tmp_path: Path) -> None:
    found = findings_of(planted, tmp_path / "package")
    assert (planted.rule, planted.file, planted.line) in [(each.rule, each.file, each.line) for each in found], found


@pytest.mark.parametrize("planted", PLANTED, ids=NAMES)
def test_a_finding_says_what_is_wrong_and_what_to_do(planted: Planted, tmp_path: Path) -> None:
    found = next(each for each in findings_of(planted, tmp_path / "package") if each.rule == planted.rule)
    assert Code(found.code) in Code
    assert found.message
    assert found.remedy.endswith(".")
    assert "secret" not in repr(found)


def test_the_corpus_has_every_rule_about_rows_and_more_than_forty_kinds() -> None:
    planted = {each.rule for each in PLANTED}
    assert set(RULES) <= planted
    assert len(planted) > 80


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("make", [good, delta])
def test_nothing_is_found_in_a_good_package(make: object, version: Version, tmp_path: Path) -> None:
    files = make(version)  # type: ignore[operator]
    assert list(validate(to_folder(tmp_path / "folder", files))) == []
    assert list(validate(to_zip(tmp_path / "package.zip", files))) == []


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_nothing_is_found_in_a_sample_district(version: Version, tmp_path: Path) -> None:
    tables = tables_of(make_district(60, with_flaws=False), version)
    validation = Validation(to_zip(tmp_path / "district.zip", files_of(tables, version)))
    assert list(validation) == []
    assert (validation.ok, validation.readable, validation.version) == (True, True, version)


def test_a_bom_other_line_ends_and_metadata_columns_are_good(tmp_path: Path) -> None:
    files = good("1.1")
    orgs = str(files["orgs.csv"]).replace("parentSourcedId\r\n", "parentSourcedId,metadata.zone\r\n", 1)
    head, *rows = orgs.removesuffix("\r\n").split("\r\n")
    files["orgs.csv"] = "\ufeff" + "\n".join([head, *(f'{row},"a, b"' for row in rows)])
    assert list(validate(to_folder(tmp_path, files))) == []


def test_in_a_package_without_manifest_only_that_is_found(tmp_path: Path) -> None:
    validation = Validation(to_folder(tmp_path, good("1.0")))
    assert [(each.rule, each.severity) for each in validation] == [("manifest-missing", Severity.WARNING)]
    assert validation.version == "1.0"


def test_a_delta_may_refer_to_what_came_before(tmp_path: Path) -> None:
    files = delta("1.1")
    for name in ("orgs", "courses", "users"):
        del files[f"{name}.csv"]
        files["manifest.csv"] = str(files["manifest.csv"]).replace(f"file.{name},delta", f"file.{name},absent")
    assert list(validate(to_folder(tmp_path, files))) == []


def test_a_deleted_record_needs_nothing_but_its_sourced_id(tmp_path: Path) -> None:
    files = delta("1.1")
    files["orgs.csv"] = str(files["orgs.csv"]) + "s9,tobedeleted,2026-08-01T06:00:00.000Z,,,,\r\n"
    assert list(validate(to_folder(tmp_path, files))) == []


def test_a_file_that_cannot_be_read_does_not_hide_the_flaws_of_the_others(tmp_path: Path) -> None:
    files = good("1.2")
    files["orgs.csv"] = ""
    files["users.csv"] = str(files["users.csv"]).replace(",true,", ",enabled,", 1)
    found = [(each.rule, each.file) for each in validate(to_folder(tmp_path, files))]
    assert found == [("empty-file", "orgs.csv"), ("bad-boolean", "users.csv")]


def test_the_numbers_are_those_of_the_findings(tmp_path: Path) -> None:
    files = good("1.1")
    files["orgs.csv"] = str(files["orgs.csv"]).replace("South High,", "South High ,")
    files["users.csv"] = str(files["users.csv"]).replace(",true,", ",enabled,", 1)
    validation = Validation(to_folder(tmp_path, files))
    found = list(validation)
    assert validation.counts[Severity.ERROR] == sum(each.severity is Severity.ERROR for each in found) == 1
    assert validation.counts[Severity.WARNING] == 1
    assert not validation.ok
    assert validation.readable


def test_what_is_no_package_is_not_readable(tmp_path: Path) -> None:
    validation = Validation(tmp_path / "none.zip")
    assert [(each.rule, each.code) for each in validation] == [("not-found", "RS-SRC-005")]
    assert not validation.readable
