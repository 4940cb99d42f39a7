"""Strict reading: every file is either read as it is, or told where it is wrong; nothing else ever comes out."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostersync.errors import RostersyncError
from rostersync.sources.csv.cells import Broken, Row
from rostersync.sources.csv.text import Lines
from rostersync.sources.csv.validate import validate
from tests.csv.csv_flaws import good
from tests.csv.csv_packages import to_folder
from tests.csv.csv_reading import read_package


class Trickle(io.BytesIO):
    """Bytes that come a few at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        del size
        return super().read(3)


def read(data: bytes, width: int = 2, *, slowly: bool = False) -> list[Row | Broken]:
    return list(Lines("x.csv", (Trickle if slowly else io.BytesIO)(data)).rows(width))


def test_cells_are_what_rfc_4180_says() -> None:
    data = b'a,b\r\n"1,2","say ""x"""\n,"" \n007, x\n'
    assert read(data)[:2] == [Row(1, ["a", "b"]), Row(2, ["1,2", 'say "x"'])]
    assert read(data)[3] == Row(4, ["007", " x"])


@pytest.mark.parametrize(
    ("line", "rule", "cell"),
    [
        (b'a"b,c', "stray-quote", 0),
        (b'a,"b" ', "stray-quote", 1),
        (b'a, "b"', "stray-quote", 1),
        (b'a,"b""', "unclosed-quote", 1),
        (b"a", "too-few-cells", 1),
        (b"a,b,c", "too-many-cells", 2),
        (b"a,\0", "nul", 1),
        (b"a,\xff", "not-utf8", 1),
        (b"a,\xed\xa0\x80", "not-utf8", 1),
        (b"a,b\rc", "line-break", 1),
    ],
)
def test_a_broken_line_is_told_with_its_cell_and_does_not_spoil_the_next(line: bytes, rule: str, cell: int) -> None:
    first, second = read(line + b"\nc,d\n")
    assert isinstance(first, Broken)
    assert (first.line, first.rule, first.cell, first.cells[:cell]) == (1, rule, cell, ["a", "b"][:cell])
    assert second == Row(2, ["c", "d"])


def test_a_long_cell_is_read_whole() -> None:
    long = "x" * 200_000
    assert read(f'"{long}",""""\n"a","{long}"\n'.encode()) == [Row(1, [long, '"']), Row(2, ["a", long])]


def test_a_file_of_nothing_but_open_quotes_is_read_in_passing() -> None:
    found = read(b'a,"' + b"b" * 200 + b"\n", 2) + read((b'a,"' + b"b" * 200 + b"\n") * 20_000, 2)
    assert len(found) == 20_001
    assert {each.rule for each in found if isinstance(each, Broken)} == {"unclosed-quote"}


def test_a_cell_over_several_lines_is_one_broken_record() -> None:
    first, second = read(b'a,"b\r\nc\r\nd"\r\ne,f\r\n')
    assert isinstance(first, Broken)
    assert (first.line, first.rule, first.cells) == (1, "line-break", ["a"])
    assert second == Row(4, ["e", "f"])


def test_a_cell_over_several_lines_never_swallows_a_record() -> None:
    found = read(b'a,"b\nc,d\ne"\nf,g\n')
    assert [(each.line, type(each)) for each in found] == [(1, Broken), (2, Row), (3, Broken), (4, Row)]


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"])), min_size=2, max_size=2)
    )
)
def test_what_a_writer_writes_is_read_as_it_was(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    data = text.getvalue().encode()
    expected = [(number, cells) for number, cells in enumerate(rows, 1) if any(cells)]
    assert [(row.line, row[1]) for row in read(data)] == expected
    assert read(data, slowly=True) == read(data)


@given(st.binary(max_size=300) | st.text('",\r\nab\0\u00e9', max_size=300).map(str.encode))
def test_any_bytes_are_rows_or_told_to_be_broken(data: bytes) -> None:
    try:
        found = read(data, slowly=True)
    except RostersyncError:
        return
    lines = [each.line for each in found]
    assert lines == sorted(set(lines))
    assert all(len(each.cells) == 2 for each in found if isinstance(each, Row))
    if not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        assert read(data) == found


@given(
    st.sampled_from(["orgs", "users", "roles", "enrollments", "manifest"]),
    st.integers(0, 400),
    st.integers(0, 30),
    st.binary(max_size=12) | st.sampled_from([b'"', b",", b"\n", b"\0", b'"\r\n"', b"tobedeleted", b"\xef\xbb\xbf"]),
)
def test_nothing_but_our_errors_comes_out_of_a_spoiled_package(
    tmp_path_factory: pytest.TempPathFactory, name: str, place: int, count: int, new: bytes
) -> None:
    path: Path = tmp_path_factory.mktemp("package")
    files = good("1.2")
    data = str(files[f"{name}.csv"]).encode()
    files[f"{name}.csv"] = data[:place] + new + data[place + count :]
    to_folder(path, files)
    found = list(validate(path))
    try:
        reading = read_package(path)
    except RostersyncError:
        assert found
        return
    for rows in reading.rows.values():
        assert all((row.record is None) + (row.deleted_at is None) + (row.rejection is None) == 2 for row in rows)
