"""A district whose accounts stand in a CSV file, as whole runs read it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rostersync.demo import District, make_district
from tests.runs.demo_site import Site, Values, site

COLUMNS = ("id", "email", "aliases", "username", "identifier", "userMasterIdentifier", "sourcedId", "disabled")
File = dict[str, dict[str, str]]
"""The rows of a file of accounts by the sourcedId of the user for whom each was made."""


def lean(students: int = 40, *, parents: bool = False) -> District:
    """A district without flaws, whose users all have an email of their own."""
    return make_district(students=students, parents=parents, with_flaws=False)


def accounts_of(district: District) -> File:
    """An account for every user, with their email alone."""
    return {who: {"id": f"acc-{who}", "email": str(user.get("email") or "")} for who, user in district.users.items()}


def write(path: Path, rows: Iterable[Mapping[str, str]], columns: Iterable[str] = COLUMNS) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()
        writer.writerows(rows)


def write_accounts(main: Site, accounts: File) -> None:
    write(main.folder / "accounts.csv", accounts.values())


def configure(main: Site, **tables: Any) -> None:  # noqa: ANN401 - what configure takes
    """Configure the integration with the file of accounts; `directory` is put on top."""
    main.configure(directory={"type": "csv", "path": "accounts.csv"} | tables.pop("directory", {}), **tables)


@contextmanager
def directory_site(folder: Path, accounts: File | None = None, **tables: Any) -> Iterator[Site]:  # noqa: ANN401 - as above
    """Serve a district, with an account for everybody or these accounts."""
    district = tables.pop("district", None) or lean()
    with site(folder, district=district) as main:
        write_accounts(main, accounts_of(district) if accounts is None else accounts)
        configure(main, **tables)
        yield main


def rule_8(main: Site, who: str) -> tuple[str, str]:
    """What `explain` says of the account of a user: the outcome and why."""
    subject = next(each for each in main.explain(who) if each["kind"] == "users")
    (step,) = [step for step in subject["decisions"] if step["rule"] == "8"]
    return step["outcome"], step["because"]


def account_of(main: Site, who: str) -> str | None:
    """The account in the row of a user; who has no row in force fails."""
    row = main.row("users", who)
    assert row is not None
    assert row["state"] == "active"
    found: str | None = row["account_id"]
    return found


def about(run: Values, code: str) -> list[str]:
    """The sourcedIds of a code's diagnostics."""
    return [each["sourced_id"] for each in run["diagnostics"] if each["code"] == code]


def users_in_force(main: Site, role: str) -> set[str]:
    """Whom the roster has in a role."""
    return {who for who in main.ids("users") if (row := main.row("users", who)) is not None and row["role"] == role}


def numbers(run: Values) -> tuple[int, int, int]:
    """The three numbers: unmatched users, matched students, matched teachers."""
    counts = run["counts"]
    return counts["unmatched_users"], counts["matched_students"], counts["matched_teachers"]
