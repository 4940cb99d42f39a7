"""What the pages on Google and Microsoft tell people to write is understood, and what they promise is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rostersync.config.load import load
from rostersync.directories import google, microsoft
from rostersync.directories.google_refusals import SCOPE

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {name: (DOCS / f"directories-{name}.md").read_text(encoding="utf-8") for name in ("google", "microsoft")}
BLOCK = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [(name, block) for name, page in PAGES.items() for block in BLOCK.findall(page)]
SOURCE = """
[integrations.springfield.source]
url = "https://sis.example.org/ims/oneroster/v1p1"
auth = { type = "none" }
"""


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_configuration_is_valid(number: int, tmp_path: Path) -> None:
    name, block = BLOCKS[number]
    file = tmp_path / "rostersync.toml"
    file.write_text(SOURCE + block, encoding="utf-8")
    directory = load(file, {}, tmp_path).integrations["springfield"].directory
    assert directory is not None
    assert directory.type == name


def test_the_page_on_google_names_the_scope_that_is_asked_for() -> None:
    assert re.findall(r"https://www\.googleapis\.com/auth/\S+", PAGES["google"]) == [SCOPE]


def test_the_page_on_microsoft_names_every_cloud_with_its_hosts() -> None:
    rows = re.findall(r'^\| `"([a-z-]+)"`.*\| `(.*)`, `(.*)` \|$', PAGES["microsoft"], re.MULTILINE)
    told = {name: microsoft.Endpoints(f"https://{login}", f"https://{graph}") for name, login, graph in rows}
    assert told == microsoft.CLOUDS


@pytest.mark.parametrize(
    ("name", "places"), [("google", google.DEFAULTS.values()), ("microsoft", microsoft.DEFAULTS.values())]
)
def test_the_pages_name_where_keys_are_read_from(name: str, places: list[str]) -> None:
    table = "".join(re.findall(r"^\| `(?:email|username|identifier)`.*$", PAGES[name], re.MULTILINE))
    assert [place for place in places if any(f"`{part}`" not in table for part in place.split("."))] == []
