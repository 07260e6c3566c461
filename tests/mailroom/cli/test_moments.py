from datetime import UTC, date, datetime

import pytest

from mailroom.cli.moments import noon_or_now


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
