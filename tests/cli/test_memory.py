"""Large blocks go back to the system."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from rostersync.cli.memory import return_large_blocks

ROUNDS = 4
MEGABYTES = 24


def resident() -> int:
    """The memory that this process has now, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4_096 // 2**20


def test_a_block_that_is_done_with_takes_no_memory() -> None:
    return_large_blocks()
    before = resident()
    for _ in range(ROUNDS):
        blocks = [bytearray(b"x" * 2**20) * MEGABYTES, bytearray(1)]
        assert resident() >= before + MEGABYTES - 2
        del blocks[0]  # the small one stays behind it
        assert resident() <= before + 2


@pytest.mark.parametrize("missing", [AttributeError, OSError, TypeError])
def test_another_c_library_keeps_memory_as_it_likes(missing: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def load(name: object) -> object:
        asked.append(name)
        raise missing

    monkeypatch.setattr(ctypes, "CDLL", load)
    return_large_blocks()
    assert asked == [None]
