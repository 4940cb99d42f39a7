"""Accounts in a CSV file."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rostersync.directories.base import Directory
from rostersync.directories.csv import CsvDirectory, CsvSettings, read_overrides
from rostersync.errors import DirectoryError
from rostersync.model.directory import Account
from tests.directories.contract import DirectoryContract, Serve, assert_fails

HEADER = ("id", "email", "aliases", "username", "identifier", "userMasterIdentifier", "sourcedId", "disabled")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the place of the file."""
    return tmp_path / "accounts.csv"


def row(account: Account) -> list[str]:
    """Write an account as a row under HEADER."""
    email, *aliases = account.emails or ("",)
    keys = [account.username, account.identifier, account.master_identifier, account.sourced_id]
    return [account.id, email, " ".join(aliases), *(key or "" for key in keys), str(account.disabled).lower()]


class TestCsvContract(DirectoryContract):
    """What every directory must do."""

    @pytest.fixture
    def serve(self, file: Path) -> Serve:
        def write(accounts: Sequence[Account]) -> Directory:
            with file.open("w", encoding="utf-8", newline="") as target:
                csv.writer(target).writerows([HEADER, *map(row, accounts)])
            return CsvDirectory(CsvSettings(file))

        return write

    @pytest.fixture
    def unreachable(self, file: Path) -> Directory:
        return CsvDirectory(CsvSettings(file))

    @pytest.fixture
    def refused(self, file: Path) -> Directory:
        file.write_text("mail,name\nada@example.org,ada\n", encoding="utf-8")
        return CsvDirectory(CsvSettings(file))

    @pytest.fixture
    def cut_short(self, file: Path) -> Directory:
        file.write_text("id,email\n1,ada@example.org\n2,bert@example.org\n3", encoding="utf-8")
        return CsvDirectory(CsvSettings(file))


def read(file: Path, content: str | bytes, **settings: Any) -> list[Account]:  # noqa: ANN401 - as the settings have it
    """Read the accounts of a file with this content."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(CsvDirectory(replace(CsvSettings(file), **settings)).accounts())


def fault(file: Path, content: str | bytes, code: str = "RS-DIR-003", **settings: Any) -> str:  # noqa: ANN401 - as above
    """Give what is told about a file with this content, from the line number on."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    error = assert_fails(CsvDirectory(replace(CsvSettings(file), **settings)), code)
    return error.message.replace(f"{file}:", "")


@pytest.mark.parametrize(
    "content",
    [
        "id,email\n1,ada@x.org\n",
        "id,email\r\n1,ada@x.org\r\n",
        "id,email\r1,ada@x.org\r",
        "id,email\n1,ada@x.org",
        "\ufeffid,email\n1,ada@x.org\n",
        '\ufeff"id","email"\n"1","ada@x.org"\n',
        " ID , Email \n 1 , ada@x.org \n",
        'email,office,id\nada@x.org,"Room 1\nSecond floor",1\n',
        "id,email\n\n1,ada@x.org\n,\n\n",
        "id,email\n1,ada@x.org,,\n",
    ],
    ids=["lf", "crlf", "cr", "no end", "bom", "quoted bom", "spaces", "line break", "blank rows", "wide row"],
)
def test_one_account_however_it_is_written(file: Path, content: str) -> None:
    assert read(file, content) == [Account("1", ("ada@x.org",))]


@pytest.mark.parametrize(
    ("content", "settings"),
    [
        ("id;email\n1;zoë@x.org\n".encode(), {"delimiter": ";"}),
        ("id\temail\n1\tzoë@x.org\n".encode(), {"delimiter": "\t"}),
        ("id,email\n1,zoë@x.org\n".encode("utf-16"), {"encoding": "utf-16"}),
        ("id,email\n1,zoë@x.org\n".encode("cp1252"), {"encoding": "windows-1252"}),
        ("id,email\n1,zoë@x.org\n".encode("latin-1"), {"encoding": "iso-8859-1"}),
        ("objectGUID,Mail\n1,zoë@x.org\n".encode(), {"columns": {"id": "objectguid", "email": "Mail"}}),
    ],
    ids=["semicolon", "tab", "utf-16", "windows-1252", "iso-8859-1", "columns"],
)
def test_the_file_is_read_as_the_configuration_says(file: Path, content: bytes, settings: dict[str, Any]) -> None:
    assert read(file, content, **settings) == [Account("1", ("zoë@x.org",))]


def test_every_column_goes_to_its_place(file: Path) -> None:
    content = f"{','.join(HEADER)},phone\n1,a@x,b@x; SMTP:c@x smtp:A@X|x500:d,u,007,m,s,Yes,555\n"
    assert read(file, content) == [Account("1", ("a@x", "b@x", "c@x"), "u", "007", "m", "s", disabled=True)]


