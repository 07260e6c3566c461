"""Days as letters give them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailroom.domain.days_in_words import day_in_words


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 16, 10, tzinfo=UTC), "Monday 16 November 2026"),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "Wednesday 1 July 2026"),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), "Thursday 31 December 2026"),
    ],
)
def test_a_day_is_the_day_in_london(moment: datetime, day: str) -> None:
    assert day_in_words(moment, "en") == day


def test_a_day_in_welsh_has_a_welsh_month() -> None:
    assert day_in_words(datetime(2026, 11, 16, 10, tzinfo=UTC), "cy") == "16 Tachwedd 2026"
