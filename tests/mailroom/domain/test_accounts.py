from datetime import UTC, datetime, timedelta

import pytest

from mailroom.domain.accounts import Span, ends_at, fault_of_password, pause_after

MORNING = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
SPAN = Span(idle=timedelta(minutes=30), longest=timedelta(hours=12))


@pytest.mark.parametrize(
    ("password", "name", "says"),
    [
        ("three brown foxes", "kim", None),
        ("al three small foxes", "al", None),
        ("kimberly and foxes", "kimberly", "own name"),
        ("elevenchars", "kim", "at least 12"),
        ("x1y2" * 51, "kim", "at most 200"),
        ("abababababababab", "kim", "different characters"),
        ("My-Password-here", "kim", "tried first"),
        ("QWERTYuiop[]#", "kim", "tried first"),
        ("cyfrinair hir iawn", "kim", "tried first"),
    ],
)
def test_a_password_is_long_and_not_one_that_is_tried_first(password: str, name: str, says: str | None) -> None:
    fault = fault_of_password(password, name)
    assert fault is None if says is None else says in str(fault)


def test_guessing_is_slowed_more_and_more_and_never_for_good() -> None:
    minutes = [pause_after(wrong) // timedelta(minutes=1) for wrong in (0, 4, 5, 6, 7, 8, 9, 10, 11, 500)]
    assert minutes == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize(
    ("seen_after", "ends_after"),
    [
        (timedelta(), timedelta(minutes=30)),
        (timedelta(hours=3), timedelta(hours=3, minutes=30)),
        (timedelta(hours=11, minutes=45), timedelta(hours=12)),
    ],
)
def test_a_sitting_ends_when_nothing_is_done_or_the_day_is_over(seen_after: timedelta, ends_after: timedelta) -> None:
    assert ends_at(MORNING, MORNING + seen_after, SPAN) == MORNING + ends_after
