"""Calls the program in this process, as a process of its own would, and keeps all that it says."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple
from unittest.mock import patch

import stamina

from rostersync.cli.app import main

_NOW: Final = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


class Said(NamedTuple):
    """What a call said on both streams, and its exit code."""

    code: int
    text: bytes


def call(folder: Path, arguments: Sequence[str], env: Mapping[str, str]) -> Said:
    """Call the command line in a folder, with this environment alone and nothing on stdin."""
    heard = io.BytesIO(), io.BytesIO()
    out, err = (io.TextIOWrapper(said, "utf-8", write_through=True) for said in heard)
    with _inside(folder, env, out, err), stamina.set_testing(testing=True, attempts=2, cap=True):
        code = main(["--config", "rostersync.toml", *arguments], lambda: _NOW)
    return Said(code, b"".join(said.getvalue() for said in heard))


@contextlib.contextmanager
def _inside(folder: Path, env: Mapping[str, str], out: io.TextIOWrapper, err: io.TextIOWrapper) -> Iterator[None]:
    """Be in a folder with an environment and streams; logging starts anew, as it does in a new process."""
    root, before = logging.getLogger(), Path.cwd()
    handlers, level = root.handlers[:], logging.getLogger("rostersync").level
    root.handlers.clear()
    os.chdir(folder)
    try:
        with (
            patch.dict(os.environ, dict(env), clear=True),
            patch("sys.stdout", out),
            patch("sys.stderr", err),
            patch("sys.stdin", io.StringIO()),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("default")
            yield
    finally:
        os.chdir(before)
        root.handlers[:] = handlers
        logging.getLogger("rostersync").setLevel(level)
