"""What a hostile server answers: where it leads, what it packs, how it never ends, and JSON that is made to hurt."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from torture.hostile.canaries import Canaries
from torture.network.proxy import Act, Exchange

MB: Final = 1 << 20
_LONG: Final = 1000
_STEP: Final = 256 << 10
Outcome = Literal["same", "before", "any"]


@dataclass(frozen=True)
class Attack:
    """One hostile answer: to which collection, what, and what may come of it (visits.judged)."""

    fault: str
    name: str
    act: Act
    on: str = "/users"
    outcome: Outcome = "before"

    def strike(self, exchange: Exchange) -> None:
        """Attack where the path is the one, else be the server."""
        if self.on in exchange.path:
            self.act(exchange)
        else:
            exchange.send(exchange.ask().whole)


def head(*lines: str, status: str = "200 OK") -> bytes:
    """The head of an answer."""
    return "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: application/json", *lines, "", ""]).encode("latin-1")


def body(data: bytes, *lines: str) -> Act:
    """Answer the first page with this, and later ones with none; the body is sent in pieces."""

    def act(exchange: Exchange) -> None:
        sent = data if "offset=0" in exchange.path or "offset" not in exchange.path else b'{"users":[]}'
        exchange.send(head(f"Content-Length: {len(sent)}", *(lines if sent is data else ())))
        for start in range(0, len(sent), _STEP):
            exchange.send(sent[start : start + _STEP])

    return act


def repeated(before: bytes, again: bytes, megabytes: int, after: bytes = b"", *lines: str) -> Act:
    """Answer with a body made of one piece again and again, which is not held here."""
    times = megabytes * MB // len(again)
    many = max(1, _STEP // len(again))

    def act(exchange: Exchange) -> None:
        if "offset" in exchange.path and "offset=0" not in exchange.path:
            exchange.send(head("Content-Length: 12") + b'{"users":[]}')
            return
        size = len(before) + times * len(again) + len(after)
        exchange.send(head(f"Content-Length: {size}", *lines) + before)
        for start in range(0, times, many):
            exchange.send(again * min(many, times - start))
        exchange.send(after)

    return act


def stream(parts: Callable[[], Iterator[bytes]], *lines: str) -> Act:
    """Answer with parts until the connection ends."""

    def act(exchange: Exchange) -> None:
        exchange.send(head("Connection: close", *lines))
        for part in parts():
            exchange.send(part)
        exchange.end()

    return act


def _deflated(megabytes: int, wbits: int, first: bytes = b"") -> Iterator[bytes]:
    """That much of nothing, compressed to a thousandth."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    yield packer.compress(first)
    for _ in range(megabytes):
        yield packer.compress(b" " * MB)
    yield packer.flush()


def _goals(asked: Canaries, port: int) -> list[str]:
    """Places that a server may not lead to."""
    return [
        f"http://127.0.0.1:{asked.port}/users",
        f"http://[::1]:{asked.port6}/users",
        f"http://localhost:{port}/users",
        f"https://127.0.0.1:{port}/users",
        f"http://127.0.0.1:{port}@127.0.0.1:{asked.port}/",
        f"//127.0.0.1:{asked.port}/users",
        f"http:\\\\127.0.0.1:{asked.port}\\users",
        f"\\\\127.0.0.1:{asked.port}\\users",
        f"http://127.0.0.1:{asked.port}#@127.0.0.1:{port}/",
        f"http://2130706433:{asked.port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/latest/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "https://elsewhere.example.org/users",
        "file:///etc/passwd",
        f"gopher://127.0.0.1:{asked.port}/_GET",
        f"ftp://127.0.0.1:{asked.port}/",
        "data:application/json,{}",
        "http://[::1",
        "http://\x7f/",
        "x" * 70_000,
    ]


def leading(asked: Canaries, port: int) -> Iterator[Attack]:
    """Redirects and links elsewhere; links are never followed, so that they change nothing."""
    for number, goal in enumerate(_goals(asked, port)):
        status = ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent")[number % 5]
        where = (f"Location: {goal}", "Content-Length: 0")
        redirect = head(*where, status=status)
        yield Attack("redirect elsewhere", f"{status[:3]} {goal:.60}", _send(redirect), outcome="any")
        yield Attack("redirect elsewhere", f"token, {status[:3]} {goal:.60}", _send(redirect), "/token", outcome="any")
        yield Attack("link elsewhere", f"{goal:.60}", _linked(goal), outcome="any" if len(goal) > _LONG else "same")
    yield Attack(
        "redirect elsewhere", "in a circle", _send(head("Location: users", "Content-Length: 0", status="302 F"))
    )


