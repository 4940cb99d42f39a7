"""How the C library keeps memory, set for the arrays of a district."""

from __future__ import annotations

import ctypes

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
_LARGE = 1 << 20


def return_large_blocks() -> None:
    """Give large blocks back to the system when they are done with.

    The GNU C library would keep ever larger ones in its heap, where an array that grows leaves them behind as holes.
    """
    try:
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)
    except (AttributeError, OSError, TypeError):
        return  # another C library, which has no such setting
