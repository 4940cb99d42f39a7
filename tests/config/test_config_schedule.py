"""When a sync is due, over real changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostersync.config.cron import cron_fault
from rostersync.config.schedule import is_due, moment_of, next_due, upcoming
from rostersync.config.schema import ScheduleConfig

ZONES = ["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns", "UTC"]


def walls(cron: str, zone: str, after: str, count: int) -> list[str]:
    """Give the next due moments after a local time as the wall shows them."""
    start = datetime.fromisoformat(after).replace(tzinfo=ZoneInfo(zone))
    moments = upcoming(ScheduleConfig(cron=cron, timezone=zone), start, count)
    return [moment.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes") for moment in moments]


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        # Spring: 02:30 does not happen and counts at the moment of the change.
        (
            "30 2 * * *",
            "America/Chicago",
            "2026-03-07T03:00",
            ["2026-03-08T03:00-05:00", "2026-03-09T02:30-05:00"],
        ),
        (
            "30 2 * * *",
            "Europe/Berlin",
            "2026-03-28T03:00",
            ["2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"],
        ),
        # Lord Howe sets its clock by half an hour.
        (
            "15 2 * * *",
            "Australia/Lord_Howe",
            "2026-10-03T03:00",
            ["2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"],
        ),
        # Several times that do not happen are one moment, shared with the time at which the clock goes on.
        (
            "*/20 * * * *",
            "America/Chicago",
            "2026-03-08T01:30",
            ["2026-03-08T01:40-06:00", "2026-03-08T03:00-05:00", "2026-03-08T03:20-05:00"],
        ),
        # Autumn: 01:30 happens twice and counts the first time.
        (
            "30 1 * * *",
            "America/Chicago",
            "2026-10-31T03:00",
            ["2026-11-01T01:30-05:00", "2026-11-02T01:30-06:00"],
        ),
        (
            "30 2 * * *",
            "Europe/Berlin",
            "2026-10-24T03:00",
            ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"],
        ),
        (
            "45 1 * * *",
            "Australia/Lord_Howe",
            "2026-04-04T03:00",
            ["2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"],
        ),
        (
            "*/30 * * * *",
            "Europe/Berlin",
            "2026-10-25T01:45",
            ["2026-10-25T02:00+02:00", "2026-10-25T02:30+02:00", "2026-10-25T03:00+01:00"],
        ),
        # Samoa left out 30 December 2011.
        (
            "0 18 * * *",
            "Pacific/Apia",
            "2011-12-29T19:00",
            ["2011-12-31T00:00+14:00", "2011-12-31T18:00+14:00"],
        ),
        # No change near.
        (
            "0 18 * * 2,5",
            "America/Chicago",
            "2026-11-20T18:00",
            ["2026-11-24T18:00-06:00", "2026-11-27T18:00-06:00"],
        ),
        ("@weekly", "UTC", "2026-11-20T18:00", ["2026-11-22T00:00+00:00"]),
        ("0 0 29 2 *", "UTC", "2026-11-20T18:00", ["2028-02-29T00:00+00:00"]),
    ],
)
def test_local_times_over_changes_of_the_clock(cron: str, zone: str, after: str, expected: list[str]) -> None:
    assert walls(cron, zone, after, len(expected)) == expected


def test_a_run_in_the_first_of_two_hours_is_not_due_in_the_second() -> None:
    schedule = ScheduleConfig(cron="30 1 * * *", timezone="America/Chicago")
    first = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert is_due(schedule, first - timedelta(days=1), first)
    assert not is_due(schedule, first, first + timedelta(hours=1))
    assert not is_due(schedule, first + timedelta(seconds=1), first + timedelta(hours=2))
    assert is_due(schedule, first, first + timedelta(hours=25))


def test_a_run_at_the_moment_of_the_change_is_not_due_again() -> None:
    schedule = ScheduleConfig(cron="30 2 * * *", timezone="America/Chicago")
    change = datetime(2026, 3, 8, 8, tzinfo=UTC)
    assert not is_due(schedule, change - timedelta(hours=2), change - timedelta(seconds=1))
    assert is_due(schedule, change - timedelta(hours=2), change)
    assert not is_due(schedule, change, change + timedelta(hours=12))


def test_what_was_missed_is_due_once() -> None:
    schedule = ScheduleConfig(cron="@hourly")
    now = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
    assert is_due(schedule, now - timedelta(days=3), now)
    assert not is_due(schedule, now, now + timedelta(minutes=29))


def test_what_never_ran_is_due_unless_it_is_manual() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert is_due(ScheduleConfig(cron="@yearly"), None, now)
    for manual in (None, ScheduleConfig(timezone="Europe/Berlin")):
        assert not is_due(manual, None, now)
        assert not is_due(manual, now - timedelta(days=999), now)
        assert next_due(manual, now) is None
        assert upcoming(manual, now, 3) == []


def test_a_last_start_in_the_future_is_not_due() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert not is_due(ScheduleConfig(cron="@hourly"), now + timedelta(days=1), now)


def test_moments_are_in_utc() -> None:
    due = next_due(ScheduleConfig(cron="0 18 * * *", timezone="America/Chicago"), datetime(2026, 7, 1, tzinfo=UTC))
    assert due == datetime(2026, 7, 1, 23, tzinfo=UTC)
    assert due.tzinfo is UTC


CRONS = st.one_of(
    st.builds(
        "{} {} * * *".format,
        st.sampled_from(["0", "30", "*/15", "5,35", "59", "*/7"]),
        st.sampled_from(["0", "1", "2", "3", "4", "*", "*/2"]),
    ),
    st.sampled_from(["@hourly", "@daily", "30 1-3 * * 0", "15 2 1-7 * *", "0 2 * 3,10,11 sun"]),
)
MOMENTS = st.datetimes(datetime(2011, 1, 1), datetime(2030, 1, 1)) | st.builds(  # noqa: DTZ001 - made UTC below
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from(
        [
            datetime(2026, 3, 8, 8),  # noqa: DTZ001
            datetime(2026, 11, 1, 7),  # noqa: DTZ001
            datetime(2026, 3, 29, 1),  # noqa: DTZ001
            datetime(2026, 10, 25, 1),  # noqa: DTZ001
            datetime(2026, 4, 4, 15),  # noqa: DTZ001
            datetime(2026, 10, 3, 15, 30),  # noqa: DTZ001
            datetime(2011, 12, 30, 10),  # noqa: DTZ001
        ]
    ),
    st.integers(-300, 300),
)


@given(CRONS, st.sampled_from(ZONES), MOMENTS)
def test_moments_increase_and_no_local_time_comes_twice(cron: str, zone: str, moment: datetime) -> None:
    after = moment.replace(tzinfo=UTC)
    found = upcoming(ScheduleConfig(cron=cron, timezone=zone), after, 12)
    assert len(found) == 12
    assert all(earlier < later for earlier, later in zip([after, *found], found, strict=False))
    shown = [moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in found]
    assert len(set(shown)) == len(shown)


@given(CRONS, st.sampled_from(ZONES), MOMENTS, st.integers(0, 400))
def test_where_one_starts_to_look_does_not_matter(cron: str, zone: str, moment: datetime, minutes: int) -> None:
    schedule = ScheduleConfig(cron=cron, timezone=zone)
    early = moment.replace(tzinfo=UTC)
    late = early + timedelta(minutes=minutes)
    seen = [due for due in upcoming(schedule, early, 80) if due > late][:12]
    assert len(seen) == 12
    assert upcoming(schedule, late, 12) == seen


@given(st.sampled_from(ZONES), MOMENTS)
def test_a_local_time_maps_to_a_moment_that_shows_it_or_to_a_change(zone: str, wall: datetime) -> None:
    wall = wall.replace(second=0, microsecond=0)
    place = ZoneInfo(zone)
    moment = moment_of(wall, place)
    shown = moment.astimezone(place).replace(tzinfo=None)
    if shown == wall:
        assert moment.astimezone(place).fold == 0
    else:
        before = moment - timedelta(seconds=1)
        assert before.astimezone(place).utcoffset() != moment.astimezone(place).utcoffset()
        assert before.astimezone(place).replace(tzinfo=None) < wall < shown


@pytest.mark.parametrize(
    "expression",
    [
        "0 18 * * 2,5",
        "*/15 8-17 * * mon-fri",
        "0 0 1 JAN *",
        "5/15 * * * *",
        "0 0 * * 7",
        " @daily ",
        "0  3\t* * *",
        "1-5/2,7 * * * *",
    ],
)
def test_what_cron_knows_is_taken(expression: str) -> None:
    assert cron_fault(expression) is None


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("", "a cron expression has five fields, this one has 0"),
        ("0 0 0 * * *", "a cron expression has five fields, this one has 6"),
        ("@reboot", '"@reboot" is no schedule'),
        ("@midnight", '"@midnight" is no schedule'),
        ("0 24 * * *", '"24" is no hour, which goes from 0 to 23'),
        ("0 0 0 * *", '"0" is no day of the month, which goes from 1 to 31'),
        ("0 0 * * 8", '"8" is no day of the week, which goes from 0 to 7'),
        ("0 0 * foo *", '"foo" is no month, which goes from 1 to 12'),
        ("0 0 * * 1#2", '"1#2" is no day of the week, which goes from 0 to 7'),
        ("*/0 * * * *", '"*/0" is no minute: the step is no number from 1'),
        ("0 17-8 * * *", '"17-8" runs backwards (hour)'),
        ("0 0 * * fri-mon", '"fri-mon" runs backwards (day of the week)'),
        ("0 0 * 1-2-3 *", '"1-2-3" is no month, which goes from 1 to 12'),
        ("0 0 * ,1 *", '"" is no month, which goes from 1 to 12'),
        ("0 0 - * *", '"-" is no day of the month, which goes from 1 to 31'),
        ("0 ? * * *", '"?" is no hour, which goes from 0 to 23'),
        ("0 0 31 2,4,6 *", "the day that it names never comes"),
        ("٣ * * * *", '"٣" is no minute, which goes from 0 to 59'),
    ],
)
def test_what_cron_does_not_know_is_refused(expression: str, fault: str) -> None:
    assert cron_fault(expression) == fault
