"""Source and delivery against OpenSSH's own server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rostersync.errors import Fatal
from rostersync.ssh.failures import SshError
from rostersync.ssh.opening import connect
from rostersync.ssh.settings import SshSettings
from tests.sftp.drop import KINDS, drop_folder, drop_zip, fetched, ids, source_of
from tests.sftp.faulty import HOST
from tests.sftp.openssh import Sshd, fingerprint, make_key, public


def test_a_zip_is_read_with_a_key(openssh: SshSettings, tmp_path: Path) -> None:
    drop_zip(tmp_path / "roster.zip", people=5000)
    assert len(ids(fetched(source_of(openssh, f"{tmp_path}/roster.zip")))) == 5000


def test_a_folder_and_a_link_to_one_are_read(openssh: SshSettings, tmp_path: Path) -> None:
    drop_folder(tmp_path / "drop-1")
    (tmp_path / "current").symlink_to(tmp_path / "drop-1")
    assert ids(fetched(source_of(openssh, f"{tmp_path}/current"))) == ["u0", "u1", "u2"]
    (tmp_path / "nowhere.zip").symlink_to(tmp_path / "gone")
    assert ids(fetched(source_of(openssh, f"{tmp_path}/dro*"))) == ["u0", "u1", "u2"]
    with pytest.raises(Fatal, match="has no"):
        fetched(source_of(openssh, f"{tmp_path}/*.zip"))


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_keys_of_every_kind_with_a_passphrase_let_us_in(
    openssh: SshSettings, sshd: Sshd, tmp_path: Path, kind: str
) -> None:
    key = make_key(tmp_path / "key", "open sesame", kind)
    with (sshd.folder / "authorized_keys").open("a", encoding="ascii") as file:
        file.write(f"{public(key)}\n")
    with connect(replace(openssh, key_file=key, key_passphrase="open sesame")) as session:
        assert session.look(str(tmp_path)).is_folder


def test_a_key_that_it_does_not_know_is_refused(openssh: SshSettings, tmp_path: Path) -> None:
    with pytest.raises(SshError) as caught:
        connect(replace(openssh, key_file=make_key(tmp_path / "key")))
    assert caught.value.code == "RS-AUTH-003"


def test_a_password_where_only_keys_are_taken_says_so(openssh: SshSettings) -> None:
    with pytest.raises(SshError, match="it wants publickey") as caught:
        connect(replace(openssh, key_file=None, password="s3cret"))
    assert "s3cret" not in caught.value.message


def test_a_wrong_and_an_unknown_host_key_are_refused_as_openssh_shows_them(
    openssh: SshSettings, sshd: Sshd, tmp_path: Path
) -> None:
    shown = fingerprint(sshd.folder / "host_key.pub")
    for text in ("", f"[{HOST}]:{sshd.port} {public(make_key(tmp_path / 'other'))}\n"):
        (tmp_path / "known_hosts").write_text(text, encoding="ascii")
        with pytest.raises(Fatal) as caught:
            fetched(source_of(replace(openssh, known_hosts=tmp_path / "known_hosts"), "/"))
        assert caught.value.code == "RS-SRC-007"
        assert shown in caught.value.message


def test_a_probe_is_all_well(openssh: SshSettings, sshd: Sshd, tmp_path: Path) -> None:
    drop_zip(tmp_path / "roster.zip")
    items = list(source_of(openssh, f"{tmp_path}/*.zip").probe(KINDS))
    assert [item for item in items if not item.ok] == []
    assert fingerprint(sshd.folder / "host_key.pub") in items[0].message


def test_a_file_is_written_synced_and_renamed_over_another(openssh: SshSettings, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100_000)
    (tmp_path / "there").write_bytes(b"former")
    with connect(openssh) as session:
        session.write(tmp_path / "a", f"{tmp_path}/there.new")
        session.rename(f"{tmp_path}/there.new", f"{tmp_path}/there")
    assert (tmp_path / "there").read_bytes() == b"x" * 100_000
    assert not (tmp_path / "there.new").exists()
