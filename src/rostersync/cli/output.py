"""The two ways out: text for a person and one JSON document; both go on quietly when nobody reads any more."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, TextIO

from rostersync.cli.render.document import Document, pieces
from rostersync.errors import OutputError
from rostersync.signals import undisturbed

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_IN_MEMORY = 8 << 20
_AT_ONCE = 4_096  # what a pipe takes in without waiting for who reads it


def console(stream: TextIO) -> Console:
    """A console that takes data as it is: no markup, no emoji codes, color only on a terminal."""
    from rich.console import Console  # noqa: PLC0415 - rich is slow to load, and --help must be fast

    return Console(file=stream, markup=False, emoji=False, highlight=False)


def write_text(stream: TextIO, renderables: Iterable[RenderableType]) -> None:
    """Print renderables in the width of the terminal, 80 columns where there is none and COLUMNS does not say."""
    _write(stream, renderables, soft_wrap=False)


def write_lines(stream: TextIO, renderables: Iterable[RenderableType]) -> None:
    """Print texts as lines of any length, which a terminal breaks and a log keeps whole."""
    _write(stream, renderables, soft_wrap=True)


def _write(stream: TextIO, renderables: Iterable[RenderableType], *, soft_wrap: bool) -> None:
    printer = console(stream)
    with unbroken(stream):
        for renderable in renderables:
            with printer.capture() as captured:
                printer.print(renderable, soft_wrap=soft_wrap or bool(getattr(renderable, "no_wrap", False)))
            stream.write(_trimmed(captured.get()))
        stream.flush()


def write_json(document: Document, begun: Callable[[], None] = lambda: None) -> None:
    """Print one document on stdout, or nothing where it cannot be made to its end; `begun` hears of its first bytes."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as whole:
        _encode(document, whole)
        whole.seek(0)
        with unbroken(sys.stdout):
            sys.stdout.flush()
            with undisturbed():
                sys.stdout.buffer.write(whole.read(_AT_ONCE))
                sys.stdout.buffer.flush()
                begun()
            shutil.copyfileobj(whole, sys.stdout.buffer)
            sys.stdout.buffer.flush()


def save_json(path: Path, document: Document) -> None:
    """Put a document into a file that only its owner can read, all of it or nothing; raises OutputError."""
    with saved(path) as whole:
        _encode(document, whole)


@contextmanager
def saved(path: Path) -> Iterator[IO[bytes]]:
    """Open what becomes a file that only its owner can read when the block ends well; raises OutputError."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.absolute().parent, prefix=f".{path.name}.", delete=False) as whole:
            try:
                yield whole
                whole.flush()
                os.fsync(whole.fileno())
                Path(whole.name).replace(path)
            except BaseException:
                Path(whole.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        raise OutputError("RS-OUT-001", message, "Check the free space and the rights of the folder.") from error


def _encode(document: Document, whole: IO[bytes]) -> None:
    for piece in pieces(document):
        whole.write(piece)
    whole.write(b"\n")


@contextmanager
def unbroken(stream: TextIO) -> Iterator[None]:
    """Go on quietly where nobody reads the stream any more; raises OutputError where the answer finds no space."""
    try:
        yield
    except BrokenPipeError:
        _to_nowhere(stream)
    except OSError as error:
        _to_nowhere(stream)
        if stream is not sys.stderr:
            message = f"the answer cannot be written to stdout: {error.strerror or error}"
            raise OutputError("RS-OUT-001", message, "Check the free space of where stdout leads to.") from error


def _to_nowhere(stream: TextIO) -> None:
    """Let what is still to be written end quietly."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _trimmed(text: str) -> str:
    """Lines without the blanks that tables are padded with."""
    return "".join(line.rstrip(" ") + "\n" for line in text.splitlines())
