"""Pages that never end, and JSON that is made to hurt: deep, dense, huge, ambiguous, and in no known encoding."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import parse_qs, urlsplit

from torture.hostile.answers import Attack, Outcome, body, head, repeated
from torture.network.proxy import Act, Exchange

_USER: Final = '{"sourcedId":"%s","status":"active","enabledUser":true,"givenName":"A","familyName":"B","username":"u"'
_ROLE: Final = ',"roles":[{"role":"student","roleType":"primary","org":{"sourcedId":"sch-01","type":"org"}}]}'
_NAME: Final = _USER % "usr-hostile"


def _page(total: Callable[[int], str], ids: Callable[[int], list[str]]) -> Act:
    """Answer each page with these ids and total, both by the offset that was asked for."""

    def act(exchange: Exchange) -> None:
        asked = parse_qs(urlsplit(exchange.path).query)
        offset = int(asked.get("offset", ["0"])[0])
        rows = ",".join(_USER % each + _ROLE for each in ids(offset))
        data = f'{{"users":[{rows}]}}'.encode()
        exchange.send(head(f"Content-Length: {len(data)}", total(offset)) + data)

    return act


def _fresh(offset: int) -> list[str]:
    return [f"u{offset + each:012}" for each in range(60)]


def pages() -> Iterator[Attack]:
    """Pages without an end, totals without sense."""
    counter = itertools.count()
    fault = "endless pages"
    yield Attack(fault, "new ids for ever", _page(lambda _: "X-None: 1", _fresh))
    yield Attack(fault, "new ids for ever, one a page", _page(lambda _: "X-None: 1", lambda at: [f"u{at:09}"]))
    yield Attack(fault, "the same page", _page(lambda _: "X-None: 1", lambda _: _fresh(0)))
    yield Attack(fault, "the same ids in another order", _page(lambda _: "X-None: 1", lambda at: _turned(at // 60)))
    yield Attack(fault, "two pages in turn", _page(lambda _: "X-None: 1", lambda at: _fresh(at % 120)))
    yield Attack(fault, "a total that grows", _page(lambda at: f"X-Total-Count: {at + 1000}", _fresh))
    yield Attack(fault, "a total of 10^11", _page(lambda _: "X-Total-Count: 100000000000", _fresh))
    yield Attack(fault, "a total of 10^18", _page(lambda _: f"X-Total-Count: {10**18}", _fresh))
    yield Attack(fault, "10^11 and then nothing", _page(lambda _: f"X-Total-Count: {10**11}", lambda _: []))
    yield Attack(fault, "another total each time", _page(lambda _: f"X-Total-Count: {next(counter) + 90}", _fresh))
    yield Attack(fault, "next for ever", _page(lambda _: 'Link: <users?offset=0>; rel="next"', _fresh))
    revisions = itertools.count()
    yield Attack(fault, "a revision for each", _page(lambda _: f"x-perm-rev: {next(revisions)}", _fresh))


def _turned(by: int) -> list[str]:
    ids = _fresh(0)
    return ids[by % 60 :] + ids[: by % 60] + [f"v{by}"]


def _users(row: str, outcome: Outcome = "any", name: str = "") -> Attack:
    data = f'{{"users":[{row}]}}'.encode("utf-8", "surrogatepass")
    return Attack("hostile JSON", name or f"{row:.60}", body(data), outcome=outcome)


def _raw(name: str, data: bytes, outcome: Outcome = "before") -> Attack:
    return Attack("hostile JSON", name, body(data), outcome=outcome)


def shapes() -> Iterator[Attack]:
    """Deep, ambiguous, and none at all."""
    deep = "[" * 100_000 + "]" * 100_000
    nested = '{"a":' * 100_000 + "1" + "}" * 100_000
    for what, value in (("lists", deep), ("objects", nested), ("open lists", "[" * 1_000_000)):
        yield _users(f'{_NAME},"x":{value}{_ROLE}', name=f"100,000 {what} in a field nobody knows")
        yield _users(f'{_NAME},"email":{value}{_ROLE}', name=f"100,000 {what} in an email")
        yield _users(value, name=f"100,000 {what} as a row")
        yield _raw(f"100,000 {what} as a page", value.encode())
        yield _raw(f"100,000 {what} beside the rows", f'{{"x":{value},"users":[]}}'.encode(), "any")
    for number in ("1e400000", "-1e400000", "9" * 5_000, "1" + "0" * 5_000_000, "0." + "0" * 100_000 + "1", "NaN"):
        for field in ("sourcedId", "email", "grades", "dateLastModified", "status"):
            yield _users(f'{_NAME},"{field}":{number}{_ROLE}', name=f"{field}: {number:.20}")
    yield from (
        _users(f'{_NAME},"email":{word}{_ROLE}') for word in ("Infinity", "-Infinity", "undefined", "'a'", "tru")
    )
    yield _users(f'{_NAME},"sourcedId":"other"{_ROLE}', name="two sourcedIds")
    yield _raw("two envelopes", f'{{"users":[{_NAME}{_ROLE}],"users":[]}}'.encode(), "any")
    yield _raw("envelopes of all kinds", b'{"orgs":[],"users":[],"students":[{}],"x":{"users":[]}}', "any")
    yield _users(f'{_NAME},"middleName":"\\ud800"{_ROLE}', name="a lone surrogate, escaped")
    yield _raw(
        "a lone surrogate, raw", f'{{"users":[{_NAME},"email":"'.encode() + b'\xed\xa0\x80"' + _ROLE.encode() + b"]}"
    )
    yield _raw("no UTF-8", f'{{"users":[{_NAME},"email":"'.encode() + b'\xff\xfe"' + _ROLE.encode() + b"]}")
    whole = f'{{"users":[{_NAME}{_ROLE}]}}'
    yield from (_raw(name, whole.encode(name)) for name in ("utf-16", "utf-16-le", "utf-32", "utf-7", "cp037"))
    yield _raw("a BOM", b"\xef\xbb\xbf" + whole.encode(), "any")
    yield _raw("two BOMs", b"\xef\xbb\xbf" * 2 + whole.encode())
    yield _raw("NUL after the end", whole.encode() + b"\0")
    yield _raw("two documents", whole.encode() * 2)
    yield from (
        _raw(name, name.encode()) for name in ("null", "1", '"users"', "[]", '{"users":null}', '{"users":{}}', " ")
    )
    yield _raw(
        "rows that are none", b'{"users":[null,1,"a",[],{},true,1e9,{"sourcedId":null},{"sourcedId":{}}]}', "any"
    )


def dense() -> Iterator[Attack]:
    """Little JSON that becomes many objects, and texts beyond reason."""
    fault = "huge JSON"
    opened, closed = b'{"users":[', b"{}]}"
    user = f'{{"users":[{_NAME}'.encode()
    for piece in (
        b"{},",
        b"[],",
        b"1,",
        b'"",',
        b'{"a":1},',
        b'{"sourcedId":1},',
        b"[[[]]],",
        b'{"":{"":{}}},',
        b"-0e0,",
    ):
        for megabytes in (1, 3, 31):
            yield Attack(
                fault, f"{megabytes} MB of {piece.decode()}", repeated(opened, piece, megabytes, closed), outcome="any"
            )
    for name, piece in (("roles", b'{"role":"student"},'), ("roles", b"{},"), ("grades", b'"a",'), ("agents", b'"x1",'),
                        ("agents", b'{"sourcedId":"usr-1"},'), ("email", b"[],"),
                        ("orgs", b"1,"), ("grades", b"[],")):  # fmt: skip
        for megabytes in (1, 3, 31):
            many = repeated(user + f',"{name}":['.encode(), piece, megabytes, b"1]}]}")
            yield Attack(fault, f"{megabytes} MB of {piece.decode()} in {name}", many, outcome="any")
    for name in ("sourcedId", "givenName", "email", "status", "dateLastModified", "role", "x"):
        for megabytes in (1, 15, 31, 100):
            for piece in (b"a", "\u202e".encode(), b"\\u0041"):
                text = repeated(user + f',"{name}":"'.encode(), piece, megabytes, b'"' + _ROLE.encode() + b"]}")
                yield Attack(fault, f"{megabytes} MB of {piece!r} as {name}", text, outcome="any")
    yield Attack(fault, "31 MB of blanks", repeated(opened, b" ", 31, closed), outcome="any")
    yield Attack(
        fault, "31 MB in a key", repeated(user + b',"', b"k", 31, b'":1' + _ROLE.encode() + b"]}"), outcome="any"
    )
    names = (b"".join(b'"%x":1,' % n for n in range(at, at + 1000)) for at in range(0, 10**9, 1000))
    keys = b"".join(itertools.islice(names, 1000))
    yield Attack(fault, "a million keys", body(user + b"," + keys + b'"z":1' + _ROLE.encode() + b"]}"), outcome="any")
    for megabytes in (3, 60):
        tokens = repeated(b'{"access_token":"t","token_type":"bearer","x":[', b"[],", megabytes, b"1]}")
        yield Attack(fault, f"a token of {megabytes} MB", tokens, "/token", "any")
