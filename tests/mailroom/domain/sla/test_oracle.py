"""Every day from 2012 to 2030 by brute force: no arithmetic, one step a day, holidays asked for one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailroom.domain.sla import LONDON, Calendars, ClockRule, Pause, due_at

NATIONS = {code: holidays.country_holidays("GB", subdiv=code) for code in ("ENG", "WLS", "SCT", "NIR")}
STEP = timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)


def is_day_off(day: date, nations: str) -> bool:
    return day.strftime("%a") in {"Sat", "Sun"} or any(day in NATIONS[code] for code in nations.split())


OFF = {
    nations: {day: is_day_off(day, nations) for day in (date(2011, 12, 1) + timedelta(days=n) for n in range(365 * 20))}
    for nations in ("ENG", "SCT", "ENG WLS SCT NIR")
}


def walk(start: date, working_days: int, nations: str, disregarded: frozenset[date] = frozenset()) -> date:
    day = start
    while working_days > 0:
        day += STEP
        if not OFF[nations][day] and day not in disregarded:
            working_days -= 1
    return day


def walk_to_the_corresponding_date(start: date, months: int) -> date:
    """Step until the same day of the right month; where the month ends first, its last day."""
    day, firsts_passed = start, 0
    while True:
        following = day + STEP
        if following.day == 1:
            if firsts_passed == months:
                return day
            firsts_passed += 1
        day = following
        if firsts_passed == months and day.day == start.day:
            return day


def roll(day: date, nations: str) -> date:
    while OFF[nations][day]:
        day += STEP
    return day


def all_days() -> Iterator[date]:
    day = date(2012, 1, 1)
    while day.year <= 2030:
        yield day
        day += STEP


def london(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=LONDON)


@pytest.mark.parametrize(("clock", "working_days"), [("capture_one_working_day", 1), ("full_reply_10wd", 10)])
def test_promises_in_working_days_agree_on_every_day(
    clock: str, working_days: int, clocks: Mapping[str, ClockRule], calendars: Calendars
) -> None:
    for day in all_days():
        zero_by_day, zero_by_evening = roll(day, "ENG"), roll(day if OFF["ENG"][day] else day + STEP, "ENG")
        in_the_day = due_at(clocks[clock], london(day, 16, 59, 59), calendars)
        in_the_evening = due_at(clocks[clock], london(day, 17), calendars)
        assert in_the_day == london(walk(zero_by_day, working_days, "ENG"), 17), day
        assert in_the_evening == london(walk(zero_by_evening, working_days, "ENG"), 17), day


@pytest.mark.parametrize(
    ("clock", "nations"),
    [("foi_20wd", "ENG WLS SCT NIR"), ("foi_scotland_20wd", "SCT"), ("eir_20wd", "ENG WLS SCT NIR")],
)
def test_requests_for_information_agree_on_every_day(
    clock: str, nations: str, clocks: Mapping[str, ClockRule], calendars: Calendars
) -> None:
    for day in all_days():
        due = london(walk(day, 20, nations), 23, 59, 59)
        assert due_at(clocks[clock], london(day, 0), calendars) == due, day
        assert due_at(clocks[clock], london(day, 23, 59, 59), calendars) == due, day


@pytest.mark.parametrize(("extended", "months"), [(False, 1), (True, 3)])
def test_data_requests_agree_on_every_day(
    extended: bool, months: int, clocks: Mapping[str, ClockRule], calendars: Calendars
) -> None:
    for day in all_days():
        due = london(roll(walk_to_the_corresponding_date(day, months), "ENG"), 23, 59, 59)
        assert due_at(clocks["sar_one_month"], london(day, 12), calendars, extended=extended) == due, day


def test_months_that_begin_with_a_day_end_before_the_corresponding_one_on_every_day(
    clocks: Mapping[str, ClockRule], calendars: Calendars
) -> None:
    for day in all_days():
        corresponding = walk_to_the_corresponding_date(day, 2)
        last = corresponding - STEP if corresponding.day == day.day else corresponding
        assert due_at(clocks["council_tax_appeal_2_months"], london(day, 12), calendars) == london(last, 23, 59, 59), (
            day
        )


MOMENTS = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
SPANS = st.lists(st.tuples(st.integers(-5, 60), st.integers(0, 15)), max_size=4)


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(received=MOMENTS, spans=SPANS)
def test_any_fees_notices_agree_with_a_walk_that_passes_over_their_days(
    received: datetime, spans: list[tuple[int, int]], clocks: Mapping[str, ClockRule], calendars: Calendars
) -> None:
    start = received.astimezone(LONDON).date()
    pauses, disregarded = [], set()
    for offset, length in spans:
        began = london(start, 12) + timedelta(days=offset)
        pauses.append(Pause(began, began + timedelta(days=length)))
        disregarded |= {began.date() + timedelta(days=n) for n in range(length + 1)}
    due = due_at(clocks["foi_20wd"], received, calendars, pauses=pauses)
    assert due == london(walk(start, 20, "ENG WLS SCT NIR", frozenset(disregarded)), 23, 59, 59)
