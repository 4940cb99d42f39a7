# ruff: noqa: S603, T201 - a script, which starts its own programs and prints
"""The peak memory and the time of runs on CSV packages: `python benchmarks/csv.py [STUDENTS]`.

A district is written as a zip of OneRoster 1.2 and as a delta of one day, and packages with a cell of 2 GB beside
them: stored as it is, packed within the ratio that is allowed, packed further than that, and with line breaks in it.
Each step of the program runs in a process of its own, of which the peak of the resident set is read. Ends with 1 where
one of them needs more than the limit, or ends otherwise than it should.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

LIMIT_MB = 300
HERE = Path(__file__).parents[1]
CELL = 2 << 30
PLAIN, LINES = b"x" * (1 << 20), (b"x" * 1023 + b"\n") * 1024
CELLS = {
    "stored": (zipfile.ZIP_STORED, None, PLAIN, b""),
    "within": (zipfile.ZIP_DEFLATED, 1, PLAIN, b""),
    "over": (zipfile.ZIP_DEFLATED, 9, PLAIN, b""),
    "quoted": (zipfile.ZIP_DEFLATED, 1, PLAIN, b'"'),
    "lines": (zipfile.ZIP_DEFLATED, 1, LINES, b'"'),
}
"""How each cell of 2 GB is packed, at which level, what it is made of, and its quote."""
MAKE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from rostersync.demo import make_district
from tests.csv.csv_packages import to_zip
from tests.runs.csv_site import bulk, delta, live_tables
district, drop = make_district(students=int(sys.argv[1])), Path(sys.argv[2])
tables = live_tables(district, "1.2")
print(sum(map(len, tables.values())))
to_zip(drop / "1.zip", bulk(tables, "1.2"))
earlier, now = tables, datetime.now(UTC)
students = sorted(key for key in district.users if key.startswith("stu-"))
for number, key in enumerate(students[::100]):
    district.touch("users", key, now, middleName="B")
for key in students[50::100]:
    district.users[key]["roles"][0]["beginDate"] = "2026-08-01"
to_zip(drop / "2.zip", delta(earlier, live_tables(district, "1.2"), "1.2"))
"""
CONFIG = """
[store]
url = "sqlite:///roster.db"

[integrations.large.source]
type = "csv"
path = "none.zip"

[integrations.large.sync]
respect_enrollment_dates = true
respect_academic_sessions = true
parents = true
"""
STEPS = (
    (("run", "large", "--file", "1.zip"), 0),
    (("run", "large", "--file", "1.zip"), 0),
    (("run", "large", "--file", "2.zip"), 0),
    (("preview", "large", "--file", "1.zip"), 0),
    (("validate", "1.zip"), 3),
)


def main(students: str = "100000") -> int:
    """Measure and print; gives the exit code."""
    env = os.environ | {"PYTHONPATH": f"{HERE / 'src'}{os.pathsep}{HERE}"}
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run(
            [sys.executable, "-c", MAKE, students, folder], env=env, stdout=subprocess.PIPE, text=True, check=True
        )
        print(f"{int(students):,} students, {int(made.stdout):,} rows")
        Path(folder, "rostersync.toml").write_text(CONFIG, "utf-8")
        right = [measure(folder, words, code, env) for words, code in STEPS]
        right += [step for name in CELLS for step in measure_cell(folder, name, env)]
    return int(not all(right))


def measure_cell(folder: str, name: str, env: dict[str, str]) -> list[bool]:
    """Run and validate a package with one such cell: one line without end ends both, many lines are a finding."""
    path = Path(folder, f"{name}.zip")
    write_cell(path, *CELLS[name])
    print(f"{path.name}: {path.stat().st_size / 1e6:,.1f} MB")
    right = [
        measure(folder, ("run", "large", "--file", path.name), 1, env),
        measure(folder, ("validate", path.name), 3 if name == "lines" else 1, env),
    ]
    path.unlink()
    return right


def write_cell(path: Path, method: int, level: int | None, block: bytes, quote: bytes) -> None:
    """Write a package whose orgs.csv unpacks to one cell of 2 GB."""
    with zipfile.ZipFile(path, "w", method, compresslevel=level) as archive:
        with archive.open("orgs.csv", "w", force_zip64=True) as file:
            file.write(b"sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\ns,,," + quote)
            for _ in range(CELL // len(block)):
                file.write(block)
            file.write(quote + b",school,,\n")
        archive.writestr("users.csv", "sourcedId,orgSourcedIds,role\n")


def measure(folder: str, words: tuple[str, ...], code: int, env: dict[str, str]) -> bool:
    """Run the program in a folder, print its peak in megabytes and its time, and say whether all is as it should be."""
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "rostersync", *words, "-q"], cwd=folder, env=env, stdout=-3)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    peak, took, busy = usage.ru_maxrss / 1024, time.monotonic() - started, usage.ru_utime + usage.ru_stime
    print(
        f"{' '.join(words):32} exit {process.returncode}  {peak:6.1f} MB  {took:6.1f} s, {busy:6.1f} s of CPU",
        flush=True,
    )
    return peak <= LIMIT_MB and process.returncode == code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
