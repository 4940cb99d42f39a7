"""A plan on disk: compressed frames in a private file without a name, which outlives a rollback and holds any plan."""

from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Self

import msgspec

from rostersync.model.decision import Reason
from rostersync.model.kind import Kind
from rostersync.model.plan import Action, Change
from rostersync.store.boundary import boundary, damaged
from rostersync.store.pages import chunked

_CHANGES_A_FRAME = 1_000
_LEVEL = 1  # the first plan of a large district is its whole roster: speed counts more than the last percent
_ENCODER = msgspec.msgpack.Encoder()
_Fields = dict[str, str | int | tuple[str, ...] | None]
_DECODER = msgspec.msgpack.Decoder(
    list[tuple[Kind, Action, str, str, Reason | None, _Fields | None, _Fields | None, tuple[str, ...]]]
)
"""The fields of a Change in their order; lists are tuples, as in the rows that a plan is made from."""


class PlanSpool:
    """The plan of one run; written once or in parts, read as often as needed, gone when closed."""

    def __init__(self) -> None:
        """Open the file, which has no name and is readable by us alone."""
        self._where = "the temporary file of the plan"
        with boundary(self._where):
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by close
        self._places: list[tuple[int, int]] = []
        self._end = 0

    def __enter__(self) -> Self:
        """Use the spool as a context manager that closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the spool."""
        self.close()

    def close(self) -> None:
        """Give back the space."""
        self._file.close()

    def write(self, changes: Iterable[Change]) -> None:
        """Append changes; raises StoreError where there is no room."""
        for chunk in chunked(changes, _CHANGES_A_FRAME):
            self._append(zlib.compress(_ENCODER.encode(chunk), _LEVEL))

    def frames(self) -> Iterator[bytes]:
        """Yield the frames as they are, for the run log."""
        for start, size in self._places:
            with boundary(self._where):
                frame = os.pread(self._file.fileno(), size, start)
            yield frame

    def __iter__(self) -> Iterator[Change]:
        """Yield the changes in the order in which they were written; can be iterated again."""
        for frame in self.frames():
            yield from unpack(frame)

    def _append(self, frame: bytes) -> None:
        """Write one frame at the end, in as many pieces as the system takes."""
        self._places.append((self._end, len(frame)))
        rest = memoryview(frame)
        with boundary(self._where):
            while rest:
                written = os.pwrite(self._file.fileno(), rest, self._end)
                self._end += written
                rest = rest[written:]


def unpack(frame: bytes) -> list[Change]:
    """Read the changes of one frame; raises StoreError where the bytes are none."""
    try:
        return [Change._make(stored) for stored in _DECODER.decode(zlib.decompress(frame))]
    except (zlib.error, msgspec.MsgspecError) as error:
        where = "the plan of a run"
        raise damaged(where, str(error)) from error
