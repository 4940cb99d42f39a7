# ruff: noqa: INP001, S603, T201 - a script, which starts its own programs and prints
"""The peak memory of the program on a large district: `make memory`, or `python benchmarks/memory.py [STUDENTS]`.

The sample server runs in a process of its own. Then the program runs twice and previews, each in its own process, of
which the peak of the resident set is read. Ends with 1 where one of them needs more than the limit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_MB = 300
SOURCE = Path(__file__).parents[1] / "src"
SERVER = """
import sys
from rostersync.demo import make_district, serve
district = make_district(students=int(sys.argv[1]))
with serve(district, auth=["none"]) as server:
    print(sum(district.counts().values()), server.base("1.2"), flush=True)
    sys.stdin.read()
"""
CONFIG = """
[store]
url = "sqlite:///roster.db"

[integrations.large.source]
type = "rest"
version = "1.2"
url = "{url}"
auth = {{ type = "none" }}

[integrations.large.sync]
respect_enrollment_dates = true
respect_academic_sessions = true
parents = true
"""
STEPS = (("run", "large"), ("run", "large"), ("run", "large", "--full"), ("preview", "large", "--full"))


def main(students: str = "100000") -> int:
    """Measure and print; gives the exit code."""
    env = os.environ | {"PYTHONPATH": str(SOURCE)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen([sys.executable, "-c", SERVER, students], env=env, text=True, **pipes) as server,  # type: ignore[call-overload]
    ):
        records, url = server.stdout.readline().split()
        print(f"{int(students):,} students, {int(records):,} records")
        Path(folder, "rostersync.toml").write_text(CONFIG.format(url=url), "utf-8")
        peaks = [measure(folder, words, env) for words in STEPS]
        server.stdin.close()
    return int(max(peaks) > LIMIT_MB)


def measure(folder: str, words: tuple[str, ...], env: dict[str, str]) -> float:
    """Run the program in a folder and give the peak of its resident set in megabytes."""
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "rostersync", *words, "-q"], cwd=folder, env=env, stdout=-3)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    peak, took = usage.ru_maxrss / 1024, time.monotonic() - started
    print(f"{' '.join(words):28} exit {process.returncode}  {peak:6.1f} MB  {took:6.1f} s")
    return peak


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
