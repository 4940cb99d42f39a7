"""Large blocks go back to the system."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from rostersync.cli.memory import return_large_blocks

SCRIPT = """
from pathlib import Path
from rostersync.cli.memory import return_large_blocks

def resident():
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4_096 // 2**20

return_large_blocks()
kept = []
print(resident())
for _ in range(4):
    block = bytearray(24 * 2**20)
    block[::4_096] = bytes(len(block) // 4_096)
    kept.append(bytearray(1))
    print(resident())
    del block
    print(resident())
"""


def test_a_block_that_is_done_with_takes_no_memory() -> None:
    ended = subprocess.run([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, check=True, text=True)
    before, *found = map(int, ended.stdout.split())
    assert len(found) == 8
    assert all(with_block >= before + 20 for with_block in found[::2])
    assert all(without <= before + 4 for without in found[1::2])


@pytest.mark.parametrize("missing", [AttributeError, OSError, TypeError])
def test_another_c_library_keeps_memory_as_it_likes(missing: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def load(name: object) -> object:
        asked.append(name)
        raise missing

    monkeypatch.setattr(ctypes, "CDLL", load)
    return_large_blocks()
    assert asked == [None]
