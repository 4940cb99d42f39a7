"""What docs/directories.md tells people to write is understood."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from rostersync.config.load import load
from rostersync.directories.ldap_entries import DEFAULTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "directories.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SOURCE = """
[integrations.springfield.source]
url = "https://sis.example.org/ims/oneroster/v1p1"
auth = { type = "none" }
"""


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_configuration_on_the_page_is_valid(number: int, tmp_path: Path) -> None:
    block = BLOCKS[number]
    file = tmp_path / "rostersync.toml"
    file.write_text(SOURCE + block, encoding="utf-8")
    directory = load(file, {}, tmp_path).integrations["springfield"].directory
    assert directory is not None
    assert directory.type == tomllib.loads(block)["integrations"]["springfield"]["directory"]["type"]


def test_the_page_names_every_default_attribute() -> None:
    for field, attributes in DEFAULTS.items():
        rows = re.findall(rf"^\| `{field}` \| (.*) \|$", PAGE, re.MULTILINE)
        assert any(all(f"`{attribute}`" in row for attribute in attributes) for row in rows)
