"""Inflates a body as it comes, with a cap on what may come out."""

from __future__ import annotations

import io
import zlib

from rostersync.sources.rest import bounds, failures

_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 47}
"""zlib's window bits by Content-Encoding; 47 takes gzip and zlib headers alike."""


class Body:
    """The inflated body of one answer, as far as it has come."""

    def __init__(self, encoding: str, cap: int = bounds.PAGE) -> None:
        """Take the Content-Encoding of the answer.

        Raises:
            Fatal: RS-SRC-001 for an encoding that was not asked for.
        """
        name = encoding.strip().lower() or "identity"
        if name != "identity" and name not in _WINDOW:
            raise failures.not_oneroster("the answer is compressed in a way that was not asked for")
        self._bits = _WINDOW.get(name)
        self._inflate = zlib.decompressobj(self._bits) if self._bits else None
        self._kept = io.BytesIO()
        self._cap = cap
        self._room = cap

    def add(self, chunk: bytes) -> None:
        """Take the next raw bytes.

        Raises:
            Fatal: RS-SRC-001 beyond the cap, or where the bytes are not what they claim to be.
        """
        if self._inflate is None:
            self._keep(chunk)
            return
        try:
            self._add_deflated(chunk)
        except zlib.error:
            raise failures.not_oneroster("the answer says it is compressed, but it cannot be inflated") from None

    def whole(self) -> bytes:
        """The body.

        Raises:
            Retriable: RS-NET-003 where the compressed stream broke off.
        """
        if self._inflate is not None and self._kept.tell() and not self._inflate.eof:
            raise failures.still_failing("the compressed answer broke off")
        return self._kept.getvalue()

    def _add_deflated(self, chunk: bytes) -> None:
        """Inflate piece by piece, never asking for more than there is room for; a gzip may have several members."""
        while chunk and self._inflate is not None:
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(self._bits or 0)
            self._keep(self._inflate.decompress(chunk, self._room + 1))
            chunk = self._inflate.unconsumed_tail or self._inflate.unused_data

    def _keep(self, piece: bytes) -> None:
        self._room -= len(piece)
        if self._room < 0:
            raise failures.too_much(f"one answer is larger than {self._cap >> 20} MiB")
        self._kept.write(piece)
