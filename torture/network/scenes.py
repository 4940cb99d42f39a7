"""What is harmed: a small district behind the proxy on the eve of a run, and what an unharmed run makes of it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from rostersync.demo import make_district
from tests.runs.days import told_day
from tests.runs.demo_site import Answer, Site, site
from torture.network.proxy import Proxy, Strike, between

RETRIES: Final = 2
TIMEOUT: Final = 5.0
SLOW_TIMEOUT: Final = 0.25
DEADLINE: Final = 4.0
_PAGES: Final = {"full": 60, "delta": 6, "check": 60}
_STUDENTS: Final = 26
_MAY_BE_MISSING: Final = frozenset({"sessions", "courses"})
_CODES: Final = ("RS-NET-", "RS-SRC-", "RS-AUTH-")


@dataclass
class Scene:
    """One way to run: the command on the eve of the run, and what the unharmed run did."""

    name: str
    site: Site
    proxy: Proxy
    words: tuple[str, ...]
    before: Path
    marks: dict[str, str]
    roster: dict[str, list[Any]]
    done: dict[str, str]
    requests: tuple[str, ...]

    def attempt(self, strike: Strike | None) -> tuple[Answer, float]:
        """Do the same with harm: the answer, and the seconds that it took."""
        self.eve()
        self.proxy.begin(strike)
        began = time.monotonic()
        answer = self.site.cli(*self.words)
        taken = time.monotonic() - began
        self.proxy.strike = None
        return answer, taken

    def eve(self, **source: Any) -> None:  # noqa: ANN401 - what the configuration takes
        """Go back to before the run, with these settings of the source."""
        shutil.copy(self.before, self.site.store)
        self.site.server.gate.tokens.clear()
        _configure(self.site, self.proxy, self.name, **source)

    def wrong(self, answer: Answer, taken: float) -> Iterator[str]:
        """What of the promise was broken."""
        if "Traceback" in answer.err or "unexpected" in answer.err:
            yield f"a fault of the program: {answer.err[-300:]}"
        if taken > DEADLINE + 3:
            yield f"it took {taken:.1f} s"
        if len(self.proxy.asked) > self.most:
            yield f"{len(self.proxy.asked)} requests instead of {len(self.requests)}"
        if self.words[0] == "check":
            yield from self._checked(answer)
        else:
            yield from self._ran(answer)

    @property
    def most(self) -> int:
        """The most requests that there may be: each collection again, each request with retries and after a 401."""
        return len(self.requests) * 2 * (RETRIES + 1) * 2 + 10

    def _checked(self, answer: Answer) -> Iterator[str]:
        items = answer.document["checks"][0]["items"]
        if answer.code not in {0, 1} or (answer.code == 1) == all(item["ok"] for item in items):
            yield f"exit {answer.code}"
        yield from (f"no code: {item}" for item in items if not item["ok"] and not str(item["code"]).startswith(_CODES))
        if self.site.mark() != self.marks:
            yield "check changed the store"

    def _ran(self, answer: Answer) -> Iterator[str]:
        run = answer.document["runs"][0]
        match answer.code:
            case 1:
                yield from self._failed(run["error"])
            case 0 | 3:
                yield from self._succeeded(run["diagnostics"])
            case code:
                yield f"exit {code}"

    def _failed(self, error: dict[str, str]) -> Iterator[str]:
        if not error["code"].startswith(_CODES) or not error["hint"]:
            yield f"it failed with {error}"
        if self.site.mark() != self.marks:
            yield f"a failed run ({error['code']}) changed the store"

    def _succeeded(self, found: list[dict[str, Any]]) -> Iterator[str]:
        """All of it is there, but for the collections that a run may do without and that it says are missing."""
        missing = frozenset(each["kind"] for each in found if each["code"] in {"RS-SRC-002", "RS-SRC-003"})
        allowed = missing & _MAY_BE_MISSING
        if missing - allowed:
            yield f"a run without {', '.join(missing - allowed)} was applied"
        roster = self.site.roster()
        yield from (
            f"other {view} than without the harm"
            for view in self.roster
            if view not in allowed and roster[view] != self.roster[view]
        )
        # A delta that was fetched in full instead remembers that.
        rest = {"integration"} if any(each["code"] == "RS-SRC-004" for each in found) else set()
        other = {name for name, mark in self.site.mark().items() if self.done[name] != mark} - rest
        if other and not missing:
            yield f"other rows in {', '.join(sorted(other))}"

    def converges(self) -> Iterator[str]:
        """Whether the next run, unharmed, does what was left undone."""
        self.proxy.begin()
        again = self.site.cli(*self.words)
        if again.code:
            yield f"the next run ended with {again.code}"
        elif self.site.roster() != self.roster:
            yield "the next run did not make up for it"


def _configure(main: Site, proxy: Proxy, name: str, **given: Any) -> None:  # noqa: ANN401 - as above
    """Let the configuration lead through the proxy."""
    secret = {"client_id": "demo", "client_secret": "env:ROSTERSYNC_DEMO"}
    auth = {"type": "oauth1"} if "oauth1" in name else {"type": "oauth2", "token_url": f"{proxy.origin}/token"}
    source = {
        "url": proxy.origin + urlsplit(main.server.base(main.version)).path,
        "auth": auth | secret,
        "page_size": _PAGES[name.split(maxsplit=1)[0]],
        "concurrency": 4 if "wide" in name else 1,
        "retries": RETRIES,
        "timeout": SLOW_TIMEOUT if "impatient" in name else TIMEOUT,
        "deadline": f"{DEADLINE:.0f}s",
    }
    main.configure(source=source | given, sync={"parents": True})


@contextmanager
def scene(name: str, folder: Path, words: tuple[str, ...]) -> Iterator[Scene]:
    """Make a scene: the store after a first run, a day later, and what the command does with it."""
    with site(folder, district=make_district(_STUDENTS), students=_STUDENTS) as main:
        address = urlsplit(main.server.url)
        with between((address.hostname or "", address.port or 0)) as proxy:
            # Signatures are over the URL that the client sees, and links lead through the proxy as well.
            main.server._roster.origin = proxy.origin  # noqa: SLF001
            _configure(main, proxy, name)
            main.run()
            told_day(main.server.district, 1, main.clock.advance(days=1))
            before = Path(shutil.copy(main.store, folder / "before.db"))
            made = Scene(name, main, proxy, words, before, main.mark(), {}, {}, ())
            answer, _ = made.attempt(None)
            if answer.code:
                raise RuntimeError(answer.err or answer.out)
            made.roster, made.done, made.requests = main.roster(), main.mark(), tuple(proxy.asked)
            yield made
