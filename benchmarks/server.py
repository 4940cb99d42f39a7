"""The page server, which is never the bottleneck: `python -m benchmarks.server FOLDER` prints its port.

It sends stretches of files that were rendered before (`benchmarks.pages`) with sendfile, in one thread, over HTTP/1.1
connections that stay open, without gzip and without asking who calls. A delay holds up one request and no other. It
ends when its standard input does. `GET /control?day=2&delay=50` changes the day and the delay in milliseconds, and
answers what was sent since it was asked last.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import parse_qs, urlsplit

from benchmarks import pages
from benchmarks.district import CHANGED_AT, FIRST_DAY, SECOND_DAY

DATES = {FIRST_DAY: "Thu, 01 Oct 2026 02:00:00 GMT", SECOND_DAY: "Fri, 02 Oct 2026 02:00:00 GMT"}
"""What time it is on each day; the records of the second day were changed in between."""


class Answer(NamedTuple):
    """The head of an answer with the part of the body that is not in a file, and the stretch of a file behind it."""

    head: bytes
    file: BinaryIO | None = None
    begin: int = 0
    length: int = 0


class Server:
    """The pages of one district; `day` and `delay` (seconds) may change while it serves."""

    def __init__(self, folder: Path) -> None:
        """Read where the pages stand; their files are opened once."""
        self._folder = folder
        self._pages = pages.read(folder)
        self._files: dict[Path, BinaryIO] = {}
        self.day, self.delay = FIRST_DAY, 0.0
        self.requests = self.bytes = 0

    async def connection(self, sock: socket.socket) -> None:
        """Answer the requests of a connection, one after the other."""
        loop = asyncio.get_running_loop()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with sock, contextlib.suppress(ConnectionError):
            async for target, host in _requests(sock):
                if target.startswith("/control"):
                    await loop.sock_sendall(sock, self.control(target))
                    continue
                answer = self.answer(target, host)
                if self.delay:
                    await asyncio.sleep(self.delay)
                await loop.sock_sendall(sock, answer.head)
                if answer.file is not None:
                    await loop.sock_sendfile(sock, answer.file, answer.begin, answer.length)

    def control(self, target: str) -> bytes:
        """Change what is asked for, and tell what was sent."""
        asked = _query(target)
        self.day = int(asked.get("day", self.day))
        self.delay = float(asked.get("delay", self.delay * 1000)) / 1000
        if "day" in asked:
            self._pages = pages.read(self._folder)
        body = json.dumps({"requests": self.requests, "bytes": self.bytes}).encode()
        self.requests = self.bytes = 0
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    def answer(self, target: str, host: str) -> Answer:
        """The page that is asked for; 400 for a part of a page, which no client asks for here."""
        collection, asked = urlsplit(target).path.rpartition("/")[2], _query(target)
        found = self._find(collection, asked.get("filter", ""))
        if found is None:
            return self._refuse("404 Not Found")
        where, rows = found
        limit, offset = min(int(asked.get("limit", 100)), pages.PAGE), int(asked.get("offset", 0))
        path = pages.file_of(self._folder, *where)
        if limit == 1 and "filter" not in asked:
            return self._send(path, *rows.one, rows.rows)
        if offset >= rows.rows:
            return self._inline(f'{{"{collection}":[]}}'.encode(), rows.rows)
        if limit < pages.PAGE or offset % pages.PAGE:
            return self._refuse("400 Bad Request")
        link = _next(target, host, offset + pages.PAGE) if offset + pages.PAGE < rows.rows else ""
        return self._send(path, *rows.span(offset // pages.PAGE), rows.rows, link)

    def _find(self, collection: str, since: str) -> tuple[tuple[str, str, int], pages.Pages] | None:
        """The pages to answer from: all of the first day, or of this day, or what has changed by this day."""
        if since:
            young = self.day == FIRST_DAY or since.split("'")[1] > CHANGED_AT
            where = (collection, pages.CHANGES, SECOND_DAY)
            empty = pages.Pages(0, (), (0, 0))
            return (where, empty if young else self._pages[where]) if where in self._pages else None
        where = (collection, pages.FULL, self.day)
        where = where if where in self._pages else (collection, pages.FULL, FIRST_DAY)
        return (where, self._pages[where]) if where in self._pages else None

    def _send(self, path: Path, begin: int, length: int, total: int, link: str = "") -> Answer:
        if path not in self._files:
            self._files[path] = path.open("rb")
        return Answer(self._head(length, total, link), self._files[path], begin, length)

    def _inline(self, body: bytes, total: int) -> Answer:
        return Answer(self._head(len(body), total, "") + body)

    def _head(self, length: int, total: int, link: str) -> bytes:
        self.requests += 1
        self.bytes += length
        return (
            f"HTTP/1.1 200 OK\r\nDate: {DATES[self.day]}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {length}\r\nX-Total-Count: {total}\r\n{link}\r\n"
        ).encode()

    def _refuse(self, status: str) -> Answer:
        return Answer(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())


async def _requests(sock: socket.socket) -> AsyncIterator[tuple[str, str]]:
    """The targets and hosts of the requests on a connection, until it is closed."""
    loop, left = asyncio.get_running_loop(), b""
    while True:
        while b"\r\n\r\n" not in left:
            try:
                got = await loop.sock_recv(sock, 1 << 16)
            except ConnectionError:
                got = b""
            if not got:
                return
            left += got
        head, _, left = left.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        yield first.split(" ")[1], headers.get("host", "localhost")


def _query(target: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(target).query).items()}


def _next(target: str, host: str, offset: int) -> str:
    path, _, query = target.partition("?")
    kept = "&".join(part for part in query.split("&") if not part.startswith("offset="))
    return f'Link: <http://{host}{path}?{kept}&offset={offset}>; rel="next"\r\n'


async def serve(folder: Path) -> None:
    """Serve on a free port of this machine until the standard input ends."""
    loop, server = asyncio.get_running_loop(), Server(folder)
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        listening.setblocking(False)  # noqa: FBT003 - the library's
        print(listening.getsockname()[1], flush=True)  # noqa: T201 - whoever started it waits for that
        ended = loop.run_in_executor(None, sys.stdin.read)
        tasks = {loop.create_task(_accept(listening, server))}
        await ended
        for task in tasks:
            task.cancel()


async def _accept(listening: socket.socket, server: Server) -> None:
    loop, tasks = asyncio.get_running_loop(), set()
    while True:
        sock, _ = await loop.sock_accept(listening)
        sock.setblocking(False)  # noqa: FBT003 - the library's
        task = loop.create_task(server.connection(sock))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
