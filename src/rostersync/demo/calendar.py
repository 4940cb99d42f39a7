"""The academic sessions of a sample district: this school year with its parts, and what is left of the last one."""

from __future__ import annotations

from rostersync.demo.district import District

# Month and day on which each of the four terms begins; the first two lie in the year in which the school year begins.
STARTS = ("08-15", "10-20", "01-10", "03-25")
END = "06-15"


def school_year(year: int) -> str:
    """Name the session of the school year that begins in `year`."""
    return f"ses-{year}"


def semester(year: int, number: int) -> str:
    """Name semester 1 or 2."""
    return f"ses-{year}-s{number}"


def term(year: int, number: int) -> str:
    """Name term 1 to 4."""
    return f"ses-{year}-t{number}"


def term_dates(year: int, number: int) -> tuple[str, str]:
    """Give the first day of a term, and the first day after it (endDate is exclusive in OneRoster)."""
    return _boundary(year, number - 1), _boundary(year, number)


def add_sessions(district: District, modified: str) -> None:
    """Add the school year with its semesters, terms and grading periods, and the last year with one term."""
    year = district.year
    _session(district, modified, year, school_year(year), "schoolYear", (0, 4), f"School Year {year}-{year + 1}")
    for half in (1, 2):
        span = (half * 2 - 2, half * 2)
        _session(
            district, modified, year, semester(year, half), "semester", span, f"Semester {half}", school_year(year)
        )
    for number in range(1, 5):
        _term(district, modified, year, number)
    last = year - 1
    _session(district, modified, last, school_year(last), "schoolYear", (0, 4), f"School Year {last}-{year}")
    _session(district, modified, last, term(last, 4), "term", (3, 4), f"Term 4 of {last}-{year}", school_year(last))


def _term(district: District, modified: str, year: int, number: int) -> None:
    """Add a term and the grading period that covers it."""
    span = (number - 1, number)
    _session(
        district, modified, year, term(year, number), "term", span, f"Term {number}", semester(year, (number + 1) // 2)
    )
    period = f"ses-{year}-g{number}"
    _session(district, modified, year, period, "gradingPeriod", span, f"Grading Period {number}", term(year, number))


def _session(
    district: District,
    modified: str,
    year: int,
    sourced_id: str,
    kind: str,
    span: tuple[int, int],
    title: str,
    parent: str | None = None,
) -> None:
    """Add one session that spans the boundaries `span`; schoolYear is the year in which it ends."""
    district.add(
        "academicSessions",
        sourced_id,
        modified,
        title=title,
        type=kind,
        startDate=_boundary(year, span[0]),
        endDate=_boundary(year, span[1]),
        schoolYear=str(year + 1),
        parent=parent,
    )


def _boundary(year: int, number: int) -> str:
    """Give the day on which term `number + 1` begins; after the fourth, the end of the school year."""
    return f"{year + 1}-{END}" if number == len(STARTS) else f"{year + (number > 1)}-{STARTS[number]}"
