from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from mailroom.domain.errors import NeedsPerson
from mailroom.domain.sla import Calendars, WorkingCalendar, local_date
from mailroom.domain.sla.days import moment_at

CALENDAR = WorkingCalendar(
    holidays=frozenset({date(2026, 12, 25), date(2026, 12, 28)}),
    first_year=2026,
    last_year=2026,
    closures=frozenset({date(2026, 12, 29)}),
)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 12, 24), True),
        (date(2026, 12, 25), False),
        (date(2026, 12, 26), False),
        (date(2026, 12, 27), False),
        (date(2026, 12, 28), False),
        (date(2026, 12, 29), False),
        (date(2026, 12, 30), True),
    ],
)
def test_weekends_holidays_and_closures_are_no_working_days(day: date, working: bool) -> None:
    assert CALENDAR.is_working(day) is working


def test_a_calendar_refuses_to_guess_the_holidays_of_a_year_it_does_not_know() -> None:
    with pytest.raises(NeedsPerson, match=r"2027-01-01.*2026 to 2026"):
        CALENDAR.nth_after(date(2026, 12, 31), 1)


def test_the_working_day_after_is_counted_without_the_day_itself() -> None:
    assert CALENDAR.nth_after(date(2026, 12, 23), 1) == date(2026, 12, 24)
    assert CALENDAR.nth_after(date(2026, 12, 24), 1) == date(2026, 12, 30)


def test_a_disregarded_day_is_passed_over_even_where_it_follows_a_weekend() -> None:
    monday = date(2026, 11, 9)
    assert CALENDAR.nth_after(date(2026, 11, 6), 1, {monday}) == date(2026, 11, 10)
    assert CALENDAR.nth_after(date(2026, 11, 5), 2, {monday}) == date(2026, 11, 10)


def test_closures_are_left_out_for_a_clock_that_takes_no_notice_of_them() -> None:
    calendars = Calendars({"tenant": CALENDAR})
    assert not calendars.named("tenant", closures=True).is_working(date(2026, 12, 29))
    assert calendars.named("tenant", closures=False) == replace(CALENDAR, closures=frozenset())


def test_a_calendar_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"'moon'.*tenant"):
        Calendars({"tenant": CALENDAR}).named("moon", closures=False)


def test_the_date_of_a_moment_is_the_date_in_london() -> None:
    assert local_date(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == date(2026, 7, 1)
    assert local_date(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == date(2026, 12, 31)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        local_date(datetime.fromisoformat("2026-06-30T23:30"))


def test_five_o_clock_is_an_hour_earlier_in_utc_in_summer() -> None:
    assert moment_at(date(2026, 3, 27), time(17)) == datetime(2026, 3, 27, 17, tzinfo=UTC)
    assert moment_at(date(2026, 3, 30), time(17)) == datetime(2026, 3, 30, 16, tzinfo=UTC)
