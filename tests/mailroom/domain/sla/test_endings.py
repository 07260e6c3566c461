from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from mailroom.domain.sla import Calendars, Ending, ending, promised_due

DUE = datetime(2026, 9, 28, 16, 0, tzinfo=UTC)
BEFORE = datetime(2026, 9, 25, 10, 0, tzinfo=UTC)
AFTER = datetime(2026, 9, 28, 16, 0, 1, tzinfo=UTC)
PROMISED = date(2026, 10, 16)


@pytest.mark.parametrize(
    ("now", "replied_at", "held_at", "promised_for", "outcome"),
    [
        (BEFORE, None, None, None, None),
        (DUE, None, None, None, None),
        (AFTER, None, None, None, Ending.BREACH),
        (BEFORE, BEFORE, None, None, Ending.FULL),
        (AFTER, DUE, None, None, Ending.FULL),
        (AFTER, AFTER, None, None, Ending.BREACH),
        (BEFORE, None, BEFORE, PROMISED, Ending.HOLDING),
        (AFTER, None, BEFORE, BEFORE.date(), Ending.HOLDING),
        (AFTER, AFTER, BEFORE, PROMISED, Ending.HOLDING),
        (AFTER, DUE, BEFORE, PROMISED, Ending.FULL),
        (AFTER, None, AFTER, PROMISED, Ending.BREACH),
        (BEFORE, None, BEFORE, None, None),
        (AFTER, None, BEFORE, None, Ending.BREACH),
        (AFTER, None, BEFORE, date(2026, 9, 24), Ending.BREACH),
    ],
    ids=[
        "still open",
        "open at the very moment it is due",
        "nothing in time",
        "answered",
        "answered at the last moment",
        "answered late",
        "held with a date",
        "held with a date that is the same day",
        "held in time, answered later",
        "held, then answered in time",
        "held late",
        "held without a date, still open",
        "held without a date",
        "held with a date that had passed",
    ],
)
def test_a_handed_off_case_has_one_ending(
    now: datetime,
    replied_at: datetime | None,
    held_at: datetime | None,
    promised_for: date | None,
    outcome: Ending | None,
) -> None:
    assert ending(DUE, now, replied_at=replied_at, held_at=held_at, promised_for=promised_for) == outcome


def test_a_promised_date_is_a_clock_of_its_own(calendars: Calendars) -> None:
    assert promised_due(PROMISED, calendars) == datetime(2026, 10, 16, 16, 0, tzinfo=UTC)
