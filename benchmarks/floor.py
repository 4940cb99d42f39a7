"""The floor: curl fetching the very same pages with the same concurrency, and throwing them away.

It knows all pages beforehand, which a client does not: that has to see the first page of each collection to know how
many there are.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks import pages
from benchmarks.district import COLLECTIONS, FIRST_DAY
from benchmarks.measure import Cost, measure


def available() -> bool:
    """Whether there is a curl that fetches in parallel (7.66 or later has it)."""
    return shutil.which("curl") is not None


def fetch(pages_folder: Path, url: str, concurrency: int, folder: Path) -> tuple[Cost, int]:
    """Fetch every page of the first day; gives what it cost, and the bytes that curl says it has got."""
    config = folder / "curl.config"
    config.write_text("".join(f'url = "{page}"\noutput = /dev/null\n' for page in urls(pages_folder, url)), "utf-8")
    told = folder / "curl.bytes"
    # --disable: not the user's own settings. It has to come first.
    command = ["curl", "--disable", "--no-progress-meter", "--fail", "--globoff", "--noproxy", "*"]
    command += ["--parallel", "--parallel-max", str(concurrency), "--write-out", "%{size_download}\\n"]
    command += ["--config", str(config)]
    with told.open("w") as out:
        cost = measure(command, folder=folder, out=out)
    return cost, sum(map(int, told.read_text("utf-8").split()))


def urls(pages_folder: Path, url: str) -> list[str]:
    """The pages of all collections as rostersync asks for them."""
    found = pages.read(pages_folder)
    return [
        f"{url}/{collection}?limit={pages.PAGE}&offset={number * pages.PAGE}&sort=sourcedId&orderBy=asc"
        for collection in COLLECTIONS
        for number in range(len(found[collection, pages.FULL, FIRST_DAY].ends))
    ]
