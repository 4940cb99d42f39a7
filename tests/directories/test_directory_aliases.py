"""Domains that stand for each other."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from rostersync.directories.aliases import DomainAliases, alike
from rostersync.directories.csv import CsvDirectory, CsvSettings


def emails(file: Path, address: str, aliases: Mapping[str, str]) -> tuple[str, ...]:
    """Give the addresses of the one account of a file."""
    file.write_text(f"id,email\n1,{address}\n", encoding="utf-8")
    with closing(DomainAliases(CsvDirectory(CsvSettings(file)), aliases)) as directory:
        (account,) = directory.accounts()
    return account.emails


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("ada@example.org", ("ada@example.org", "ada@stu.example.org")),
        ("Ada@STU.example.org", ("Ada@STU.example.org", "Ada@example.org")),
        ("ada@other.org", ("ada@other.org",)),
        ("example.org", ("example.org",)),
    ],
)
def test_an_account_is_found_by_every_domain_that_stands_for_its_own(
    tmp_path: Path, address: str, found: tuple[str, ...]
) -> None:
    assert emails(tmp_path / "accounts.csv", address, {"stu.example.org": "Example.org"}) == found


def test_domains_alike_form_groups() -> None:
    assert alike({"a": "c", "b": "c", "x": "y"}) == dict.fromkeys("abc", ("a", "b", "c")) | dict.fromkeys(
        "xy", ("x", "y")
    )
    assert alike({"a": "b", "b": "c"}) == dict.fromkeys("abc", ("a", "b", "c"))
    assert alike({"a": "b", "b": "a", "c": "a"}) == dict.fromkeys("abc", ("a", "b", "c"))
    assert alike({}) == {}


def test_check_counts_accounts_and_not_domains(tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("id,email\n1,ada@a\n2,\n", encoding="utf-8")
    (probe,) = DomainAliases(CsvDirectory(CsvSettings(file)), {"a": "b"}).probe()
    assert probe.message == "2 accounts, 1 with an email"
