"""Accounts in a CSV file (`directory.type = "csv"`), and a file that gives accounts to users (`match.overrides`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from rostersync.config.values import AccountField
from rostersync.directories.base import addresses, count, smtp_addresses, text
from rostersync.directories.csv_table import Encoding, Form, Table
from rostersync.model.directory import Account
from rostersync.model.probe import Probe

_YES_NO = {"": False} | dict.fromkeys(("true", "yes", "y", "1"), True) | dict.fromkeys(("false", "no", "n", "0"), False)
_DEFUSED = re.compile("'[=+@-]")
_BETWEEN_ALIASES = re.compile(r"[\s;,|]+")


@dataclass(frozen=True, slots=True)
class CsvSettings:
    """Where the file is and how to read it.

    `columns` names the columns that the file calls otherwise; `needed` are the keys that are matched by (`match.by`),
    without whose column nobody would be found.
    """

    path: Path
    columns: Mapping[AccountField, str] = field(default_factory=dict)
    delimiter: str = ","
    encoding: Encoding = "utf-8"
    needed: Sequence[AccountField] = ()


class CsvDirectory:
    """The accounts of a CSV file with a header row."""

    def __init__(self, settings: CsvSettings) -> None:
        """Keep the settings; the file is opened when it is read."""
        self._settings = settings

    def accounts(self) -> Iterator[Account]:
        """Stream the accounts; raises DirectoryError at the end where anything in the file was wrong.

        RS-DIR-001: there is no file. RS-DIR-002: it may not be read, or lacks a column. RS-DIR-003: rows are flawed.
        """
        settings = self._settings
        form = Form(settings.path, settings.delimiter, settings.encoding)
        columns = {name: settings.columns.get(name, name) for name in get_args(AccountField)}
        table = Table(form, columns, ["id", *settings.columns, *settings.needed], "id")
        for line, values in table.rows():
            disabled = _YES_NO.get(values.get("disabled", "").casefold())
            if disabled is None:
                table.flaw(line, "has neither true nor false (yes, no, 1, 0) in disabled")
            else:
                yield _account(values, disabled=disabled)

    def probe(self) -> Iterator[Probe]:
        """Read the file and count its accounts."""
        return count(self)

    def close(self) -> None:
        """Have nothing to let go of: the file is closed as soon as it is read."""


def read_overrides(path: Path) -> dict[str, str]:
    """Read which account belongs to which user: the columns `sourcedId` and `id`, in UTF-8 with commas.

    Two users may have one account (rule 8). Raises DirectoryError as the file of a directory does.
    """
    form = Form(path, key="match.overrides")
    table = Table(form, {"sourcedId": "sourcedId", "id": "id"}, ["sourcedId", "id"], "sourcedId")
    overrides: dict[str, str] = {}
    for line, values in table.rows():
        if values["id"]:
            overrides[_undefused(values["sourcedId"])] = _undefused(values["id"])
        else:
            table.flaw(line, "has no id")
    return overrides


def _undefused(value: str) -> str:
    """Take off the apostrophe that `unmatched --csv` puts before what a spreadsheet would run as a formula."""
    return value[1:] if _DEFUSED.match(value) else value


def _account(values: Mapping[str, str], *, disabled: bool) -> Account:
    """Put the columns in the places of an account."""
    aliases = smtp_addresses(_BETWEEN_ALIASES.split(values.get("aliases", "")))
    return Account(
        id=values["id"],
        emails=addresses([values.get("email"), *aliases]),
        username=text(values.get("username")),
        identifier=text(values.get("identifier")),
        master_identifier=text(values.get("userMasterIdentifier")),
        sourced_id=text(values.get("sourcedId")),
        disabled=disabled,
    )
