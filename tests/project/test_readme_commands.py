"""Every command and option is documented, and the README shows none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.make_commands import PAGE, commands, help_of, page
from rostersync.cli.app import app

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
COMMANDS = [(), *commands(app)]
# As inline code, on a line of its own in a block, and by its full path in a crontab.
SHOWN = sorted(set(re.findall(r"(?:`|^|/bin/)rostersync (-?[^`\n]*)", README, re.MULTILINE)) - {""})
PROSE = re.compile(r"(keeps|is licensed) ")


def options(text: str) -> set[str]:
    """The long options in a text."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def test_the_page_of_commands_is_what_the_program_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make docs writes it again"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_argument_and_option_has_a_help_text(words: tuple[str, ...]) -> None:
    head, _, rest = help_of(words).partition("\n\n")
    assert head.startswith(f"Usage: {' '.join(('rostersync', *words))}")
    assert re.match(r"  [A-Z][^.]+\.\n", rest.replace("\n  ", " ").replace(".", ".\n", 1)) is not None
    listed = re.findall(r"^  ((?:-|[A-Z]+ <|\[).*)$", rest, re.MULTILINE)
    assert listed
    assert [line for line in listed if not re.search(r"  +[A-Z].*", line)] == []


def test_the_commands_are_those_of_the_program_and_of_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    sections = re.findall(r"^## rostersync ?(.*)$", text, re.MULTILINE)
    assert sections == [" ".join(words) for words in COMMANDS]
    assert {
        "check",
        "preview",
        "run",
        "reset",
        "log",
        "status",
        "explain",
        "remove",
        "purge",
        "schedule",
        "codes",
        "demo",
    } <= set(sections)
    assert {"schools list", "schools sync"} <= set(sections)


@pytest.mark.parametrize("line", [line for line in SHOWN if not PROSE.match(line)])
def test_the_readme_shows_commands_and_options_that_exist(line: str) -> None:
    words = tuple(word for word in re.sub(r"--config \S+", "", line).split() if not word.startswith("-"))
    command = next((each for each in COMMANDS if each and words[: len(each)] == each), ())
    assert command or not words
    assert options(line) <= options(help_of(command)) | options(help_of(()))
