from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path

import pytest

from mailroom.domain.errors import Misconfigured
from mailroom.domain.sla import Calendars, OfficeHours
from mailroom.records.calendars import NATIONS, calendars_from

TABLE: dict[str, object] = {
    "nation": "england",
    "cut_off": time(17),
    "opens": time(9),
    "closes": time(17),
    "first_year": 2020,
    "last_year": 2030,
    "closures": [],
}
ALL = {"england", "wales", "scotland", "northern_ireland"}


def built(**change: object) -> Calendars:
    return calendars_from({**TABLE, **change})


def nations_off(day: date) -> set[str]:
    calendars = built()
    return {name for name in NATIONS if not calendars.by_name[name].is_working(day)}


@pytest.mark.parametrize(
    ("day", "off"),
    [
        (date(2023, 5, 8), ALL),
        (date(2022, 9, 19), ALL),
        (date(2026, 6, 15), {"scotland"}),
        (date(2027, 1, 4), {"scotland"}),
        (date(2026, 4, 3), ALL),
        (date(2026, 4, 6), ALL - {"scotland"}),
        (date(2026, 8, 3), {"scotland"}),
        (date(2026, 8, 31), ALL - {"scotland"}),
        (date(2026, 11, 30), {"scotland"}),
        (date(2026, 3, 17), {"northern_ireland"}),
        (date(2026, 7, 13), {"northern_ireland"}),
        (date(2026, 12, 28), ALL),
        (date(2026, 9, 14), set()),
    ],
    ids=[
        "Coronation",
        "funeral of Elizabeth II",
        "Scotland at the World Cup",
        "2 January in lieu",
        "Good Friday",
        "Easter Monday",
        "summer holiday, Scotland",
        "summer holiday, elsewhere",
        "St Andrew",
        "St Patrick",
        "Battle of the Boyne in lieu",
        "Boxing Day in lieu",
        "no holiday",
    ],
)
def test_each_nation_has_its_own_bank_holidays(day: date, off: set[str]) -> None:
    assert nations_off(day) == off


def test_the_english_weekdays_off_of_2026_are_the_eight_published_ones() -> None:
    published = {(1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)}
    off = {day for day in built().by_name["england"].holidays if day.year == 2026 and day.weekday() < 5}
    assert {(day.month, day.day) for day in off} == published


def test_a_holiday_anywhere_is_one_in_the_union() -> None:
    calendars = built()
    union = calendars.by_name["uk_union"].holidays
    assert all(calendars.by_name[name].holidays < union for name in NATIONS)
    assert union == {day for name in NATIONS for day in calendars.by_name[name].holidays}


@pytest.mark.parametrize("nation", sorted(ALL))
def test_the_tenants_calendar_is_that_of_its_nation(nation: str) -> None:
    calendars = built(nation=nation)
    assert calendars.by_name["tenant"] == calendars.by_name[nation]


def test_closures_are_single_days_or_spans_with_both_ends() -> None:
    calendars = built(closures=[date(2026, 12, 24), [date(2026, 12, 29), date(2026, 12, 31)]])
    assert calendars.by_name["tenant"].closures == {date(2026, 12, day) for day in (24, 29, 30, 31)}


def test_the_hours_are_those_of_the_table() -> None:
    calendars = built(cut_off=time(16, 30), opens=time(8, 45), closes=time(17, 15))
    assert calendars.hours == OfficeHours(time(16, 30), time(8, 45), time(17, 15))


def test_the_calendar_as_delivered_can_be_built() -> None:
    file = Path(__file__).parents[3] / "config" / "calendar.toml"
    calendars = calendars_from(tomllib.loads(file.read_text(encoding="utf-8")))
    assert set(calendars.by_name) == {*NATIONS, "tenant", "uk_union"}
    assert calendars.hours.cut_off == time(17)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"nation": "cornwall"}, "nation: 'cornwall'"),
        ({"nation": 7}, "nation: 7"),
        ({"cut_off": "17:00"}, "cut_off: '17:00'"),
        ({"opens": time(18)}, "closes: "),
        ({"first_year": True}, "first_year: True"),
        ({"first_year": 2031}, "first_year, last_year: 2031 to 2030"),
        ({"last_year": 3000}, "first_year, last_year: 2020 to 3000"),
        ({"closures": "Christmas"}, "closures: 'Christmas'"),
        ({"closures": ["Christmas"]}, "closures: 'Christmas'"),
        ({"closures": [[date(2026, 12, 31), date(2026, 12, 29)]]}, "closures: .*31.*29"),
        ({"closures": [[date(2026, 12, 31)]]}, "closures: "),
        ({"closures": [datetime.fromisoformat("2026-12-31T00:00")]}, "closures: "),
        ({"holidays": []}, "holidays is not a key"),
    ],
)
def test_a_wrong_key_is_named(change: Mapping[str, object], fault: str) -> None:
    with pytest.raises(Misconfigured, match=fault):
        built(**change)


@pytest.mark.parametrize("key", sorted(TABLE))
def test_a_missing_key_is_named(key: str) -> None:
    with pytest.raises(Misconfigured, match=f"{key} is missing"):
        calendars_from({name: value for name, value in TABLE.items() if name != key})
