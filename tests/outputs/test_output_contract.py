"""What every output has to do, whatever its format (outputs.base.Output)."""

from __future__ import annotations

import os
import stat
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from rostersync.errors import OutputError, StoreError
from rostersync.model.kind import Kind
from rostersync.model.roster import ARCHIVED, DISABLED, EnrollmentRow, Row
from rostersync.outputs.base import Output
from tests.outputs.outputs_district import FORMATS, Rows, class_, district, enrollment, names, read, user

SIZE = 30_000
MEGABYTE = 1_000_000


@pytest.fixture(params=sorted(FORMATS))
def format_(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["roster.zip", "roster"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / "out" / str(request.param)


@pytest.fixture
def output(format_: str, path: Path) -> Output:
    return FORMATS[format_](path)


class Breaking(Rows):
    """A roster that breaks off in the middle of its enrollments."""

    def rows(self, kind: Kind) -> Iterator[Row]:
        """Yield the rows, then fail."""
        yield from super().rows(kind)
        if kind is Kind.ENROLLMENTS:
            raise StoreError("RS-STORE-004", "damaged")


def state_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder with its time and its bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_it_says_its_format_and_path(output: Output, format_: str, path: Path) -> None:
    assert (output.format, output.path) == (format_, path)


def test_it_writes_a_complete_roster_without_complaint(output: Output, path: Path) -> None:
    written = output.write(district())
    assert written.left_out == ()
    kept = {name: content for name, content in read(path).items() if name != "manifest.csv"}
    headers = sum(name.endswith(".csv") for name in kept)
    assert written.rows == sum(content.count(b"\n") for content in kept.values()) - headers > 0


def test_it_creates_missing_folders_and_all_is_private(output: Output, path: Path) -> None:
    before = os.umask(0)
    try:
        output.write(district())
    finally:
        os.umask(before)
    made = [path.parent, path, *(path.iterdir() if path.is_dir() else ())]
    assert {stat.S_IMODE(each.stat().st_mode) for each in made if each.is_dir()} == {0o700}
    assert {stat.S_IMODE(each.stat().st_mode) for each in made if each.is_file()} == {0o600}


def test_it_leaves_nothing_beside_its_set(output: Output, path: Path) -> None:
    for _ in range(2):
        output.write(district())
        assert names(path.parent) == [path.name]


def test_equal_rosters_give_equal_bytes(format_: str, tmp_path: Path) -> None:
    one, other = district(), district()
    other.every.reverse()
    for name, roster in (("one", one), ("other", other)):
        FORMATS[format_](tmp_path / name / "x.zip").write(roster)
        FORMATS[format_](tmp_path / name / "x").write(roster)
    assert (tmp_path / "one/x.zip").read_bytes() == (tmp_path / "other/x.zip").read_bytes()
    assert read(tmp_path / "one/x") == read(tmp_path / "other/x") == read(tmp_path / "one/x.zip")


def test_a_set_that_has_not_changed_stays_with_its_times(output: Output, path: Path) -> None:
    output.write(district())
    before = state_of(path.parent)
    assert output.write(district()).rows > 0
    assert state_of(path.parent) == before


def test_a_changed_roster_takes_the_place_of_the_former(output: Output, path: Path) -> None:
    output.write(district())
    before = read(path)
    output.write(district(user("u9")))
    assert read(path) != before
    assert b"u9" in b"".join(read(path).values())


def test_what_breaks_off_keeps_the_former_set(output: Output, path: Path) -> None:
    output.write(district())
    before = state_of(path.parent)
    with pytest.raises(StoreError):
        output.write(Breaking(district(user("u9")).every))
    assert state_of(path.parent) == before


def test_a_link_is_not_followed(output: Output, path: Path) -> None:
    path.parent.mkdir()
    elsewhere = path.parent / "elsewhere"
    path.symlink_to(elsewhere)
    with pytest.raises(OutputError, match="symbolic link") as caught:
        output.write(district())
    assert caught.value.code == "RS-OUT-001"
    assert not elsewhere.exists()


def test_a_place_that_cannot_be_written_is_named_with_what_to_do(format_: str, tmp_path: Path) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("mine")
    with pytest.raises(OutputError) as caught:
        FORMATS[format_](blocked / "out" / "roster.zip").write(district())
    assert str(blocked / "out" / "roster.zip") in caught.value.message
    assert "Check the path in [[outputs]]" in caught.value.hint
    assert blocked.read_text() == "mine"


def test_disabled_users_and_archived_classes_stay_at_home(output: Output, path: Path) -> None:
    gone = district(
        user("gone", state=DISABLED, enabled=0),
        class_("old", state=ARCHIVED),
        enrollment("e8", "c1", "gone"),
        enrollment("e9", "old", "u1"),
    )
    assert output.write(gone).left_out == ()
    assert read(path) == written_alone(output, path)


def written_alone(output: Output, path: Path) -> dict[str, bytes]:
    """What the plain district gives in the same place."""
    output.write(district())
    return read(path)


def test_an_empty_roster_is_written(output: Output, path: Path) -> None:
    written = output.write(Rows([]))
    assert written == (0, ())
    assert read(path)


class Many(Rows):
    """A roster with a great many enrollments, which are made one by one."""

    def rows(self, kind: Kind) -> Iterator[Row]:
        """Yield the rows of the district, and enrollments without end."""
        if kind is not Kind.ENROLLMENTS:
            yield from super().rows(kind)
            return
        for number in range(SIZE):
            yield EnrollmentRow(f"e{number:06}", "c1", "u3", "s1", "teacher", 0, None, None)


def test_a_district_streams(format_: str, tmp_path: Path) -> None:
    many = Many(district().every)
    tracemalloc.start()
    FORMATS[format_](tmp_path / "roster").write(many)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The rows in a list would take eight times this.
    assert peak < 3 * MEGABYTE


def test_unicode_goes_out_as_utf_8_without_a_mark(output: Output, path: Path) -> None:
    output.write(district(user("u9", given_name="Žofie", family_name="李小龍 🎓")))
    content = b"".join(read(path).values())
    assert "Žofie".encode() in content
    assert "李小龍 🎓".encode() in content
    assert not any(each.startswith(b"\xef\xbb\xbf") for each in read(path).values())


def test_no_secret_of_an_account_goes_out_as_a_password(output: Output, path: Path) -> None:
    output.write(district())
    for name, content in read(path).items():
        header = content.split(b"\n")[0].decode().split(",")
        column = next((place for place, each in enumerate(header) if each == "password"), None)
        if name.endswith(".csv") and column is not None:
            assert {line.split(",")[column] for line in content.decode().splitlines()[1:]} == {""}


def test_only_a_format_that_wants_them_asks_for_archived_classes(output: Output) -> None:
    roster = district()
    output.write(roster)
    assert roster.asked in ([], [timedelta(0)])
