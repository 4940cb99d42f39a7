"""The HTTP client: one boundary where every failure of the network becomes one of ours.

It sends, follows redirects within the origin, reads with a cap and a time limit, and tries again where that helps.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import httpx
import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from rostersync.errors import Fatal, Retriable
from rostersync.sources.rest import bounds, connections, failures, opening, pace
from rostersync.sources.rest.auth import ApiAuth, build
from rostersync.sources.rest.inflate import Body
from rostersync.sources.rest.reply import Reply, origin
from rostersync.sources.rest.settings import RestSettings

_LOG = logging.getLogger(__name__)

REDIRECTS = 5
_LONGEST_WAIT = 30.0
_REPEAT = frozenset({408, 425, 429})
_READ = httpx.ByteStream(b"")


@dataclass(slots=True)
class _Call:
    """One request with its redirects: the most bytes that are taken, and the credentials that were sent at last."""

    most: int
    authorization: str = ""


class Client:
    """GETs under the root of the API, and posts to the token endpoint. Safe to use from several threads."""

    def __init__(self, settings: RestSettings, clock: Callable[[], datetime]) -> None:
        """Prepare connections; nothing is sent yet.

        Raises:
            FetchOver: RS-NET-002 for plain http or a CA file that cannot be read.
        """
        opening.refuse_plain_http(settings)
        self._settings = settings
        self._clock = clock
        self._root = settings.url.rstrip("/")
        self._pace = pace.RateLimit(settings.rate_limit)
        self._http = opening.connections(settings)
        self._connections = connections.watch(self._http)
        self._auth: ApiAuth = build(settings.auth, settings.version, self.post_form)
        self._lock = threading.Lock()
        self._answers = 0
        self._under_way = 0
        self._closing = threading.Event()
        self.first_date: datetime | None = None
        self.begin()
        set_on_retry_hooks([_log_retry])

    def begin(self) -> None:
        """Start the time of a whole fetch."""
        self._deadline = time.monotonic() + self._settings.deadline
        self._answers = 0
        self.first_date = None

    def renew(self) -> None:
        """Ask on new connections from now on: where an answer did not fit, others may be under way on the old ones."""
        self._connections.renew()

    def close(self) -> None:
        """Close the connections, which requests under way in other threads keep open until they are done."""
        with self._lock:
            self._closing.set()
            idle = not self._under_way
        if idle:
            self._http.close()

    def ready(self) -> None:
        """Have credentials; raises what having none is."""
        self._auth.ready()

    def get(self, path: str, params: Mapping[str, str], most: int = bounds.PAGE) -> Reply:
        """GET a path under the root, of so many bytes at most.

        Returns any answer but 401, 403, 408, 429 and 5xx (501 is returned).

        Raises:
            Fatal: RS-AUTH-004, RS-NET-003, RS-NET-005, RS-SRC-001 for this path alone.
            FetchOver: what ends the whole fetch.
        """
        try:
            url = str(httpx.URL(f"{self._root}/{path}").copy_merge_params(params))
        except (httpx.InvalidURL, ValueError):
            raise failures.final(failures.unreachable(self._root, "that is no URL")) from None
        reply = self._persist(lambda: self._get_once(url, most))
        if reply.status == httpx.codes.UNAUTHORIZED:
            raise failures.unauthorized(path)
        if reply.status == httpx.codes.FORBIDDEN:
            raise failures.forbidden(path)
        return reply

    def post_form(self, url: str, form: dict[str, str], headers: dict[str, str]) -> Reply:
        """POST a form and return any answer but 408, 429 and 5xx, which raise Retriable after the retries."""
        return self._trying(lambda: self._send("POST", url, headers, None, form, _Call(bounds.TOKEN)))

    def _get_once(self, url: str, most: int) -> Reply:
        """One try; after a 401 another one, where there are other credentials."""
        self._auth.ready()
        call = _Call(most)

        def send() -> Reply:
            return self._send("GET", url, self._settings.headers, self._auth, None, call)

        reply = send()
        if reply.status != httpx.codes.UNAUTHORIZED:
            return reply
        return self._auth.again(call.authorization, send) or reply

    def _persist(self, call: Callable[[], Reply]) -> Reply:
        """Try until the retries are used up; what is left then is final."""
        try:
            return self._trying(call)
        except Retriable as error:
            raise failures.final(error) from error

    def _trying(self, call: Callable[[], Reply]) -> Reply:
        for attempt in stamina.retry_context(
            on=self._again, attempts=self._settings.retries + 1, timeout=None, wait_initial=0.5, wait_max=_LONGEST_WAIT
        ):
            with attempt:
                return call()
        raise failures.deadline_passed()  # stamina always tries once: this is for the type checker

    def _again(self, error: Exception) -> bool | float:
        """Whether to try again, and after how many seconds where the server named a pause."""
        if not isinstance(error, Retriable):
            return False
        pause, left = error.retry_after or 0.0, self._left()
        if pause >= left:
            return False
        # A pause that grows by itself could lead past the deadline.
        return pause or (left > _LONGEST_WAIT or min(1.0, left))

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise failures.deadline_passed()
        return left

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        auth: ApiAuth | None,
        form: dict[str, str] | None,
        call: _Call,
    ) -> Reply:
        """Send and follow redirects as long as they stay on the origin.

        Messages name what was asked for and never where a redirect led: a server may put what it heard into that.
        """
        asked, goal = opening.bare(url), url
        for _ in range(REDIRECTS + 1):
            with self._mapped(asked, goal):
                reply = self._exchange(method, goal, headers, auth, form, call)
            target = reply.headers.get("location")
            if not httpx.codes.is_redirect(reply.status) or not target:
                return self._judge(reply, asked)
            goal = _redirected(asked, goal, target)
        raise failures.not_oneroster(f"{asked} redirects more than {REDIRECTS} times")

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        auth: ApiAuth | None,
        form: dict[str, str] | None,
        call: _Call,
    ) -> Reply:
        """One request and its answer, read whole within the time for one request."""
        self._pace.wait()
        with self._open_meanwhile():
            return self._ask(method, url, headers, auth, form, call)

    @contextmanager
    def _open_meanwhile(self) -> Iterator[None]:
        """Keep the connections open for one request; nothing more is asked once they are to be closed."""
        with self._lock:
            if self._closing.is_set():
                raise failures.incomplete("the fetch is over")
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                last = self._closing.is_set() and not self._under_way
            if last:
                self._http.close()

    def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        auth: ApiAuth | None,
        form: dict[str, str] | None,
        call: _Call,
    ) -> Reply:
        """Send one request and read its answer."""
        budget = min(self._settings.timeout, self._left())
        until = self._connections.begin(budget)
        request = self._http.build_request(method, url, headers=dict(headers), data=form, timeout=budget)
        response = self._http.send(request, auth=auth, stream=True)
        call.authorization = request.headers.get("Authorization", "")
        try:
            self._note_date(response)
            body = self._read(response, until, call.most)
        finally:
            response.close()
            response.stream = _READ  # the stream knows its response: all of it would stay until circles are looked for
        return Reply(response.status_code, response.headers, body, url)

    def _read(self, response: httpx.Response, until: float, most: int) -> bytes:
        body = Body(response.headers.get("content-encoding", ""), most)
        for chunk in response.iter_raw():
            if time.monotonic() > until:
                raise httpx.ReadTimeout("the answer took too long")
            body.add(chunk)
        return body.whole()

    def _note_date(self, response: httpx.Response) -> None:
        """Remember the server's clock at the first answer."""
        with self._lock:
            self._answers += 1
            if self._answers == 1:
                self.first_date = pace.http_date(response.headers.get("date", ""))

    def _judge(self, reply: Reply, asked: str) -> Reply:
        """Raise for what may pass when tried again."""
        status = reply.status
        if status not in _REPEAT and (
            status < httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.NOT_IMPLEMENTED
        ):
            return reply
        what = f"{asked} answered {status}"
        pause = pace.retry_after(reply.headers.get("retry-after", ""), self._clock)
        if pause is not None and pause > pace.LONGEST_PAUSE:
            error = failures.still_failing(f"{what} and asks to come back in {pause:.0f} seconds")
            raise Fatal(error.code, error.message, error.hint)
        raise failures.still_failing(what, pause)

    @contextmanager
    def _mapped(self, asked: str, url: str) -> Iterator[None]:
        """Turn what httpx raises into our errors: the only place where that happens."""
        try:
            yield
        except httpx.TimeoutException:
            self._left()
            raise failures.still_failing(f"{asked} did not answer in time") from None
        except httpx.ConnectError as error:
            raise _no_connection(url, error) from None
        except httpx.LocalProtocolError:
            raise failures.not_oneroster("a header of the request has characters that none may have") from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise failures.still_failing(f"the connection to {asked} broke: {type(error).__name__}") from None
        except (httpx.InvalidURL, ValueError):
            raise failures.final(
                failures.unreachable(asked, "that is no URL, or a header is not plain ASCII")
            ) from None


def _redirected(asked: str, url: str, target: str) -> str:
    """Where a redirect leads, if it may be followed."""
    try:
        goal = httpx.URL(url).join(target)
    except (httpx.InvalidURL, ValueError):
        raise failures.not_oneroster(f"{asked} redirects to what is no URL") from None
    if origin(goal) != origin(httpx.URL(url)):
        raise failures.foreign_redirect(asked, opening.server(goal))
    return str(goal)


def _no_connection(url: str, error: httpx.ConnectError) -> Fatal | Retriable:
    host = httpx.URL(url).host
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            return failures.tls(host, getattr(cause, "reason", None) or "the handshake failed")
    return failures.unreachable(host, str(error))


def _causes(error: BaseException) -> list[BaseException]:
    """An error and what led to it, each once: such chains can go round in circles."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return chain


def _log_retry(details: RetryDetails) -> None:
    """Say that there will be another try: our own words, which hold no secret."""
    _LOG.info("%s; trying again in %.1f s", details.caused_by, details.wait_for)
