"""What D, the date of the run, means for the dates of sessions, enrollments and roles (rules 3 and 4)."""

from __future__ import annotations

from datetime import date, timedelta


class Calendar:
    """Judges date ranges by D; an end is the first day that is no longer covered, or the last one when inclusive."""

    def __init__(self, day: date, *, inclusive: bool = False, grace_days: int = 0) -> None:
        """Take D, `sync.end_dates = "inclusive"` and `sync.session_grace_days`."""
        self.day = day.isoformat()
        self._ends = "included" if inclusive else "not included"
        # An inclusive end is an exclusive one a day later: shifting D back once spares every comparison the question.
        shift = timedelta(days=1 if inclusive else 0)
        self._last_open = (day - shift).isoformat()
        self._last_open_session = (day - shift - timedelta(days=grace_days)).isoformat()

    def ended(self, end: str | None) -> bool:
        """Whether a range with this end is over by D."""
        return end is not None and end <= self._last_open

    def covers(self, begin: str | None, end: str | None) -> bool:
        """Whether D lies within the range; a missing date is open (rule 3)."""
        return (begin is None or begin <= self.day) and not self.ended(end)

    def told(self, begin: str | None, end: str | None) -> str:
        """Say in words what `covers` decides."""
        said = "covers" if self.covers(begin, end) else "does not cover"
        return f"{said} {self.day}: from {begin or 'any day'} to {end or 'any day'}, the end {self._ends}"

    def in_session(self, start: str, end: str) -> bool:
        """Whether D lies within a session, the days of grace included (rule 4)."""
        return start <= self.day and end > self._last_open_session
