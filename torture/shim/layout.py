"""What shim.c shares with us, and what can be asked of it."""

from __future__ import annotations

import ctypes
from enum import IntEnum, IntFlag
from typing import ClassVar

_PATH = 4_096


class Kind(IntFlag):
    """The calls that change files, as shim.c tells them apart; opening counts where it is for writing."""

    OPEN = 1
    WRITE = 2
    SYNC = 4
    TRUNCATE = 8
    RENAME = 16
    UNLINK = 32
    MKDIR = 64


class Action(IntEnum):
    """What is done to the chosen call: nothing, kill before it or amid it, let it fail, alone or with all after it.

    FILL is a disk that fills up: half of that write goes through, and all after it fails.
    """

    COUNT = 0
    KILL = 1
    TEAR = 2
    FAIL = 3
    FAIL_FROM = 4
    FILL = 5


OTHER_JOURNAL = "TORTURE_OTHER_JOURNAL"
"""The environment variable that makes the launcher use WAL where the loaded SQLite would not, and the reverse."""

EVERY = Kind(127)
GROWING = Kind.OPEN | Kind.WRITE | Kind.SYNC | Kind.RENAME | Kind.MKDIR
"""The calls that a full disk can refuse; a late write may be refused as late as at its sync."""


class Watched(ctypes.Structure):
    """`struct watched` of shim.c."""

    _fields_: ClassVar = [
        ("calls", ctypes.c_long),
        ("point", ctypes.c_long),
        ("kinds", ctypes.c_int),
        ("action", ctypes.c_int),
        ("number", ctypes.c_int),
        ("fired", ctypes.c_int),
        ("prefix", ctypes.c_char * _PATH),
        ("what", ctypes.c_char * _PATH),
        # What follows is the launcher's own.
        ("statements", ctypes.c_long),
        ("began", ctypes.c_double),
        ("lines", ctypes.c_long),
    ]
