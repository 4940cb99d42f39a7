"""The SFTP source against a server that goes wrong: cuts, growing files, globs, and packages seen before."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rostersync.errors import Fatal
from rostersync.model.codes import Code
from rostersync.model.kind import Kind
from rostersync.sources.base import Found, Request, Started
from rostersync.sources.sftp import SftpSource
from rostersync.sources.sftp.download import LOOKS
from rostersync.ssh.settings import SshSettings
from tests.csv.csv_packages import to_zip
from tests.sftp.drop import KINDS, covered, drop_folder, drop_zip, fetched, files, ids, old, source_of
from tests.sftp.faulty import FaultyServer


def failed(source: SftpSource) -> Fatal:
    """Fail to fetch, and give the error."""
    with pytest.raises(Fatal) as caught:
        fetched(source)
    return caught.value


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where copies are kept."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_a_zip_is_read_as_a_package(ssh: SshSettings, faulty: FaultyServer) -> None:
    drop = drop_zip(faulty.root / "out" / "roster.zip")
    events = fetched(source_of(ssh, "/out/roster.zip"))
    assert ids(events) == ["u0", "u1", "u2"]
    assert covered(events) == {Kind.ORGS: "FULL", Kind.USERS: "FULL"}
    assert events[0] == Started(None, hashlib.sha256(drop.read_bytes()).hexdigest())


def test_a_folder_is_read_as_a_package(ssh: SshSettings, faulty: FaultyServer) -> None:
    drop_folder(faulty.root / "out")
    (faulty.root / "out" / "readme.txt").write_text("not ours", encoding="ascii")
    assert ids(fetched(source_of(ssh, "/out"))) == ["u0", "u1", "u2"]
    assert "readme.txt" not in {name for name, _ in faulty.faults.reads}


def test_a_folder_in_a_folder_is_read_as_a_package(ssh: SshSettings, faulty: FaultyServer) -> None:
    drop_folder(faulty.root / "out" / "Springfield")
    assert ids(fetched(source_of(ssh, "/out"))) == ["u0", "u1", "u2"]


@pytest.mark.parametrize("pattern", ["/drop/*.zip", "drop/roster-*.zip", "/d*/roster-1?.zip"])
def test_of_a_glob_the_newest_by_name_is_read(ssh: SshSettings, faulty: FaultyServer, pattern: str) -> None:
    for number in (9, 10, 2):
        drop_zip(faulty.root / "drop" / f"roster-{number}.zip", people=number)
    drop_zip(faulty.root / "drop" / ".roster-99.zip")
    drop_zip(faulty.root / "drop" / "roster-99.zip.part")
    assert len(ids(fetched(source_of(ssh, pattern)))) == 10


@pytest.mark.parametrize(
    ("path", "said"),
    [("/drop/none.zip", "has no"), ("/drop/*.zip", "has no"), ("/drop", "no CSV files"), ("/none/*/x", "has no")],
)
def test_what_is_not_there_is_told(ssh: SshSettings, faulty: FaultyServer, path: str, said: str) -> None:
    (faulty.root / "drop").mkdir()
    error = failed(source_of(ssh, path))
    assert error.code == "RS-SRC-005"
    assert said in error.message


def test_the_copy_is_private_and_gone_afterwards(ssh: SshSettings, faulty: FaultyServer, temporary: Path) -> None:
    drop_zip(faulty.root / "roster.zip")
    source = source_of(ssh, "/roster.zip")
    events = source.fetch(Request(KINDS))
    next(events)
    (folder,) = temporary.iterdir()
    (copy,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, copy.stat().st_mode & 0o777) == (0o700, 0o600)
    source.close()
    assert list(temporary.iterdir()) == []


def test_a_copy_is_gone_also_where_the_package_is_broken(
    ssh: SshSettings, faulty: FaultyServer, temporary: Path
) -> None:
    (faulty.root / "roster.zip").write_bytes(drop_zip(faulty.root / "whole.zip").read_bytes()[:-30])
    old(faulty.root / "roster.zip")
    assert failed(source_of(ssh, "/roster.zip")).code == "RS-SRC-005"
    assert list(temporary.iterdir()) == []


def test_a_transfer_that_is_cut_goes_on_where_it_was(ssh: SshSettings, faulty: FaultyServer) -> None:
    drop = drop_zip(faulty.root / "roster.zip", people=5000)
    size = drop.stat().st_size
    assert size > 200_000
    faulty.faults.cut_reads = [100_000, 70_000]
    events = fetched(source_of(ssh, "/roster.zip"))
    assert len(ids(events)) == 5000
    assert faulty.connections == 3
    places = [offset for _, offset in faulty.faults.reads]
    assert places.count(0) == 1
    assert max(places) < size + 32768


def test_a_folder_that_is_cut_does_not_bring_its_first_files_again(ssh: SshSettings, faulty: FaultyServer) -> None:
    drop = drop_folder(faulty.root / "out", people=5000)
    faulty.faults.cut_reads = [(drop / "orgs.csv").stat().st_size + 300_000]
    assert len(ids(fetched(source_of(ssh, "/out")))) == 5000
    assert [offset for name, offset in faulty.faults.reads if name == "orgs.csv"].count(0) == 1


def test_a_file_that_is_another_after_the_cut_begins_again(ssh: SshSettings, faulty: FaultyServer) -> None:
    drop_zip(faulty.root / "roster.zip", people=5000)
    faulty.faults.cut_reads = [100_000]

    def replace_it(_path: Path, offset: int) -> None:
        if offset > 90_000 and faulty.connections == 1:
            drop_zip(faulty.root / "roster.zip", people=4000)

    faulty.faults.reading = replace_it
    assert len(ids(fetched(source_of(ssh, "/roster.zip")))) == 4000


def test_a_transfer_that_is_cut_every_time_ends(ssh: SshSettings, faulty: FaultyServer) -> None:
    drop_zip(faulty.root / "roster.zip", people=5000)
    faulty.faults.cut_reads = [40_000] * 10
    error = failed(source_of(ssh, "/roster.zip", retries=2))
    assert error.code == "RS-NET-003"
    assert faulty.connections == 3


def test_a_download_that_takes_too_long_ends(ssh: SshSettings, faulty: FaultyServer) -> None:
    drop_zip(faulty.root / "roster.zip", people=5000)
    error = failed(source_of(ssh, "/roster.zip", deadline=0.0))
    assert error.code == "RS-NET-003"
    assert "source.deadline" in error.hint


def test_a_file_that_grows_while_it_is_read_is_read_again_when_it_stands_still(
    ssh: SshSettings, faulty: FaultyServer
) -> None:
    whole = to_zip(faulty.root / "whole.zip", files(5000)).read_bytes()
    growing = faulty.root / "roster.zip"
    growing.write_bytes(whole[:100_000])
    old(growing)
    pauses: list[float] = []

    def grow(path: Path, _offset: int) -> None:
        if path == growing and not pauses:
            growing.write_bytes(whole[:150_000])
            old(growing)

    def upload_ends(seconds: float) -> None:
        pauses.append(seconds)
        growing.write_bytes(whole)
        old(growing)

    faulty.faults.reading = grow
    assert len(ids(fetched(source_of(ssh, "/roster.zip", upload_ends)))) == 5000
    assert len(pauses) == 2


def test_a_file_that_never_stands_still_is_not_used(ssh: SshSettings, faulty: FaultyServer) -> None:
    growing = drop_zip(faulty.root / "roster.zip")
    pauses: list[float] = []

    def grow(_path: Path, _offset: int) -> None:
        with growing.open("ab") as file:
            file.write(b"x")

    faulty.faults.reading = grow
    error = failed(source_of(ssh, "/roster.zip", pauses.append))
    assert error.code == "RS-SRC-002"
    assert "still being written to" in error.message
    assert LOOKS <= len(pauses) <= 2 * LOOKS


def test_a_file_that_shrinks_while_it_is_read_is_read_again(ssh: SshSettings, faulty: FaultyServer) -> None:
    large = drop_zip(faulty.root / "roster.zip", people=5000)
    shrunk: list[int] = []

    def shrink(_path: Path, offset: int) -> None:
        if offset and not shrunk:
            shrunk.append(offset)
            drop_zip(large, people=3)

    faulty.faults.reading = shrink
    assert ids(fetched(source_of(ssh, "/roster.zip", lambda _seconds: None))) == ["u0", "u1", "u2"]


def test_a_young_package_is_looked_at_once_more_after_a_pause(ssh: SshSettings, faulty: FaultyServer) -> None:
    to_zip(faulty.root / "roster.zip", files(1))
    pauses: list[float] = []

    def upload_goes_on(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            to_zip(faulty.root / "roster.zip", files(7))

    source = source_of(ssh, "/roster.zip", upload_goes_on)
    assert len(ids(fetched(source))) == 7
    assert len(pauses) == 3


def test_a_file_that_joins_the_folder_meanwhile_is_not_missed(ssh: SshSettings, faulty: FaultyServer) -> None:
    drop = drop_folder(faulty.root / "out")
    users = (drop / "users.csv").read_bytes()
    (drop / "users.csv").unlink()

    def join(path: Path, _offset: int) -> None:
        if path.name == "orgs.csv":
            (drop / "users.csv").write_bytes(users)
            old(drop)

    faulty.faults.reading = join
    assert ids(fetched(source_of(ssh, "/out", lambda _seconds: None))) == ["u0", "u1", "u2"]


@pytest.mark.parametrize("make", [drop_zip, drop_folder])
def test_the_same_package_again_is_a_delta_without_rows(
    ssh: SshSettings, faulty: FaultyServer, make: Callable[..., Path]
) -> None:
    drop = make(faulty.root / ("drop.zip" if make is drop_zip else "drop"))
    path = f"/{drop.name}"
    first = fetched(source_of(ssh, path))[0]
    assert isinstance(first, Started)
    assert len(first.package or "") == 64
    again = fetched(source_of(ssh, path), first.package)
    assert again[0] == first
    assert isinstance(again[1], Found)
    assert (again[1].diagnostic.code, again[1].diagnostic.kind) == (Code.SRC_REPEATED, None)
    assert again[1].diagnostic.message == f"'{path}' is, byte for byte, the package that was read last"
    assert covered(again) == {Kind.ORGS: "DELTA", Kind.USERS: "DELTA"}
    assert len(again) == 4
    if make is drop_folder:
        shutil.rmtree(drop)
    make(drop, people=4)
    assert len(ids(fetched(source_of(ssh, path), first.package))) == 4


def test_what_could_not_be_had_last_time_is_not_said_to_be_had_now(ssh: SshSettings, faulty: FaultyServer) -> None:
    drop_zip(faulty.root / "roster.zip")
    (first, *_) = fetched(source_of(ssh, "/roster.zip"))
    assert isinstance(first, Started)
    request = Request(KINDS, always_full=frozenset({Kind.USERS}), package=first.package)
    assert covered(list(source_of(ssh, "/roster.zip").fetch(request))) == {Kind.ORGS: "DELTA", Kind.USERS: "NONE"}


def test_names_that_lead_out_of_the_folder_are_passed_over(
    ssh: SshSettings, faulty: FaultyServer, temporary: Path
) -> None:
    drop_folder(faulty.root / "out")
    faulty.faults.extra_names = ["../evil.csv", "/etc/evil.csv", "..", ""]
    assert ids(fetched(source_of(ssh, "/out"))) == ["u0", "u1", "u2"]
    assert list(temporary.parent.rglob("evil.csv")) == []


def test_a_full_disk_is_told(
    ssh: SshSettings, faulty: FaultyServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    drop_zip(faulty.root / "roster.zip")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    error = failed(source_of(ssh, "/roster.zip"))
    assert "TMPDIR" in error.hint


def test_a_probe_tells_key_login_package_and_files(ssh: SshSettings, faulty: FaultyServer) -> None:
    drop = drop_zip(faulty.root / "roster-7.zip")
    items = list(source_of(ssh, "/roster-*.zip").probe(KINDS))
    assert [(item.name, item.ok) for item in items] == [
        ("host key", True),
        ("login", True),
        ("package found", True),
        ("package", True),
        ("orgs.csv", True),
        ("users.csv", True),
    ]
    assert faulty.key.fingerprint in items[0].message
    assert items[2].detail == {"path": "/roster-7.zip", "size": drop.stat().st_size, "modified": "2026-11-21T05:00:00Z"}
    assert items[3].detail is not None
    assert items[3].detail["path"] == "/roster-7.zip"


def test_a_probe_that_fails_says_where(ssh: SshSettings, faulty: FaultyServer) -> None:
    (item,) = (item for item in source_of(ssh, "/none.zip").probe(KINDS) if not item.ok)
    assert (item.code, bool(item.hint)) == ("RS-SRC-005", True)
    ssh.known_hosts.write_text("", encoding="ascii")
    (item,) = source_of(ssh, "/none.zip").probe(KINDS)
    assert item.code == "RS-SRC-007"
    assert faulty.key.fingerprint in item.message
