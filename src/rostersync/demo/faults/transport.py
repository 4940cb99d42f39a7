"""Faults of the connection: failures, pauses, redirects, broken bodies, headers."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from urllib.parse import urlencode, urlsplit

from rostersync.demo.call import Call
from rostersync.demo.faults.base import Fault
from rostersync.demo.replies import BY_STATUS, Refused, Reply, refusal

MARK = "redirected"


@dataclass(frozen=True)
class Fail(Fault):
    """Requests fail with this status, the first `times` of each collection or all (None).

    404 is an endpoint that is missing, 403 one that is closed, 429 and 503 for some times a storm. `retry_after` is the
    header of that name, seconds or a date.
    """

    status: int = 500
    times: int | None = None
    retry_after: str | int | None = None

    def intercept(self, call: Call) -> Reply | None:
        """Fail, as often as asked."""
        if self.times is not None and self.number > self.times:
            return None
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        reason = BY_STATUS.get(self.status, "internal")
        return refusal(call.version, Refused(reason, f"failing with {self.status}", self.status, headers))


@dataclass(frozen=True)
class Cut(Fault):
    """The connection breaks after this share of the body."""

    share: float = 0.5

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Say where it breaks."""
        del call
        reply.cut = self.share
        return reply


@dataclass(frozen=True)
class Slow(Fault):
    """The reply comes after that many seconds."""

    seconds: float = 0.2

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Say how long."""
        del call
        reply.delay = self.seconds
        return reply


@dataclass(frozen=True)
class Drip(Fault):
    """The body comes in about a hundred parts with pauses of that many seconds."""

    seconds: float = 0.05

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Say how long the pauses are."""
        del call
        reply.drip = self.seconds
        return reply


@dataclass(frozen=True)
class Redirect(Fault):
    """Requests are redirected once, within the origin or `to` another one; with `loop` again and again."""

    to: str = ""
    status: int = 307
    loop: bool = False

    def intercept(self, call: Call) -> Reply | None:
        """Redirect what was not redirected yet."""
        if MARK in call.params and not self.loop:
            return None
        parts = urlsplit(call.url)
        query = urlencode({**call.params, MARK: "1"})
        return Reply(
            self.status, headers={"Location": f"{self.to or f'{parts.scheme}://{parts.netloc}'}{parts.path}?{query}"}
        )


@dataclass(frozen=True)
class Gzip(Fault):
    """Bodies are compressed for clients that accept it."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Compress."""
        if "gzip" in call.headers.get("accept-encoding", ""):
            reply.body = gzip.compress(reply.body, 1)
            reply.headers["Content-Encoding"] = "gzip"
        return reply


@dataclass(frozen=True)
class Inflated(Fault):
    """The body is that many megabytes of nothing before the JSON, compressed to a thousandth."""

    megabytes: int = 64

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Put blanks before the JSON and compress."""
        del call
        reply.body = gzip.compress(b" " * (self.megabytes << 20) + reply.body, 1)
        reply.headers["Content-Encoding"] = "gzip"
        return reply


@dataclass(frozen=True)
class PermRev(Fault):
    """The header x-perm-rev changes after that many requests."""

    after: int = 2

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Write the header."""
        del call
        reply.headers["x-perm-rev"] = "1" if self.overall <= self.after else "2"
        return reply


@dataclass(frozen=True)
class WrongClock(Fault):
    """The Date header is off by that many seconds, or missing (None)."""

    seconds: float | None = 7200

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Put the clock wrong."""
        del call
        moment = parsedate_to_datetime(reply.headers.pop("Date")).timestamp()
        if self.seconds is not None:
            reply.headers["Date"] = formatdate(moment + self.seconds, usegmt=True)
        return reply


@dataclass(frozen=True)
class StickyCookie(Fault):
    """A load balancer sets a cookie with the first reply and wants it back with every later request."""

    name: str = "AWSALB"

    def intercept(self, call: Call) -> Reply | None:
        """Refuse requests that have lost the cookie."""
        if self.overall == 1 or f"{self.name}=sticky" in call.headers.get("cookie", ""):
            return None
        return refusal(call.version, Refused("unauthorized", "no session"))

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Set the cookie."""
        del call
        reply.headers["Set-Cookie"] = f"{self.name}=sticky; Path=/"
        return reply
