"""What every fault is: a value that acts on a request at one of the stages through which the server takes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from rostersync.demo.call import Call
from rostersync.demo.district import Record
from rostersync.demo.replies import Reply

TOKEN = "token"  # noqa: S105 - the name of an endpoint


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A way in which a server departs from the standard, or fails; by itself it does nothing.

    `on` names the collections that it is limited to (`users`, `schools/classes`, `token`; empty: all but the token
    endpoint). `requests` holds the numbers of the requests that it is limited to, counted for each collection from 1 on
    since the fault was switched on (None: all), for example `{2}` or `range(1, 4)`. The server sets `number`, that of
    the request within its collection, and `overall`, within all; a fault itself has no state and may be used again.
    """

    on: Collection[str] = ()
    requests: Container[int] | None = None
    number: int = field(default=0, repr=False, compare=False)
    overall: int = field(default=0, repr=False, compare=False)

    def intercept(self, call: Call) -> Reply | None:
        """Answer instead of the server, before it looks at the credentials."""

    def ask(self, call: Call) -> None:
        """Change the parameters before they are read, or raise Refused."""

    def arrange(self, rows: list[Record]) -> list[Record]:
        """Change the order of all rows before a page is cut out."""
        return rows

    def aim(self, call: Call) -> None:
        """Change which page is cut out."""

    def rows(self, call: Call) -> None:
        """Change the rows of the page, its total or its links."""

    def document(self, call: Call) -> None:
        """Change the JSON document."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        """Change the reply, also one that refuses."""
        del call
        return reply

    def token_asked(self, form: dict[str, str]) -> Reply | None:
        """Answer a request for a token instead of the server, or change its form."""

    def token_given(self, document: dict[str, Any]) -> None:
        """Change the reply to a request for a token."""

    def token_lives(self, uses: int) -> bool:
        """Say whether a token that was used that many times before is still good."""
        del uses
        return True


@dataclass(slots=True)
class _Active:
    """A fault that is switched on, and how many requests of each collection it has seen."""

    fault: Fault
    seen: Counter[str] = field(default_factory=Counter)

    def strike(self, collection: str) -> Fault | None:
        """Count a request and give the fault, with the number of the request, where it acts on it."""
        fault = self.fault
        if collection not in fault.on if fault.on else collection == TOKEN and not _about_tokens(fault):
            return None
        self.seen[collection] += 1
        number = self.seen[collection]
        if fault.requests is not None and number not in fault.requests:
            return None
        return replace(fault, number=number, overall=self.seen.total())


class Faults:
    """The faults that are switched on; may be changed while the server runs."""

    def __init__(self, *faults: Fault) -> None:
        """Switch some faults on."""
        self._active = [_Active(fault) for fault in faults]

    def __iter__(self) -> Iterator[Fault]:
        """Walk through the faults that are switched on."""
        return iter([active.fault for active in self._active])

    def add(self, *faults: Fault) -> None:
        """Switch more faults on; the numbers of their requests count from now."""
        self._active = [*self._active, *(_Active(fault) for fault in faults)]

    def set(self, *faults: Fault) -> None:
        """Switch exactly these faults on."""
        self._active = [_Active(fault) for fault in faults]

    def clear(self) -> None:
        """Switch all faults off."""
        self._active = []

    def striking(self, collection: str) -> list[Fault]:
        """Count a request of a collection and give the faults that act on it."""
        return [fault for active in self._active if (fault := active.strike(collection)) is not None]


def _about_tokens(fault: Fault) -> bool:
    """Say whether a fault has a stage at the token endpoint."""
    kind = type(fault)
    return kind.token_asked is not Fault.token_asked or kind.token_given is not Fault.token_given
