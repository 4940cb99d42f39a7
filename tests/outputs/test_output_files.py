"""Putting sets of files into place: refusals, full disks, writers side by side, and processes that die in between."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import rostersync
from rostersync.errors import OutputError
from rostersync.outputs.failures import boundary
from rostersync.outputs.files import replacing
from rostersync.outputs.turns import alone
from tests.outputs.outputs_district import FORMATS, district, names, read

PLACES = ["roster.zip", "roster"]

# Ends itself without warning at the n-th change of a name in a folder, as a power cut would.
DIES = """
import os, signal, sys
from pathlib import Path
from rostersync.outputs.files import replacing
path, nth, text = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
seen = 0
def watch(event, _):
    global seen
    if event in ("os.rename", "os.rmdir", "os.remove", "shutil.rmtree"):
        seen += 1
        if seen == nth:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
with replacing(path) as package:
    for name in ("users.csv", "orgs.csv"):
        with package.create(name) as file:
            file.write(text.encode())
print(seen)
"""


def put(path: Path, text: str, *names: str) -> None:
    """Replace a set by files with this text."""
    with replacing(path) as package:
        for name in names or ("users.csv", "orgs.csv"):
            with package.create(name) as file:
                file.write(text.encode())


def dying(path: Path, nth: int, text: str) -> subprocess.CompletedProcess[str]:
    """Replace a set in a process that dies at the n-th change of a name."""
    environment = {"PYTHONPATH": str(Path(rostersync.__file__).parents[1])}
    command = [sys.executable, "-c", DIES, str(path), str(nth), text]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def files(path: Path) -> dict[str, bytes]:
    return read(path) if path.exists() else {}


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, which fails as a full disk does; Python ignores the signal that comes with it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("nth", range(1, 9))
def test_a_process_that_dies_leaves_a_set_that_the_next_run_repairs(tmp_path: Path, place: str, nth: int) -> None:
    path = tmp_path / place
    put(path, "old")
    old = files(path)
    died = dying(path, nth, "new")
    assert died.returncode in (0, -signal.SIGKILL), died.stderr
    put(tmp_path / ("x" + Path(place).suffix), "new")
    new = files(tmp_path / ("x" + Path(place).suffix))
    # Between its two renames a folder is not there for a moment; half a set is never there.
    assert files(path) in (old, new, {} if place == "roster" else new)
    with pytest.raises(OutputError), small_files(1):
        put(path, "a next set that fails")
    assert files(path) in (old, new)
    assert not [each for each in names(tmp_path) if each.startswith(".")]


def test_the_deaths_of_a_folder_cover_the_moment_between_its_renames(tmp_path: Path) -> None:
    path = tmp_path / "roster"
    put(path, "old")
    gone = []
    for nth in range(1, 9):
        dying(path, nth, f"new {nth}")
        gone.append(not path.exists())
        put(path, "old")
    assert gone.count(True) == 1


@pytest.mark.parametrize("place", PLACES)
def test_leftovers_of_every_kind_are_cleared_away(tmp_path: Path, place: str) -> None:
    put(tmp_path / place, "old")
    for what in ("new", "old"):
        left = tmp_path / f".{place}.rostersync-{what}"
        left.mkdir()
        (left / "users.csv").write_text("half")
    (tmp_path / f".{place}.rostersync-zip").write_text("half")
    put(tmp_path / place, "new")
    assert names(tmp_path) == [place]
    assert set(files(tmp_path / place).values()) == {b"new"}


def test_a_leftover_that_is_a_link_is_removed_and_not_followed(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "users.csv").write_text("mine")
    (tmp_path / ".roster.rostersync-new").symlink_to(mine)
    put(tmp_path / "roster", "new")
    assert (mine / "users.csv").read_text() == "mine"
    assert names(tmp_path) == ["mine", "roster"]


@pytest.mark.parametrize("place", PLACES)
def test_a_full_disk_keeps_the_former_set(tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    put(path, "old")
    old = files(path)
    with small_files(1000), pytest.raises(OutputError, match="too large") as caught:
        put(path, "0123456789" * 1000)
    assert caught.value.code == "RS-OUT-001"
    assert str(path) in caught.value.message
    assert "Make room on that disk" in caught.value.hint
    assert files(path) == old
    assert names(tmp_path) == [place]


def test_a_disk_that_fills_up_in_the_middle_of_a_format_is_an_output_error(tmp_path: Path) -> None:
    for format_, make in FORMATS.items():
        with small_files(100), pytest.raises(OutputError, match="too large"):
            make(tmp_path / format_).write(district())
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "Make room"),
        (errno.EDQUOT, "Make room"),
        (errno.EACCES, "Let the user who runs rostersync write"),
        (errno.EROFS, "Let the user who runs rostersync write"),
        (errno.EBUSY, "mount point"),
        (errno.EIO, "Check the path"),
    ],
)
def test_every_failure_says_what_to_do(number: int, advice: str) -> None:
    with pytest.raises(OutputError) as caught, boundary(Path("out/roster.zip")):
        raise OSError(number, os.strerror(number))
    assert caught.value.message == f"out/roster.zip cannot be written: {os.strerror(number)}"
    assert advice in caught.value.hint
    assert "What was there before is untouched." in caught.value.hint


def test_a_file_too_large_for_a_zip_is_an_output_error() -> None:
    with pytest.raises(OutputError, match="too large for a zip"), boundary(Path("x.zip")):
        raise zipfile.LargeZipFile("Filesize would require ZIP64 extensions")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        put(tmp_path / "roster.zip", "new")


@pytest.mark.parametrize("name", ["notes.txt", ".hidden", "users.CSV", "sub"])
def test_a_folder_with_other_things_in_it_is_not_replaced(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine"
    path.mkdir()
    if name == "sub":
        (path / name).mkdir()
    else:
        (path / name).write_text("mine")
    with pytest.raises(OutputError, match="holds what is not of an output") as caught:
        put(path, "new")
    assert name in caught.value.message
    assert "a folder of its own" in caught.value.hint
    assert names(path) == [name]


def test_what_desktops_leave_in_a_folder_is_no_reason_to_refuse_or_to_rewrite_it(tmp_path: Path) -> None:
    path = tmp_path / "roster"
    put(path, "same")
    (path / ".DS_Store").write_text("litter")
    before = path.stat().st_ino
    put(path, "same")
    assert path.stat().st_ino == before
    put(path, "other")
    assert names(path) == ["orgs.csv", "users.csv"]


def test_a_file_of_the_former_set_that_is_not_in_the_new_one_goes(tmp_path: Path) -> None:
    put(tmp_path / "roster", "x", "users.csv", "orgs.csv")
    put(tmp_path / "roster", "x", "users.csv")
    assert names(tmp_path / "roster") == ["users.csv"]


def test_a_file_and_a_folder_do_not_take_each_others_place(tmp_path: Path) -> None:
    (tmp_path / "a.zip").mkdir()
    (tmp_path / "b").write_text("mine")
    with pytest.raises(OutputError, match="it is not a file"):
        put(tmp_path / "a.zip", "new")
    with pytest.raises(OutputError, match="it is not a folder") as caught:
        put(tmp_path / "b", "new")
    assert "end in .zip" in caught.value.hint
    assert (tmp_path / "b").read_text() == "mine"


@pytest.mark.parametrize("path", ["/", "x/.."])
def test_a_path_without_a_name_is_refused(path: str) -> None:
    with pytest.raises(OutputError, match="does not end in a name"):
        put(Path(path), "new")


def test_a_path_may_lead_through_the_folder_above(tmp_path: Path) -> None:
    put(tmp_path / "conf" / ".." / "out" / "deep" / "one", "new")
    assert (tmp_path / "out" / "deep" / "one").is_dir()


def test_a_writer_waits_for_another_one_in_the_same_folder(tmp_path: Path) -> None:
    with replacing(tmp_path / "one") as package:
        second = threading.Thread(target=put, args=(tmp_path / "two", "new"))
        second.start()
        second.join(0.3)
        assert second.is_alive()
        with package.create("users.csv") as file:
            file.write(b"first")
    second.join(10)
    assert names(tmp_path) == ["one", "two"]


def test_a_writer_does_not_wait_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "roster"
    with (
        replacing(tmp_path / "other"),
        pytest.raises(OutputError, match="another process is writing"),
        alone(path, tmp_path, patience=0.1),
    ):
        shutil.rmtree(tmp_path)
    assert tmp_path.exists()


def test_a_zip_holds_nothing_but_names_and_contents(tmp_path: Path) -> None:
    put(tmp_path / "roster.zip", "x" * 1000)
    with zipfile.ZipFile(tmp_path / "roster.zip") as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == ["orgs.csv", "users.csv"]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_DEFLATED}
    assert {entry.extract_version for entry in entries} == {20}
