"""What docs/csv.md tells people is so."""

from __future__ import annotations

import re
from pathlib import Path

from rostersync.config.load import load
from rostersync.config.source import CsvSource
from rostersync.model.codes import Code
from rostersync.sources.csv import streams, table, text, zipped

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "csv.md").read_text(encoding="utf-8")


def test_the_configuration_on_the_page_is_valid(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    file = tmp_path / "rostersync.toml"
    file.write_text(block, encoding="utf-8")
    assert isinstance(load(file, {}, tmp_path).integration("springfield").source, CsvSource)


def test_the_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", PAGE):
        page, _, place = link.partition("#")
        headings = re.findall(
            r"^#+ (.*)$", PAGE if not page else (ROOT / "docs" / page).read_text("utf-8"), re.MULTILINE
        )
        slugs = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
        assert not place or place in slugs, link


def test_the_limits_are_those_of_the_code() -> None:
    assert f"more than {zipped.MOST_ENTRIES} entries" in PAGE
    assert f"more than {streams.MOST_INFLATED >> 30} GiB or {streams.MOST_RATIO} times" in PAGE
    assert f"more than {table.MOST_BROKEN:,} lines" in PAGE
    assert f"longer than {text.LONGEST_LINE >> 20} MiB" in PAGE


def test_every_code_is_one() -> None:
    named = set(re.findall(r"RS-[A-Z]+-\d{3}", PAGE))
    assert named
    assert named <= {str(code) for code in Code}
