"""Moments and spans of time in both languages of the pages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from babel.dates import format_date

from mailroom.web.moments import filters_of

MONDAY = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "english", "welsh"),
    [
        ("moment", "Mon 23 Nov 2026 17:00", "Llun 23 Tach 2026 17:00"),
        ("day", "Mon 23 Nov 2026", "Llun 23 Tach 2026"),
        ("short", "Mon 23 Nov 17:00", "Llun 23 Tach 17:00"),
        ("weekday", "Mon 23", "Llun 23"),
        ("month_day", "23 Nov", "23 Tach"),
    ],
)
@pytest.mark.parametrize("written", [False, True])
def test_a_moment_is_written_in_the_reader_s_language(name: str, english: str, welsh: str, written: bool) -> None:
    value = MONDAY.isoformat() if written else MONDAY
    assert (filters_of("en")[name](value), filters_of("cy")[name](value)) == (english, welsh)


@pytest.mark.parametrize("month", range(1, 13))
def test_months_are_those_of_the_language(month: int) -> None:
    one = date(2026, month, 1)
    assert filters_of("cy")["month_day"](one) == f"1 {format_date(one, 'MMM', locale='cy')}"
    assert filters_of("en")["month_day"](one) == f"{one:%-d %b}"


@pytest.mark.parametrize("weekday", range(7))
def test_days_of_the_week_are_those_of_the_language(weekday: int) -> None:
    one = date(2026, 11, 23) + timedelta(days=weekday)
    assert str(filters_of("cy")["weekday"](one)).split()[0] == format_date(one, "EEE", locale="cy")
    assert filters_of("en")["weekday"](one) == f"{one:%a %-d}"


def test_a_moment_in_summer_is_london_s() -> None:
    assert filters_of("cy")["short"](datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "Iau 2 Gorff 00:30"


@pytest.mark.parametrize("language", ["en", "cy"])
@pytest.mark.parametrize("name", ["moment", "day", "short"])
def test_a_dash_stands_for_no_moment(name: str, language: str) -> None:
    assert filters_of(language)[name](None) == "-"


@pytest.mark.parametrize(
    ("due", "english", "welsh"),
    [
        (MONDAY + timedelta(days=3), "3 d left", "3 d ar ôl"),
        (MONDAY + timedelta(hours=3, minutes=12), "3 h 12 min left", "3 awr 12 mun ar ôl"),
        (MONDAY - timedelta(minutes=5), "5 min late", "5 mun yn hwyr"),
        (None, "no deadline", "dim terfyn amser"),
    ],
)
def test_what_is_left_is_said_in_the_reader_s_language(due: datetime | None, english: str, welsh: str) -> None:
    assert (filters_of("en")["left"](due, MONDAY), filters_of("cy")["left"](due, MONDAY)) == (english, welsh)
