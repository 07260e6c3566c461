from datetime import UTC, date, datetime

import pytest

from mailroom.cli.moments import as_people_write, noon_or_now


@pytest.mark.parametrize(
    ("day", "now", "meant"),
    [
        (date(2026, 11, 20), "2026-11-20T09:00", "2026-11-20T09:00"),
        (date(2026, 11, 20), "2026-11-20T15:00", "2026-11-20T12:00"),
        (date(2026, 11, 19), "2026-11-20T09:00", "2026-11-19T12:00"),
        (date(2026, 11, 21), "2026-11-20T09:00", "2026-11-21T12:00"),
        (date(2026, 6, 20), "2026-06-19T23:30", "2026-06-19T23:30"),
        (date(2026, 6, 20), "2026-06-20T11:30", "2026-06-20T11:00"),
    ],
)
def test_a_date_alone_is_noon_in_london_and_never_later_than_now_today(day: date, now: str, meant: str) -> None:
    at, expected = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, meant))
    assert noon_or_now(day, at) == expected


@pytest.mark.parametrize(
    ("moment", "late", "told"),
    [
        ("{year}-01-05T17:00:00+00:00", False, "5 Jan 17:00"),
        ("{year}-07-05T16:00:00+00:00", False, "5 Jul 17:00"),
        ("{year}-01-05T17:00:00+00:00", True, "5 Jan, late"),
        ("1999-01-05T17:00:00+00:00", False, "Tue 5 Jan 1999 17:00"),
        (None, True, "-"),
    ],
)
def test_people_read_moments_in_london_s_time(moment: str | None, late: bool, told: str) -> None:
    year = datetime.now(UTC).year
    assert as_people_write(moment and moment.format(year=year), late=late).endswith(told)
