"""The way in: `rostersync` and `python -m rostersync`."""

from __future__ import annotations

import gc
import os
import signal
import sys

from rostersync import __version__


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code (contract §2); a bare `--version` costs no imports."""
    _open_streams()
    arguments = sys.argv[1:] if argv is None else argv
    if arguments == ["--version"]:
        sys.stdout.write(f"rostersync {__version__}\n")
        return 0
    _die_quietly()
    # Rows are no circular garbage, and a district makes millions of them: look for it rarely.
    gc.set_threshold(100_000, 50, 100)
    from rostersync.cli.app import main as run_command_line  # noqa: PLC0415 (typer is not needed for the version)

    return run_command_line(arguments)


def _die_quietly() -> None:
    """Let an interrupt end the program until the command line takes it: nothing has begun that would need an end."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _open_streams() -> None:
    """Put /dev/null in the place of streams that were closed, so that no file of ours takes their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - open to the end


if __name__ == "__main__":
    sys.exit(main())
