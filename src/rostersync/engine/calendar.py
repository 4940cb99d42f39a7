"""What D, the date of the run, means for the dates of sessions, enrollments and roles (rules 3 and 4)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import chain

_NEVER = ""
"""A day before all others."""


class Calendar:
    """Judges date ranges by D; an end is the first day that is no longer covered, or the last one when inclusive."""

    def __init__(self, day: date, *, inclusive: bool = False, grace_days: int = 0) -> None:
        """Take D, `sync.end_dates = "inclusive"` and `sync.session_grace_days`."""
        self.day = day.isoformat()
        self._ends = "included" if inclusive else "not included"
        # An inclusive end is an exclusive one a day later: shifting D back once spares every comparison the question.
        self._shift = timedelta(days=1 if inclusive else 0)
        self._session_shift = self._shift + timedelta(days=grace_days)
        self._last_open = _moved(self.day, -self._shift) or _NEVER
        self._last_open_session = _moved(self.day, -self._session_shift) or _NEVER
        self._asked_begins: set[str] = set()
        self._asked_ends: set[str] = set()
        self._asked_session_ends: set[str] = set()

    def ended(self, end: str | None) -> bool:
        """Whether a range with this end is over by D."""
        if end is None:
            return False
        self._asked_ends.add(end)
        return end <= self._last_open

    def covers(self, begin: str | None, end: str | None) -> bool:
        """Whether D lies within the range; a missing date is open (rule 3)."""
        if begin is not None:
            self._asked_begins.add(begin)
            if begin > self.day:
                return False
        return not self.ended(end)

    def told(self, begin: str | None, end: str | None) -> str:
        """Say in words what `covers` decides."""
        said = "covers" if self.covers(begin, end) else "does not cover"
        return f"{said} {self.day}: from {begin or 'any day'} to {end or 'any day'}, the end {self._ends}"

    def in_session(self, start: str, end: str) -> bool:
        """Whether D lies within a session, the days of grace included (rule 4)."""
        self._asked_begins.add(start)
        self._asked_session_ends.add(end)
        return start <= self.day and end > self._last_open_session

    def until(self) -> str | None:
        """The first day after D on which an answer given so far would be another one, None where there is none."""
        begins = (_moved(begin, timedelta()) for begin in self._asked_begins)
        ends = (_moved(end, self._shift) for end in self._asked_ends)
        session_ends = (_moved(end, self._session_shift) for end in self._asked_session_ends)
        turns = chain(begins, ends, session_ends)
        return min((day for day in turns if day is not None and day > self.day), default=None)


def _moved(day: str, shift: timedelta) -> str | None:
    """The day so much later or earlier, None where no calendar goes that far."""
    try:
        return (date.fromisoformat(day) + shift).isoformat()
    except OverflowError:
        return None
