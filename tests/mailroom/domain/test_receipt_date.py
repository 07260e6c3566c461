"""Which date of receipt is believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailroom.domain.receipt_date import FURTHEST_BACK, first_arrival

HERE = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("said", "proven", "counts", "asked"),
    [
        (HERE - WEEK, True, HERE - WEEK, False),
        (HERE - WEEK, False, HERE - WEEK, True),
        (HERE - FURTHEST_BACK, True, HERE - FURTHEST_BACK, False),
        (HERE - FURTHEST_BACK - SECOND, True, HERE, True),
        (HERE + SECOND, True, HERE, False),
        (HERE + WEEK, False, HERE, True),
        (None, False, HERE, True),
    ],
)
def test_a_first_arrival_moves_the_date_back_at_most_sixty_days_and_never_on(
    said: datetime | None, proven: bool, counts: datetime, asked: bool
) -> None:
    assert first_arrival(HERE, said, proven=proven) == (counts, asked)