def _send(data: bytes) -> Act:
    return lambda exchange: exchange.send(data)


def _linked(goal: str) -> Act:
    def act(exchange: Exchange) -> None:
        line = f'Link: <{goal}>; rel="next", <{goal}>; rel="first"'.encode("latin-1")
        answer = exchange.ask()
        exchange.send(answer.headed(line) + answer.body)

    return act


def _added(*lines: bytes, outcome: Outcome = "same", name: str = "", without_length: bool = False) -> Attack:
    def act(exchange: Exchange) -> None:
        answer = exchange.ask()
        exchange.send(answer.headed(*lines, length=not without_length) + answer.body)

    return Attack("hostile headers", name or f"{lines[0]!r:.50}", act, outcome=outcome)


def headers() -> Iterator[Attack]:
    """Too many, too long, split, contradictory; and numbers and times that are none."""
    yield _added(*(b"X-%d: a" % number for number in range(3_000)), name="3,000 of them")
    yield _added(*(b"X-%d: %s" % (number, b"a" * 100) for number in range(20_000)), name="2 MB", outcome="any")
    yield _added(b"X-Long: " + b"a" * 60_000, name="one of 60 kB")
    yield _added(b"X-Long: " + b"a" * 900_000, name="one of 900 kB", outcome="any")
    yield _added(b"X-Nul: a\x00b", outcome="any")
    yield _added(b"no colon", outcome="any")
    yield _added(b"X-Folded: a\r\n b", outcome="any")
    yield _added(b"Set-Cookie: a=\x1b[31m; Path=/", outcome="any")
    yield _added(*(b"Set-Cookie: c%d=%s; Path=/" % (n, b"x" * 200) for n in range(300)), name="cookies", outcome="any")
    yield _added(b"Set-Cookie: a=b; Domain=example.org; Path=/", b"Set-Cookie: c=d; Domain=.", outcome="same")
    yield _added(b"Content-Length: 5", outcome="any")
    yield _added(b"Transfer-Encoding: chunked", outcome="any")
    yield _added(b"Transfer-Encoding: gzip", outcome="any")
    for total in (b"1000000000000000000", b"9" * 400, b"-1", b"NaN", "١٢".encode(), b"1e3", b"0x10", b""):
        yield _added(b"X-Total-Count: " + total, outcome="any")
    for date in (b"Fri, 31 Dec 9999 23:59:59 GMT", b"Thu, 01 Jan 1970 00:00:00 GMT", b"never", b"1" * 5_000):
        yield _added(b"Date: " + date, outcome="any")
    yield Attack("hostile headers", "a status of 999", _send(b"HTTP/1.1 999 \xff\x1b[31m\r\nContent-Length: 0\r\n\r\n"))
    yield Attack("hostile headers", "a status of 099", _send(b"HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n"))
    yield Attack("hostile headers", "switching protocols", _send(b"HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n" + b"\0" * 99))


def bombs() -> Iterator[Attack]:
    """Bodies that are small on the wire, or never end."""
    packed = ("Content-Encoding: gzip",)
    for on in ("/users", "/token"):
        where = f" ({on[1:]})"
        yield Attack("bomb", "gzip" + where, stream(lambda: _deflated(4_000, 31), *packed), on)
        yield Attack("bomb", "deflate" + where, stream(lambda: _deflated(4_000, 15), "Content-Encoding: deflate"), on)
        twice = gzip.compress(gzip.compress(b" " * (64 * MB), 9), 9)
        yield Attack("bomb", "gzip in gzip" + where, body(twice, "Content-Encoding: gzip, gzip"), on)
        yield Attack("bomb", "gzip in gzip, said once" + where, body(twice, *packed), on)
        yield Attack("bomb", "never ending" + where, stream(lambda: iter(lambda: b" " * MB, b"")), on)
        for claim in ("br", "zstd", "compress", "\x1b[31m", "gzip;q=1"):
            claimed = body(b'{"users":[]}', f"Content-Encoding: {claim}")
            yield Attack("bomb", f"a claim of {claim!r}" + where, claimed, on)
    many = gzip.compress(b"") * 300_000
    yield Attack("bomb", "300,000 empty members", body(many, *packed))
    yield Attack("bomb", "behind an error", stream(lambda: _deflated(4_000, 31), *packed), "/users")
    yield Attack("bomb", "256 MB promised, nothing sent", _send(head("Content-Length: 268435456") + b"{"))
