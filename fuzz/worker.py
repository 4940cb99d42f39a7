"""Fuzzes one target under atheris: `python -m fuzz.worker TARGET [options and folders of libFuzzer]`."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["rostersync", "fuzz.targets"]):
    from fuzz.targets import load

    TARGET = load(sys.argv[1])


def main() -> None:
    """Try inputs until libFuzzer has had its time, or one of them ends in an exception that is not ours."""
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGET.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
