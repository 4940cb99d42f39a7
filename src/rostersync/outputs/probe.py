"""What `check` says about an output: whether it could be written where it goes; nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from rostersync.model.codes import Code
from rostersync.model.probe import Probe
from rostersync.outputs.base import Output
from rostersync.outputs.upload import Uploaded


def probe(output: Output) -> Iterator[Probe]:
    """Look at the folder that an output goes to, and sign in where it is delivered."""
    yield _place(output.format, output.path)
    if isinstance(output, Uploaded):
        yield output.probe()


def _place(format_: str, path: Path) -> Probe:
    """Whether the nearest folder that is there lets files be made in it; missing ones are made by a run."""
    name = f"output {format_}"
    folder = next(parent for parent in path.parents if parent.exists())
    if path.is_symlink():
        return _refused(name, f"{path} is a symbolic link", "Name the file or folder itself.")
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return _refused(name, f"nothing can be written to {folder}", f"Let the user of the run write to {folder}.")
    return Probe(name, ok=True, message=f"{path} can be written")


def _refused(name: str, message: str, hint: str) -> Probe:
    return Probe(name, ok=False, message=message, code=Code.OUT_NOT_WRITTEN, hint=hint)
