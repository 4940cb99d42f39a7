"""Archives that were made to harm, or went wrong: each ends in a clear error, in little memory and time."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import textwrap
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from rostersync.errors import Fatal
from rostersync.model.codes import Code
from rostersync.sources.csv import streams
from rostersync.sources.csv.package import open_package
from rostersync.sources.csv.validate import Validation
from tests.csv.csv_flaws import Files, good
from tests.csv.csv_packages import to_folder, to_zip
from tests.csv.csv_reading import read_package

MEMORY = 300 << 20


def patched(path: Path, change: Callable[[bytearray], None]) -> Path:
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)
    return path


def entry(data: bytearray, name: bytes) -> int:
    """Where the directory's entry of a file begins."""
    place = data.index(b"PK\x01\x02")
    while data[place + 46 : place + 46 + len(name)] != name:
        place = data.index(b"PK\x01\x02", place + 1)
    return place


def lying_size(size: int) -> Callable[[bytearray], None]:
    """The directory says another size of users.csv."""
    return lambda data: struct.pack_into("<L", data, entry(data, b"users.csv") + 24, size)


def honest_checksum_of_a_lie(data: bytearray) -> None:
    """The directory says that users.csv ends after its header, with the checksum that the header has."""
    header = str(good("1.1")["users.csv"]).split("\r\n", maxsplit=1)[0].encode() + b"\r\n"
    place = entry(data, b"users.csv")
    struct.pack_into("<L", data, place + 16, zlib.crc32(header))
    struct.pack_into("<L", data, place + 24, len(header))


def encrypted(data: bytearray) -> None:
    data[entry(data, b"users.csv") + 8] |= 1


def cut_in_half(data: bytearray) -> None:
    del data[len(data) // 2 :]


def broken_bytes(data: bytearray) -> None:
    place = data.index(b"users.csv") + len("users.csv") + 20
    data[place : place + 8] = b"\xff" * 8


def claims_many_entries(data: bytearray) -> None:
    """The end of the directory says that the directory is as large as the file can tell."""
    struct.pack_into("<L", data, data.rindex(b"PK\x05\x06") + 12, 0x7FFFFFFF)


def another_name_inside(data: bytearray) -> None:
    """The entry itself says that its name is UTF-8, which it is not."""
    place = data.index(b"users.csv")
    data[place] = 0xD1
    data[place - 23] |= 0x08


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lying_size(10), "zip-size"),
        (lying_size(5000), "zip-size"),
        (honest_checksum_of_a_lie, "zip-damaged"),
        (encrypted, "zip-encrypted"),
        (cut_in_half, "zip-damaged"),
        (broken_bytes, "zip-damaged"),
        (claims_many_entries, "zip-damaged"),
        (another_name_inside, "zip-damaged"),
    ],
    ids=["smaller", "larger", "checksum", "encrypted", "cut", "bytes", "directory", "name"],
)
def test_a_zip_that_lies_or_is_damaged_is_refused(
    change: Callable[[bytearray], None], rule: str, tmp_path: Path
) -> None:
    assert_refused(patched(to_zip(tmp_path / "r.zip", good("1.1")), change), rule)


def assert_refused(path: Path, rule: str) -> None:
    """Both the source and the validator refuse it, with a code, a name for the reason, and what to do."""
    with pytest.raises(Fatal) as caught:
        read_package(path)
    assert caught.value.code == Code.SRC_ARCHIVE_UNREADABLE
    assert caught.value.hint
    validation = Validation(path)
    found = [each for each in validation if each.rule == rule]
    assert [each.code for each in found] == ["RS-SRC-005"]
    assert not validation.readable
    assert not validation.ok


@pytest.mark.parametrize(
    "name", ["../users.csv", "a/../../users.csv", "/etc/users.csv", "C:users.csv", "..\\users.csv", "a\\users.csv"]
)
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    files: Files = {**good("1.1"), name: "sourcedId\n"}
    assert_refused(to_zip(tmp_path / "r.zip", files), "zip-unsafe-name")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["users.csv", "Users.csv"])
def test_a_name_that_stands_twice_is_refused(name: str, tmp_path: Path) -> None:
    path = to_zip(tmp_path / "r.zip", good("1.1"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "sourcedId\n")
    assert_refused(path, "duplicate-name")


def test_a_bomb_is_refused_by_what_it_claims_and_by_what_comes_out(tmp_path: Path) -> None:
    bomb = b"0," * (8 << 20)
    path = to_zip(tmp_path / "r.zip", {**good("1.1"), "users.csv": bomb})
    assert_refused(path, "zip-bomb")
    assert_refused(patched(path, lying_size(1000)), "zip-size")


def test_a_package_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_INFLATED", 1000)
    assert_refused(to_zip(tmp_path / "r.zip", good("1.1")), "zip-bomb")
    assert_refused(to_folder(tmp_path / "r", good("1.1")), "zip-bomb")


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    files: Files = {**good("1.1"), **{f"{number}.txt": "" for number in range(300)}}
    assert_refused(to_zip(tmp_path / "r.zip", files), "zip-entries")


def test_a_directory_of_a_million_entries_is_refused_unread(tmp_path: Path) -> None:
    one = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = one * 1_000_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)
    path = tmp_path / "r.zip"
    path.write_bytes(directory + end)
    assert_refused(path, "zip-bomb")


