"""Write docs/codes.md out of the catalogue; a test holds the two together."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from rostersync.model.codes import CATALOGUE, Code

PAGE = Path(__file__).with_name("codes.md")
AREAS = {
    "CFG": "Configuration and command line",
    "AUTH": "Access to the source",
    "NET": "The network",
    "SRC": "The source",
    "DATA": "Records",
    "SCHOOL": "Schools",
    "USER": "Users",
    "CLASS": "Classes",
    "LIMIT": "The guard",
    "STORE": "The store",
    "DIR": "The directory",
    "OUT": "Outputs",
    "SCHED": "Schedules",
}
OPENING = """# Codes

Everything that rostersync has to report carries one of these codes; `rostersync codes CODE` prints the same text.
An *error* keeps a command from doing its work or makes a run partial, a *warning* is about single records or schools,
an *info* needs no action. This page is made by `make docs`."""


def page() -> str:
    """Give the whole page as Markdown, the codes in the order of the catalogue."""
    areas = [f"## {AREAS[area]}\n\n" + "\n\n".join(map(section, codes)) for area, codes in groupby(CATALOGUE, area_of)]
    return "\n\n".join([OPENING, *areas]) + "\n"


def area_of(code: Code) -> str:
    """Give the middle part of a code, such as CFG."""
    return code.value.split("-")[1]


def section(code: Code) -> str:
    """Give what the catalogue says about one code as Markdown."""
    entry = CATALOGUE[code]
    lines = [
        f"### {code.value}: {entry.title}",
        f"*{entry.severity.value.capitalize()}.* {entry.meaning}",
        f"- **Usual cause:** {entry.cause}\n- **What to do:** {entry.remedy}",
    ]
    return "\n\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
