"""Whether a way in is silent for longer than is usual for it; only hours in which the council works are counted.

Before: the door has put down when something came by each way in. After: `duties/silent_channels.py` raises an alarm.
Nights, weekends, bank holidays, closures and the days from Christmas Eve to New Year make nobody suspicious.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate, pairwise

from mailroom.domain.sla import OfficeHours, WorkingCalendar, local_date
from mailroom.domain.sla.days import moment_at

_DAYS_OF_HISTORY = 20
_LEAST_DAYS, _LEAST_RECEIPTS = 10, 20
"""Fewer say nothing about what is usual."""

_CHRISTMAS_EVE, _NEW_YEAR = (12, 24), (1, 1)
_A_DAY = timedelta(days=1)
_AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is out of the ordinary.

    Attributes:
        times: so many times as long as the longest silence that is usual.
        least_hours: working hours below which no silence is out of the ordinary.
    """

    times: float
    least_hours: float

    def of(self, usual: float) -> float:
        """Return the hours of silence beyond which it is out of the ordinary."""
        return max(self.least_hours, self.times * usual)


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence that is out of the ordinary.

    Attributes:
        since: when something came in for the last time.
        hours: working hours since then.
        usual: working hours of the longest silence that is usual.
    """

    since: datetime
    hours: float
    usual: float


class WorkedHours:
    """Counts working hours between moments.

    Args:
        first: the first day (London) that is asked about.
        last: the last one.
        calendar: which days are working days.
        hours: when the council is open.
    """

    def __init__(self, first: date, last: date, calendar: WorkingCalendar, hours: OfficeHours) -> None:
        days = (first + n * _A_DAY for n in range((last - first).days + 1))
        counted = [day for day in days if _counts(day, calendar)]
        self._opens = [moment_at(day, hours.opens) for day in counted]
        self._closes = [moment_at(day, hours.closes) for day in counted]
        lengths = [(end - begin) / _AN_HOUR for begin, end in zip(self._opens, self._closes, strict=True)]
        self._before = list(accumulate(lengths, initial=0.0))

    def between(self, earlier: datetime, later: datetime) -> float:
        """Return the working hours between two moments."""
        return self._until(later) - self._until(earlier)

    def _until(self, moment: datetime) -> float:
        place = bisect_right(self._opens, moment) - 1
        if place < 0:
            return 0.0
        return self._before[place] + (min(moment, self._closes[place]) - self._opens[place]) / _AN_HOUR


def history_begins(last: datetime, calendar: WorkingCalendar) -> datetime:
    """Return the moment from which on receipts say what is usual: twenty working days before the last of them."""
    day = local_date(last)
    for _ in range(_DAYS_OF_HISTORY):
        day -= _A_DAY
        while not _counts(day, calendar):
            day -= _A_DAY
    return moment_at(day, time())


def silence(
    received: Sequence[datetime], now: datetime, calendar: WorkingCalendar, hours: OfficeHours, limits: Limits
) -> Silence | None:
    """Return the present silence where it is out of the ordinary, else None.

    Args:
        received: when something came in, oldest first, from `history_begins` on.
        now: the time of day.
        calendar: which days are working days.
        hours: when the council is open.
        limits: what is out of the ordinary.
    """
    if len(received) < _LEAST_RECEIPTS or len({local_date(moment) for moment in received}) < _LEAST_DAYS:
        return None
    worked = WorkedHours(local_date(received[0]), local_date(now), calendar, hours)
    usual = _usual([worked.between(earlier, later) for earlier, later in pairwise(received)], limits)
    present = worked.between(received[-1], now)
    return Silence(received[-1], present, usual) if present > limits.of(usual) else None


def _usual(silences: Sequence[float], limits: Limits) -> float:
    """Return the longest one, unless it was out of the ordinary itself: an outage does not say what is usual."""
    second, longest = sorted(silences)[-2:]
    return second if longest > limits.of(second) else longest


def _counts(day: date, calendar: WorkingCalendar) -> bool:
    at_christmas = (day.month, day.day) >= _CHRISTMAS_EVE or (day.month, day.day) <= _NEW_YEAR
    return not at_christmas and calendar.is_working(day)
