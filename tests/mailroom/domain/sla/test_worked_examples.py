"""Receipts in England with a cut-off at 17:00, worked out beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from mailroom.domain.sla import LONDON, Calendars, ClockRule, day_zero, due_at, local_date

Clocks = Mapping[str, ClockRule]

# what                    | received                  | day 0      | 1 day      | 10 days    | FOI        | English
TABLE = """
just before the cut-off   | 2026-09-14T16:59:59+01:00 | 2026-09-14 | 2026-09-15 | 2026-09-28 | 2026-10-12 | 2026-10-12
exactly at the cut-off    | 2026-09-14T17:00:00+01:00 | 2026-09-15 | 2026-09-16 | 2026-09-29 | 2026-10-12 | 2026-10-12
Friday evening            | 2026-09-18T17:30:00+01:00 | 2026-09-21 | 2026-09-22 | 2026-10-05 | 2026-10-16 | 2026-10-16
Saturday                  | 2026-09-19T12:00:00+01:00 | 2026-09-21 | 2026-09-22 | 2026-10-05 | 2026-10-16 | 2026-10-16
evening before Easter     | 2026-04-02T17:30:00+01:00 | 2026-04-07 | 2026-04-08 | 2026-04-21 | 2026-05-05 | 2026-05-05
Scottish holiday between  | 2026-05-22T17:10:00+01:00 | 2026-05-26 | 2026-05-27 | 2026-06-09 | 2026-06-23 | 2026-06-22
past midnight, not in UTC | 2026-06-30T23:30:00+00:00 | 2026-07-01 | 2026-07-02 | 2026-07-15 | 2026-07-30 | 2026-07-29
clocks go forward         | 2026-03-27T17:30:00+00:00 | 2026-03-30 | 2026-03-31 | 2026-04-15 | 2026-04-28 | 2026-04-28
clocks go back            | 2026-10-23T16:30:00+01:00 | 2026-10-23 | 2026-10-26 | 2026-11-06 | 2026-11-20 | 2026-11-20
the first half past one   | 2026-10-25T01:30:00+01:00 | 2026-10-26 | 2026-10-27 | 2026-11-09 | 2026-11-20 | 2026-11-20
the second half past one  | 2026-10-25T01:30:00+00:00 | 2026-10-26 | 2026-10-27 | 2026-11-09 | 2026-11-20 | 2026-11-20
Christmas Eve             | 2026-12-24T11:00:00+00:00 | 2026-12-24 | 2026-12-29 | 2027-01-12 | 2027-01-27 | 2027-01-26
"""
CELLS = [[cell.strip() for cell in row.split("|")] for row in TABLE.strip().split("\n")]
CHRISTMAS_EVE = datetime(2026, 12, 24, 11, tzinfo=LONDON)


@pytest.mark.parametrize("cells", [row[1:] for row in CELLS], ids=[row[0] for row in CELLS])
def test_the_worked_examples_come_out(cells: list[str], clocks: Clocks, calendars: Calendars) -> None:
    received = datetime.fromisoformat(cells[0])
    zero, one_day, ten_days, foi_day, english_day = map(date.fromisoformat, cells[1:])
    capture, full, foi = clocks["capture_one_working_day"], clocks["full_reply_10wd"], clocks["foi_20wd"]
    assert day_zero(capture, received, calendars) == zero
    assert due_at(capture, received, calendars) == datetime.combine(one_day, time(17), LONDON)
    assert due_at(full, received, calendars) == datetime.combine(ten_days, time(17), LONDON)
    assert due_at(foi, received, calendars) == datetime.combine(foi_day, time(23, 59, 59), LONDON)
    assert local_date(due_at(replace(foi, calendar="england"), received, calendars)) == english_day


def with_closures(calendars: Calendars, *days: date) -> Calendars:
    by_name = {name: replace(one, closures=frozenset(days)) for name, one in calendars.by_name.items()}
    return replace(calendars, by_name=by_name)


def test_scotland_counts_its_own_bank_holidays_only(clocks: Clocks, calendars: Calendars) -> None:
    received = datetime(2026, 4, 2, 17, 30, tzinfo=LONDON)
    assert local_date(due_at(clocks["foi_scotland_20wd"], received, calendars)) == date(2026, 5, 1)


def test_a_closure_lengthens_the_councils_promise_but_no_statutory_clock(clocks: Clocks, calendars: Calendars) -> None:
    closed = with_closures(calendars, *(date(2026, 12, day) for day in (29, 30, 31)))
    assert local_date(due_at(clocks["capture_one_working_day"], CHRISTMAS_EVE, closed)) == date(2027, 1, 4)
    assert local_date(due_at(clocks["foi_20wd"], CHRISTMAS_EVE, closed)) == date(2027, 1, 27)


def test_english_holidays_alone_are_wrong_for_167_days_of_2026_and_always_early(
    clocks: Clocks, calendars: Calendars
) -> None:
    right, english = clocks["foi_20wd"], replace(clocks["foi_20wd"], calendar="england")
    received = [datetime(2026, 1, 1, 12, tzinfo=LONDON) + timedelta(days=n) for n in range(365)]
    pairs = [(due_at(english, day, calendars), due_at(right, day, calendars)) for day in received]
    assert all(short <= due for short, due in pairs)
    assert sum(short < due for short, due in pairs) == 167
