from datetime import UTC, datetime, timedelta

import pytest

from mailroom.desk.time_left import due, moment

NOW = datetime(2026, 11, 23, 13, 48, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "left"),
    [
        (timedelta(minutes=9), "9 min left"),
        (timedelta(hours=3, minutes=12), "3 h 12 min left"),
        (timedelta(hours=47), "47 h 0 min left"),
        (timedelta(days=4, hours=3), "4 days left"),
        (timedelta(minutes=-5), "5 min late"),
        (timedelta(days=-2), "2 days late"),
        (timedelta(0), "0 min left"),
    ],
)
def test_time_left_is_said_in_the_units_that_matter(span: timedelta, left: str) -> None:
    told = due("capture", NOW + span, NOW)
    assert (told.left, told.late) == (left, span < timedelta(0))


def test_a_moment_is_said_as_people_say_it() -> None:
    assert moment(NOW.replace(hour=17, minute=0), NOW) == "today 17:00"
    assert moment(datetime(2026, 11, 27, 17, tzinfo=UTC), NOW) == "Fri 27 Nov 17:00"
    assert moment(datetime(2027, 6, 4, 16, tzinfo=UTC), NOW) == "Fri 4 Jun 2027 17:00"
