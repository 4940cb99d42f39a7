"""The way in: `rostersync` and `python -m rostersync`."""

from __future__ import annotations

import gc
import os
import signal
import sys

from rostersync import __version__

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
_LARGE = 1 << 20


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code (contract §2); a bare `--version` costs no imports."""
    _open_streams()
    arguments = sys.argv[1:] if argv is None else argv
    if arguments == ["--version"]:
        sys.stdout.write(f"rostersync {__version__}\n")
        return 0
    _die_quietly()
    _spare_memory()
    from rostersync.cli.app import main as run_command_line  # noqa: PLC0415 (the version has no need of typer)

    return run_command_line(arguments)


def _die_quietly() -> None:
    """Let an interrupt end the program until the command line takes it: nothing has begun that would need an end."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _spare_memory() -> None:
    """Prepare for the records of a district: they come by the million, leave holes, and are no circular garbage."""
    import ctypes  # noqa: PLC0415 (nor for this)

    gc.set_threshold(100_000, 50, 100)
    try:
        # The GNU C library keeps ever larger blocks in its heap, where an array that grows leaves them behind as holes.
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)
    except (AttributeError, OSError, TypeError):
        return  # another C library, which has no such setting


def _open_streams() -> None:
    """Put /dev/null in the place of streams that were closed, so that no file of ours takes their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - open to the end


if __name__ == "__main__":
    sys.exit(main())
