"""The kinds of harm, each a small change of the bytes that come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torture.network.proxy import Act, Exchange

_GARBAGE = bytes(range(128, 256)) * 4 + b"\x00\xff\xfe\r\n\r\n" + bytes(range(64))
_DATES = (b"Wed, 21 Oct 2015 07:28:00 GMT", b"Fri, 31 Dec 9999 23:59:59 GMT", b"Fri, 31 Dec 99999 23:59:59 GMT")
_PAUSES = (b"0", b"1", b"299", b"301", b"-5", b"1e9", b"9" * 400, b"soon", b"", *_DATES)


@dataclass(frozen=True)
class Harm:
    """One way to harm an answer; `fault` is the kind under which it is counted.

    `passes`: once is no harm to a client that tries again. `harmless`: not even always. `slow`: it costs the time for a
    request. `at_connect`: it strikes the connection before the request.
    """

    fault: str
    name: str
    act: Act
    passes: bool = False
    harmless: bool = False
    slow: bool = False
    at_connect: bool = False


def _half_head(end: Callable[[Exchange], None]) -> Act:
    def act(exchange: Exchange) -> None:
        head = exchange.ask().head
        exchange.send(head[: len(head) // 2])
        end(exchange)

    return act


def _half_body(end: Callable[[Exchange], None]) -> Act:
    def act(exchange: Exchange) -> None:
        answer = exchange.ask()
        exchange.send(answer.head + answer.body[: len(answer.body) // 2])
        end(exchange)

    return act


def _no_length_cut(exchange: Exchange) -> None:
    """Leave out the length, so that nothing but the JSON tells that the half is missing."""
    answer = exchange.ask()
    exchange.send(answer.headed(b"Connection: close", length=False) + answer.body[: len(answer.body) // 2])
    exchange.end()


def _chunks(body: bytes) -> list[bytes]:
    size = max(1, len(body) // 3)
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return [b"%x;note=1\r\n%s\r\n" % (len(part), part) for part in parts]


def _chunked(cut: Callable[[bytes], bytes], *, ends: bool) -> Act:
    def act(exchange: Exchange) -> None:
        answer = exchange.ask()
        whole = b"".join(_chunks(answer.body)) + b"0\r\n\r\n"
        exchange.send(answer.headed(b"Transfer-Encoding: chunked", length=False) + cut(whole))
        if ends:
            exchange.end()

    return act


def _only(data: bytes) -> Act:
    def act(exchange: Exchange) -> None:
        exchange.send(data)
        exchange.end()

    return act


def _spoilt(place: Callable[[bytes, bytes], int]) -> Act:
    """Put bytes that no text has over some of the answer."""

    def act(exchange: Exchange) -> None:
        answer = exchange.ask()
        at = place(*answer)
        exchange.send(answer.whole[:at] + _GARBAGE[:16] + answer.whole[at + 16 :])

    return act


def _length(change: Callable[[int], int]) -> Act:
    def act(exchange: Exchange) -> None:
        answer = exchange.ask()
        line = b"Content-Length: %d" % change(len(answer.body))
        exchange.send(answer.headed(line, length=False) + answer.body)
        exchange.end()

    return act


def _short_and_on(exchange: Exchange) -> None:
    """Say that the body is shorter than it is: the rest stands before the next answer."""
    answer = exchange.ask()
    exchange.send(answer.headed(b"Content-Length: %d" % (len(answer.body) // 2), length=False) + answer.body)


def _twice(exchange: Exchange) -> None:
    exchange.send(exchange.ask().whole * 2)


def _twice_late(exchange: Exchange) -> None:
    """Answer again when the next request is under way: every answer from then on is that of the request before."""
    answer = exchange.ask().whole
    exchange.send(answer)
    exchange.late = answer


def _dribbled_head(exchange: Exchange) -> None:
    exchange.dribble(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 90_000, 0.02)


def _dribbled_body(exchange: Exchange) -> None:
    exchange.send(exchange.ask().head)
    exchange.dribble(b" " * 90_000, 0.02)


def _interim(exchange: Exchange) -> None:
    while True:
        exchange.dribble(b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.001)


def _dribbled_frame(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
    exchange.dribble(b"a" * 90_000, 0.02)


def _pieces(exchange: Exchange) -> None:
    """Send the head byte by byte and the body in small pieces, all of it in time."""
    answer = exchange.ask()
    exchange.dribble(answer.head, 0)
    for start in range(0, len(answer.body), 512):
        exchange.send(answer.body[start : start + 512])


def _hints_first(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + exchange.ask().whole)


def _until_closed(exchange: Exchange) -> None:
    answer = exchange.ask()
    exchange.send(answer.headed(b"Connection: close", length=False) + answer.body)
    exchange.end()


def status(code: int, *lines: bytes, body: bytes = b"not now") -> Act:
    """Answer with a status instead of the server."""
    head = b"HTTP/1.1 %d No\r\nContent-Length: %d\r\n" % (code, len(body))
    data = head + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body
    return lambda exchange: exchange.send(data)


def _expired(then: Act | None = None) -> Act:
    """Refuse the first struck request with 401; the token requests that follow are answered, or as `then` has it."""
    refuse = status(401, b'WWW-Authenticate: Bearer error="invalid_token"')

    def act(exchange: Exchange) -> None:
        if exchange.path == "/token":
            (then or (lambda each: each.send(each.ask().whole)))(exchange)
        elif exchange.struck == 0:
            refuse(exchange)
        else:
            exchange.send(exchange.ask().whole)

    return act


def _ends() -> tuple[tuple[str, str, Callable[[Exchange], None], bool], ...]:
    return (
        ("reset", "reset", Exchange.reset, False),
        ("cut off", "closed", Exchange.end, False),
        ("stalled", "stalled", Exchange.hold, True),
    )


def _broken() -> list[Harm]:
    """Reset, closed and stalled connections: before the answer, within its head, within its body."""
    places: dict[str, Callable[[Callable[[Exchange], None]], Act]] = {
        "before the answer": lambda end: end,
        "within the head": _half_head,
        "within the body": _half_body,
    }
    return [
        Harm(fault, f"{name} {place}", make(end), passes=True, slow=slow)
        for fault, name, end, slow in _ends()
        for place, make in places.items()
    ]


def _storms() -> list[Harm]:
    made = [Harm("429 storm", "429", status(429), passes=True)]
    made += [Harm("429 storm", f"429, {pause!r:.40}", status(429, b"Retry-After: " + pause)) for pause in _PAUSES]
    made += [
        Harm("5xx storm", "503, 1 s", status(503, b"Retry-After: 1"), passes=True),
        Harm("5xx storm", "503, 301 s", status(503, b"Retry-After: 301")),
        *(Harm("5xx storm", str(code), status(code, body=b"<html>"), passes=True) for code in (500, 502, 503, 504)),
    ]
    return made


_SPOILT = (
    Harm("garbage", "garbage alone", _only(_GARBAGE), passes=True),
    Harm("garbage", "an old protocol", _only(b"220 ftp.example.org ready\r\n"), passes=True),
    Harm("garbage", "a web page", status(200, b"Content-Type: text/html", body=b"<!doctype html><p>Sign in")),
    Harm("garbage", "within the head", _spoilt(lambda head, _: len(head) // 2), passes=True),
    Harm("garbage", "within the body", _spoilt(lambda head, body: len(head) + len(body) // 2)),
    Harm("garbage", "at the body's start", _spoilt(lambda head, _: len(head))),
    Harm("wrong length", "longer", _length(lambda size: size + 10), passes=True),
    Harm("wrong length", "shorter", _length(lambda size: size // 2)),
    Harm("wrong length", "shorter, and the connection goes on", _short_and_on),
    Harm("wrong length", "negative", _length(lambda size: -size - 1), passes=True),
    Harm("wrong length", "huge", _length(lambda _: 10**30), passes=True),
    Harm("answered twice", "at once", _twice),
    Harm("answered twice", "late", _twice_late),
)
_CUT = (
    Harm("cut off", "without a length", _no_length_cut),
    Harm("cut off", "within a chunk", _chunked(lambda data: data[: len(data) // 2], ends=True), passes=True),
    Harm("cut off", "without the last chunk", _chunked(lambda data: data[:-5], ends=True), passes=True),
)
_SLOW = (
    Harm("slow bytes", "head", _dribbled_head, passes=True, slow=True),
    Harm("slow bytes", "body", _dribbled_body, passes=True, slow=True),
    Harm("slow bytes", "interim answers", _interim, passes=True, slow=True),
    Harm("slow bytes", "frame of a chunk", _dribbled_frame, passes=True, slow=True),
)
_ODD = (
    Harm("odd but right", "in small pieces", _pieces, passes=True, harmless=True),
    Harm("odd but right", "hints first", _hints_first, passes=True, harmless=True),
    Harm("odd but right", "until closed", _until_closed, passes=True, harmless=True),
    Harm("odd but right", "in chunks", _chunked(lambda data: data, ends=False), passes=True, harmless=True),
)
TOKENS = (
    Harm("token expires", "and is renewed", _expired(), passes=True, harmless=True),
    Harm("token expires", "and none is given", _expired(status(500))),
    Harm("token expires", "and the client is unknown", _expired(status(401, body=b'{"error":"invalid_client"}'))),
    Harm("token expires", "and the reply is none", _expired(status(200, body=b"{}"))),
    Harm("token expires", "and the endpoint is gone", _expired(Exchange.reset)),
    Harm("token refused", "401", status(401)),
    Harm("token refused", "403", status(403)),
)
"""What only makes sense where there are tokens."""

HARMS = (
    Harm("not there", "from then on", Exchange.vanish),
    Harm("reset", "when connecting", Exchange.reset, passes=True, at_connect=True),
    *_broken(), *_CUT, *_SPOILT, *_SLOW, *_ODD, *_storms(),
)  # fmt: skip
