"""From a configuration file to a source and to deliveries, with their secrets."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from rostersync.config.load import load
from rostersync.config.secrets import read_secrets
from rostersync.config.source import SftpSource
from rostersync.outputs.upload import Uploaded
from rostersync.ssh.failures import SshError
from rostersync.ssh.opening import connect
from rostersync.ssh.settings import SshSettings
from rostersync.wiring import open_output
from rostersync.wiring.sftp import delivered, open_sftp, ssh_settings
from tests.sftp.drop import KINDS, NOW, drop_zip
from tests.sftp.faulty import HOST, PASSWORD, USER, FaultyServer

TEXT = """
[integrations.drop.source]
type = "sftp"
host = "{host}"
port = {port}
user = "{user}"
password = "env:DROP"
known_hosts = "known_hosts"
path = "/roster.zip"
deadline = "2m"
retries = 0

[[integrations.drop.outputs]]
format = "jsonl"
path = "here"

[[integrations.drop.outputs]]
format = "jsonl"
path = "out.zip"
sftp = {{ host = "h", user = "u", key_file = "k", key_passphrase = "env:PASSPHRASE", known_hosts = "x", path = "p/" }}
"""


def test_a_configuration_becomes_a_source_and_a_delivery(
    ssh: SshSettings, faulty: FaultyServer, tmp_path: Path
) -> None:
    drop_zip(faulty.root / "roster.zip")
    file = tmp_path / "rostersync.toml"
    file.write_text(TEXT.format(host=HOST, port=faulty.port, user=USER), encoding="utf-8")
    config = load(file, {}, tmp_path)
    section = config.integration("drop")
    secrets = read_secrets(config, "drop", {"DROP": PASSWORD, "PASSPHRASE": "open sesame"})
    assert isinstance(section.source, SftpSource)
    assert ssh_settings(section.source, secrets, "source") == SshSettings(
        HOST, USER, tmp_path / "known_hosts", ssh.port, password=PASSWORD
    )
    source = open_sftp(section.source, secrets, lambda: NOW + timedelta(days=1))
    assert [item for item in source.probe(KINDS) if not item.ok] == []
    source.close()
    plain, sent = (
        delivered(open_output(output, section), output.sftp, secrets, place)
        for place, output in enumerate(section.outputs)
    )
    assert not isinstance(plain, Uploaded)
    assert isinstance(sent, Uploaded)
    assert sent.path == tmp_path / "out.zip"
    delivery = section.outputs[1].sftp
    assert delivery is not None
    assert ssh_settings(delivery, secrets, "outputs.1.sftp") == SshSettings(
        "h", "u", tmp_path / "x", key_file=tmp_path / "k", key_passphrase="open sesame"
    )


def test_no_secret_is_shown_with_the_settings(ssh: SshSettings) -> None:
    assert PASSWORD not in repr(ssh)


def test_paramiko_is_loaded_when_a_connection_is_opened() -> None:
    script = (
        "import sys, rostersync.sources.sftp, rostersync.outputs.upload, rostersync.wiring.sftp;"
        "print('paramiko' in sys.modules)"
    )
    root = Path(__file__).parents[2] / "src"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root)
    assert told.stdout == "False\n"


def test_a_missing_paramiko_is_told_with_how_to_install_it(ssh: SshSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("rostersync.ssh.session")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "paramiko", None)
    with pytest.raises(SshError) as caught:
        connect(ssh)
    assert "rostersync[sftp]" in caught.value.hint
