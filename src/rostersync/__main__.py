"""The way in: `rostersync` and `python -m rostersync`."""

from __future__ import annotations

import sys

from rostersync import __version__


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code (contract §2); a bare `--version` costs no imports."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments == ["--version"]:
        sys.stdout.write(f"rostersync {__version__}\n")
        return 0
    from rostersync.cli.app import main as run_command_line  # noqa: PLC0415 (typer is not needed for the version)

    return run_command_line(arguments)


if __name__ == "__main__":
    sys.exit(main())