@pytest.mark.parametrize(("cell", "disabled"), [("", False), ("no", False), ("N", False), ("TRUE", True), ("1", True)])
def test_disabled_is_a_boolean_of_rule_0_1(file: Path, cell: str, disabled: bool) -> None:  # noqa: FBT001 - a parameter
    assert [account.disabled for account in read(file, f"id,disabled\n1,{cell}\n")] == [disabled]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("1,a@x\n2\n", "3: has 1 fields where the header has 2"),
        ("1,a@x\n2,b@x,c@x\n", "3: has 3 fields where the header has 2"),
        (",a@x\n", "2: has no id"),
        ("1,a@x\n2,b@x\n1,c@x\n", "4: has the same id as line 2"),
        ('1,"a@x"z\n', "2: has a stray quote, or a field without end (',' expected after '\"')"),
        ('1,a@x\n2,"b@x\n3,c@x\n', "3: has a stray quote, or a field without end (unexpected end of data)"),
        ('1,"a@x\n2",c@x\n', "2: has 3 fields where the header has 2"),
        ('1,"a@x\n2,b@x"\n', "2: has a line break in email: a quote is not closed"),
        ("1,a@x\n2,b\0@x\n", "3: holds a NUL character"),
    ],
)
def test_a_flaw_is_told_with_its_line_and_stops_the_run(file: Path, rows: str, told: str) -> None:
    assert fault(file, f"id,email\n{rows}") == told


def test_bytes_of_another_encoding_are_told_with_their_line(file: Path) -> None:
    content = "id,email\n1,a@x\n2,zoë@x\n".encode("latin-1")
    assert fault(file, content) == "3: holds bytes that are not utf-8"
    assert fault(file, "id,email\n1,a@x\n".encode("utf-16")).startswith("1: holds bytes that are not utf-8")
    assert fault(file, b"\xff\xfei\0d\0\n\0x", encoding="utf-16") == " is not utf-16"


def test_an_unclear_disabled_is_not_taken_for_enabled(file: Path) -> None:
    assert "neither true nor false" in fault(file, "id,disabled\n1,perhaps\n")


def test_all_flaws_are_told_at_once_without_the_data(file: Path) -> None:
    told = fault(file, "id,email\n1,a@x\n1,b@x\n,c@x\n4\n")
    assert told.splitlines() == [
        "3: has the same id as line 2",
        "4: has no id",
        "5: has 1 fields where the header has 2",
    ]


def test_only_the_first_of_many_flaws_are_told(file: Path) -> None:
    told = fault(file, "id,email\n" + ",a@x\n" * 1_234).splitlines()
    assert len(told) == 11
    assert told[-1] == "and 1,224 more lines"


@pytest.mark.parametrize(
    ("content", "settings", "told"),
    [
        ("email\na@x\n", {}, '1: there is no column "id"'),
        ("id,email\n1,a@x\n", {"columns": {"username": "login"}}, '1: there is no column "login"'),
        ("id,email\n1,a@x\n", {"needed": ["email", "sourcedId"]}, '1: there is no column "sourcedId"'),
        ("id,email,EMAIL\n1,a@x,b@x\n", {}, '1: there are several columns "email"'),
        ("id;email\n1;a@x\n", {}, '1: there is no column "id"'),
    ],
)
def test_a_column_that_is_not_there_is_no_column_of_empty_cells(
    file: Path, content: str, settings: dict[str, Any], told: str
) -> None:
    assert fault(file, content, "RS-DIR-002", **settings) == told


def test_the_columns_that_are_there_are_shown(file: Path) -> None:
    file.write_text("mail;login\n", encoding="utf-8")
    error = assert_fails(CsvDirectory(CsvSettings(file)), "RS-DIR-002")
    assert error.hint.endswith("the header row has: mail;login")


def test_an_empty_file_is_no_empty_directory(file: Path) -> None:
    assert fault(file, b"") == "1: the file is empty, not even a header row"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    error = assert_fails(CsvDirectory(CsvSettings(tmp_path)), "RS-DIR-001")
    assert re.search("Is a directory", error.message)


def test_overrides_say_which_account_a_user_has(file: Path) -> None:
    file.write_text("id,sourcedId,why\nacc-7,007,same name\nacc-7,s-2,shared\n", encoding="utf-8")
    assert read_overrides(file) == {"007": "acc-7", "s-2": "acc-7"}


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        ("sourcedId,id\ns-1,a\ns-1,b\n", "RS-DIR-003", "3: has the same sourcedId as line 2"),
        ("sourcedId,id\ns-1,\n,a\n", "RS-DIR-003", "2: has no id"),
        ("sourcedId\ns-1\n", "RS-DIR-002", '1: there is no column "id"'),
        (None, "RS-DIR-001", "cannot be read: No such file or directory"),
    ],
)
def test_flawed_overrides_stop_the_run(file: Path, content: str | None, code: str, told: str) -> None:
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(DirectoryError, match=re.escape(told)) as caught:
        read_overrides(file)
    assert caught.value.code == code
    assert "directory." not in caught.value.hint
