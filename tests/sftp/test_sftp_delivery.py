"""Outputs that go to an SFTP server: whole or not at all, and repaired by the next run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from rostersync.errors import OutputError
from rostersync.model.kind import Kind
from rostersync.outputs.base import Output, RosterReader, Written
from rostersync.outputs.upload import Uploaded
from rostersync.ssh.settings import SshSettings
from tests.csv.csv_packages import to_folder, to_zip
from tests.sftp.faulty import PASSWORD, FaultyServer

OLD = {"users.csv": "old", "orgs.csv": "old", "manifest.csv": "old"}
NEW = {"users.csv": "new" * 50_000, "orgs.csv": "new", "manifest.csv": "new"}


class NoRoster:
    """A roster that nobody reads (outputs.base.RosterReader)."""

    def rows(self, kind: Kind) -> object:
        raise AssertionError(kind)


@dataclass
class Files:
    """An output whose files the test makes up (outputs.base.Output)."""

    path: Path
    files: dict[str, str] = field(default_factory=lambda: dict(NEW))
    format: str = "oneroster-1.1"

    def write(self, roster: RosterReader) -> Written:  # noqa: ARG002 - the protocol's
        """Write the files."""
        if self.path.suffix == ".zip":
            to_zip(self.path, self.files, method=0)
        else:
            to_folder(self.path, self.files)
        return Written(len(self.files))


def write(output: Output) -> Written:
    """Write an output out of a roster that does not matter."""
    return output.write(NoRoster())  # type: ignore[arg-type]


def failed(output: Output) -> OutputError:
    """Fail to write, and give the error."""
    with pytest.raises(OutputError) as caught:
        write(output)
    assert caught.value.code == "RS-OUT-001"
    assert PASSWORD not in f"{caught.value.message}{caught.value.hint}"
    return caught.value


def found(folder: Path) -> dict[str, str]:
    """What stands in a folder."""
    return {file.name: file.read_text(encoding="ascii") for file in folder.iterdir()}


def test_a_zip_is_delivered_under_the_name_that_is_asked_for(
    ssh: SshSettings, faulty: FaultyServer, tmp_path: Path
) -> None:
    output = Uploaded(Files(tmp_path / "out.zip"), ssh, "/roster.zip")
    assert write(output) == Written(3)
    assert [path.name for path in faulty.root.iterdir()] == ["roster.zip"]
    assert (faulty.root / "roster.zip").read_bytes() == (tmp_path / "out.zip").read_bytes()
    assert (output.format, output.path) == ("oneroster-1.1", tmp_path / "out.zip")


@pytest.mark.parametrize("remote", ["/drop", "/drop/", "drop", "drop/"])
def test_a_zip_goes_into_a_folder_under_its_own_name(
    ssh: SshSettings, faulty: FaultyServer, tmp_path: Path, remote: str
) -> None:
    (faulty.root / "drop").mkdir()
    write(Uploaded(Files(tmp_path / "out.zip"), ssh, remote))
    assert [path.name for path in (faulty.root / "drop").iterdir()] == ["out.zip"]


def test_a_folder_is_made_and_filled(ssh: SshSettings, faulty: FaultyServer, tmp_path: Path) -> None:
    output = Uploaded(Files(tmp_path / "out"), ssh, "/roster")
    for _ in range(2):
        write(output)
        assert found(faulty.root / "roster") == NEW


def test_a_file_that_is_no_longer_in_the_set_is_removed_and_foreign_ones_are_not(
    ssh: SshSettings, faulty: FaultyServer, tmp_path: Path
) -> None:
    to_folder(faulty.root / "roster", {**OLD, "courses.csv": "old", "readme.txt": "x"})
    write(Uploaded(Files(tmp_path / "out"), ssh, "/roster"))
    assert found(faulty.root / "roster") == {**NEW, "readme.txt": "x"}
    to_folder(faulty.root / "other", {"courses.csv": "old"})
    write(Uploaded(Files(tmp_path / "out", format="sds-2.1"), ssh, "/other"))
    assert found(faulty.root / "other") == {**NEW, "courses.csv": "old"}


def test_an_upload_that_breaks_off_leaves_the_old_zip_and_the_next_run_repairs_it(
    ssh: SshSettings, faulty: FaultyServer, tmp_path: Path
) -> None:
    to_zip(faulty.root / "roster.zip", OLD)
    before = (faulty.root / "roster.zip").read_bytes()
    faulty.faults.cut_writes = [50_000] * 3
    output = Uploaded(Files(tmp_path / "out.zip"), ssh, "/roster.zip")
    error = failed(output)
    assert "was written, but not delivered" in error.message
    assert "RS-NET-003" in error.message
    assert faulty.connections == 3
    assert (faulty.root / "roster.zip").read_bytes() == before
    write(output)
    assert (faulty.root / "roster.zip").read_bytes() == (tmp_path / "out.zip").read_bytes()
    assert [path.name for path in faulty.root.iterdir()] == ["roster.zip"]


def test_an_upload_that_breaks_off_leaves_every_old_file_of_a_folder(
    ssh: SshSettings, faulty: FaultyServer, tmp_path: Path
) -> None:
    drop = to_folder(faulty.root / "roster", OLD)
    faulty.faults.cut_writes = [50_000] * 3
    failed(Uploaded(Files(tmp_path / "out"), ssh, "/roster"))
    assert {name: text for name, text in found(drop).items() if not name.startswith(".")} == OLD


def test_an_upload_that_breaks_off_once_is_tried_again(ssh: SshSettings, faulty: FaultyServer, tmp_path: Path) -> None:
    faulty.faults.cut_writes = [50_000]
    write(Uploaded(Files(tmp_path / "out"), ssh, "/roster"))
    assert found(faulty.root / "roster") == NEW
    assert faulty.connections == 2


def test_a_server_that_cannot_rename_over_a_file_gets_the_new_one_all_the_same(
    ssh: SshSettings, faulty: FaultyServer, tmp_path: Path
) -> None:
    faulty.faults.posix_rename = False
    for text in ("one", "two"):
        write(Uploaded(Files(tmp_path / "out", {"users.csv": text}), ssh, "/roster"))
        assert found(faulty.root / "roster") == {"users.csv": text}


def test_a_server_that_is_not_trusted_gets_nothing(ssh: SshSettings, faulty: FaultyServer, tmp_path: Path) -> None:
    ssh.known_hosts.write_text("", encoding="ascii")
    error = failed(Uploaded(Files(tmp_path / "out.zip"), ssh, "/roster.zip"))
    assert "RS-SRC-007" in error.message
    assert faulty.key.fingerprint in error.message
    assert list(faulty.root.iterdir()) == []
    assert (tmp_path / "out.zip").exists()


def test_a_folder_above_that_is_missing_is_told(ssh: SshSettings, tmp_path: Path) -> None:
    assert "RS-SRC-005" in failed(Uploaded(Files(tmp_path / "out.zip"), ssh, "/none/roster.zip")).message
    assert "RS-SRC-005" in failed(Uploaded(Files(tmp_path / "out"), ssh, "/none/roster")).message


def test_a_probe_signs_in_and_writes_nothing(ssh: SshSettings, faulty: FaultyServer, tmp_path: Path) -> None:
    output = Files(tmp_path / "out.zip")
    for remote in ("/roster.zip", "roster.zip", "/"):
        assert Uploaded(output, ssh, remote).probe().ok
    assert Uploaded(output, ssh, "/none/roster.zip").probe().code == "RS-SRC-005"
    assert Uploaded(output, replace(ssh, password="wrong"), "/roster.zip").probe().code == "RS-AUTH-003"
    assert (list(faulty.root.iterdir()), output.path.exists()) == ([], False)


def test_openssh_takes_a_folder_and_a_zip(openssh: SshSettings, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    for _ in range(2):
        write(Uploaded(Files(tmp_path / "out"), openssh, f"{drop}/roster"))
        write(Uploaded(Files(tmp_path / "out.zip"), openssh, f"{drop}/"))
    assert found(drop / "roster") == NEW
    assert (drop / "out.zip").read_bytes() == (tmp_path / "out.zip").read_bytes()
    assert sorted(path.name for path in drop.iterdir()) == ["out.zip", "roster"]


def test_a_place_that_cannot_be_taken_is_told(openssh: SshSettings, tmp_path: Path) -> None:
    (tmp_path / "drop" / "out.zip").mkdir(parents=True)
    error = failed(Uploaded(Files(tmp_path / "out.zip"), openssh, f"{tmp_path}/drop/"))
    assert "failed on" in error.message
