"""What the README tells people to type is understood."""

from __future__ import annotations

import re
from pathlib import Path

from rostersync.config.load import load

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_configuration_of_the_readme_is_valid_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "rostersync.toml"
    file.write_text("\n".join(BLOCKS), encoding="utf-8")
    config = load(file, {}, tmp_path)
    assert list(config.integrations) == ["springfield", "shelbyville"]
    assert [output.format for output in config.integrations["shelbyville"].outputs] == ["apple-school-manager"]


def test_the_first_block_of_the_readme_is_valid_alone(tmp_path: Path) -> None:
    file = tmp_path / "rostersync.toml"
    file.write_text(BLOCKS[0], encoding="utf-8")
    assert list(load(file, {}, tmp_path).integrations) == ["springfield"]


def test_the_files_that_the_readme_links_to_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (Path(__file__).parents[2] / link).is_file()] == []


def test_every_option_that_the_readme_shows_is_set_with_effect(tmp_path: Path) -> None:
    file = tmp_path / "rostersync.toml"
    file.write_text("\n".join(BLOCKS), encoding="utf-8")
    integration = load(file, {}, tmp_path).integrations["springfield"]
    assert integration.sync.respect_enrollment_dates
    assert integration.sync.parents
    assert set(integration.schools.exclude) == {"11007"}
