from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from mailroom.domain.silence import Limits, history_begins, silence
from mailroom.domain.sla import LONDON, OfficeHours, WorkingCalendar

HOLIDAYS = frozenset({date(2026, 8, 31), date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)})
CALENDAR = WorkingCalendar(HOLIDAYS, 2026, 2027)
LIMITS = Limits(times=2, least_hours=4)
FRIDAY = date(2026, 11, 20)


def at(day: date, hour: float) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON) + timedelta(hours=hour)


def received(last: datetime, hours: tuple[float, ...] = (9.5, 11, 13, 14.5, 16)) -> list[datetime]:
    """Mail as it comes on working days at these times, from when history begins to this moment."""
    day, found = history_begins(last, CALENDAR).astimezone(LONDON).date(), []
    while day <= last.date():
        if CALENDAR.is_working(day):
            found += [moment for hour in hours if (moment := at(day, hour)) <= last]
        day += timedelta(days=1)
    return found


def found_at(now: datetime, history: list[datetime]) -> bool:
    return silence(history, now, CALENDAR, OfficeHours(), LIMITS) is not None


def test_it_is_said_since_when_for_how_long_and_what_is_usual() -> None:
    last = at(FRIDAY, 9.5)
    found = silence(received(last), at(FRIDAY, 14), CALENDAR, OfficeHours(), LIMITS)
    assert found is not None
    assert (found.since, found.hours, found.usual) == (last, 4.5, 2)


def test_what_is_not_longer_than_usual_is_no_silence() -> None:
    history = received(at(FRIDAY, 9.5))
    assert not found_at(at(FRIDAY, 13.5), history)
    assert found_at(at(FRIDAY, 13.6), history)


@pytest.mark.parametrize("days", [0, 1, 2, 3])
def test_nights_and_weekends_are_no_silence(days: int) -> None:
    assert not found_at(at(FRIDAY + timedelta(days=days), 9), received(at(FRIDAY, 16)))


def test_christmas_is_no_silence_but_the_days_after_new_year_may_be() -> None:
    history = received(at(date(2026, 12, 23), 16))
    day = date(2026, 12, 24)
    while day <= date(2027, 1, 3):
        assert not found_at(at(day, 23), history), day
        day += timedelta(days=1)
    assert found_at(at(date(2027, 1, 4), 16), history)


def test_the_weeks_after_christmas_have_a_history_as_long_as_any_other() -> None:
    last = at(date(2027, 1, 5), 9.5)
    assert history_begins(last, CALENDAR) == at(date(2026, 11, 27), 0)
    assert found_at(at(date(2027, 1, 5), 15), received(last))


def test_a_way_in_by_which_little_comes_is_never_called_silent() -> None:
    weekly = [at(FRIDAY - timedelta(weeks=number), 10) for number in range(4, -1, -1)]
    assert not found_at(at(FRIDAY + timedelta(days=30), 12), weekly)


def test_much_on_a_few_days_says_nothing_of_what_is_usual() -> None:
    campaign = [at(FRIDAY, 10) + timedelta(minutes=number) for number in range(300)]
    assert not found_at(at(FRIDAY + timedelta(days=4), 16), campaign)


def test_a_scanner_that_runs_once_a_day_may_miss_a_day() -> None:
    once_a_day = received(at(FRIDAY, 12), hours=(9.9, 10, 10.1))
    assert not found_at(at(date(2026, 11, 23), 17), once_a_day)
    assert found_at(at(date(2026, 11, 24), 17), once_a_day)


def test_an_outage_does_not_make_the_next_one_usual() -> None:
    outage = [date(2026, 11, day) for day in (9, 10, 11, 12)]
    history = [moment for moment in received(at(FRIDAY, 9.5)) if moment.date() not in outage]
    assert found_at(at(FRIDAY, 14), history)


def test_clocks_that_are_put_back_make_no_silence_longer() -> None:
    history = received(at(date(2026, 10, 23), 16))  # summer time ends on the Sunday that follows
    assert not found_at(at(date(2026, 10, 26), 12), history)
    assert found_at(at(date(2026, 10, 26), 12.1), history)