def test_another_way_of_packing_is_refused(tmp_path: Path) -> None:
    assert_refused(to_zip(tmp_path / "r.zip", good("1.1"), zipfile.ZIP_BZIP2), "zip-method")


def test_a_zip_of_a_zip_and_a_file_that_is_none_are_refused(tmp_path: Path) -> None:
    inner = to_zip(tmp_path / "inner.zip", good("1.1")).read_bytes()
    assert_refused(to_zip(tmp_path / "outer.zip", {"inner.zip": inner}), "no-csv")
    path = tmp_path / "users.csv"
    path.write_text("sourcedId\n")
    assert_refused(path, "zip-damaged")
    assert_refused(to_folder(tmp_path / "empty", {}), "no-csv")


def test_one_folder_around_the_files_is_tolerated_with_a_warning(tmp_path: Path) -> None:
    files: Files = {f"export/{name}": text for name, text in good("1.1").items()}
    files |= {"__MACOSX/export/._users.csv": "x", "export/.DS_Store": "x"}
    path = to_zip(tmp_path / "r.zip", files)
    assert [each.code for each in read_package(path).found] == ["RS-SRC-008"]
    assert [each.rule for each in Validation(path)] == ["wrapping-folder"]
    folder = tmp_path / "folder"
    to_folder(folder / "export", good("1.1"))
    assert [each.rule for each in Validation(folder)] == ["wrapping-folder"]


def test_files_in_several_folders_are_refused(tmp_path: Path) -> None:
    files: Files = {"a/users.csv": "sourcedId\n", "b/orgs.csv": "sourcedId\n"}
    assert_refused(to_zip(tmp_path / "r.zip", files), "several-folders")


def test_a_fifo_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    to_folder(tmp_path, good("1.1"))
    (tmp_path / "users.csv").unlink()
    os.mkfifo(tmp_path / "users.csv")
    package = open_package(tmp_path)
    assert "users" not in package.files
    package.close()


def limited(code: str, *arguments: object) -> str:
    """Run code in a process that may take 300 MB of memory, all its libraries included; gives what it prints."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_DATA, ({MEMORY}, {MEMORY}))\n"
    program = limit + textwrap.dedent(code)
    command = [sys.executable, "-c", program, *map(str, arguments)]
    found = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100, env=found)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


START = b"sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\ns,,,"
VALIDATE = """
    import sys
    from pathlib import Path
    from rostersync.sources.csv.validate import Validation
    validation = Validation(Path(sys.argv[1]))
    for finding in validation:
        print(finding.rule, finding.file, finding.line)
    print(validation.readable)
"""


def test_a_cell_of_two_gigabytes_ends_in_a_clear_error_and_little_memory(tmp_path: Path) -> None:
    folder = to_folder(tmp_path / "r", good("1.1"))
    with (folder / "orgs.csv").open("wb") as file:
        file.write(START)
        file.truncate(2 << 30)  # a hole: no room on disk
    assert limited(VALIDATE, folder).split("\n") == ["line-too-long orgs.csv 2", "False", ""]


def test_a_cell_of_two_gigabytes_in_a_zip_ends_in_a_clear_error_and_little_memory(tmp_path: Path) -> None:
    path = to_zip(tmp_path / "r.zip", {name: text for name, text in good("1.1").items() if name != "orgs.csv"})
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("orgs.csv", "w") as file,
    ):
        file.write(START)
        for _ in range(256):
            file.write(b"x" * (1 << 20))
    assert limited(VALIDATE, path).split("\n") == ["line-too-long orgs.csv 2", "False", ""]


def test_a_large_package_is_read_as_a_stream(tmp_path: Path) -> None:
    files = good("1.2")
    users = str(files["users.csv"]) + "".join(
        f"x{n},,,true,x{n},,Ann,Lee,,{n:07},x{n}@x.example,,,,09,,,,,,,s,\r\n" for n in range(10_000)
    )
    roles = str(files["roles.csv"]) + "".join(
        f"xr{n},,,x{n * 7919 % 10_000},primary,student,,,s,\r\n" for n in range(10_000)
    )
    path = to_zip(tmp_path / "r.zip", {**files, "users.csv": users, "roles.csv": roles})
    told = limited(
        """
        import sys, tracemalloc
        from pathlib import Path
        from rostersync.model.kind import COLLECTIONS
        from rostersync.sources.base import Batch, Request
        from rostersync.sources.csv import CsvSettings, CsvSource
        tracemalloc.start()
        source = CsvSource(CsvSettings(Path(sys.argv[1])), clock=lambda: None)
        events = source.fetch(Request(COLLECTIONS))
        rows = sum(len(event.rows) for event in events if isinstance(event, Batch))
        print(rows, tracemalloc.get_traced_memory()[1] < 8 << 20)
        """,
        path,
    )
    assert told.split() == ["10015", "True"]
