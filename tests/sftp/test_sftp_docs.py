"""What the page on SFTP tells people to write and type is understood."""

from __future__ import annotations

import re
from pathlib import Path

from rostersync.config.adapters import AppleSchoolManagerOutput
from rostersync.config.load import load
from rostersync.config.secrets import read_secrets
from rostersync.config.source import SftpSource
from rostersync.model.codes import Code

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sftp.md").read_text(encoding="utf-8")


def test_the_configuration_of_the_page_is_valid(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    file = tmp_path / "rostersync.toml"
    file.write_text(block, encoding="utf-8")
    config = load(file, {}, tmp_path)
    integration = config.integration("springfield")
    assert isinstance(integration.source, SftpSource)
    assert (integration.source.key_file, integration.source.port) == (tmp_path / "id_springfield", 22)
    (output,) = integration.outputs
    assert isinstance(output, AppleSchoolManagerOutput)
    assert output.sftp is not None
    assert output.sftp.path == "dropbox/apple.zip"
    secrets = read_secrets(config, "springfield", {"ASM_PASSWORD": "made-up"})
    assert {key: secret.get_secret_value() for key, secret in secrets.items()} == {"outputs.0.sftp.password": "made-up"}


def test_every_code_of_the_page_exists() -> None:
    found = set(re.findall(r"RS-[A-Z]+-\d{3}", PAGE))
    assert found
    assert found <= {code.value for code in Code}


def test_the_links_of_the_page_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    }
    links = re.findall(r"\]\(([^)]*)\)", PAGE)
    assert [link for link in links if link.startswith("#") and link[1:] not in headings] == []
    assert [link for link in links if not link.startswith("#") and not (ROOT / "docs" / link).is_file()] == []
