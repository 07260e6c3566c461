"""Which days are working days, and what moment a local day and time is.

Before: `records/calendars.py` fills these values from the bank holiday tables and `config/calendar.toml`. After:
`due.py` counts on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailroom.domain.errors import Cause, NeedsPerson

LONDON = ZoneInfo("Europe/London")
"""The zone on whose dates all days are counted."""

END_OF_DAY = time(23, 59, 59)
"""A day in law runs to midnight; this is the last second that counts."""

_SATURDAY, _SUNDAY = 5, 6
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working days of one nation or council, for a range of years.

    Attributes:
        holidays: bank holidays, those on a weekend included.
        first_year: the first year whose holidays are known.
        last_year: the last one.
        closures: further days on which the council is closed.
        weekend: days of the week without work, Monday being 0.
    """

    holidays: frozenset[date]
    first_year: int
    last_year: int
    closures: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({_SATURDAY, _SUNDAY})

    def is_working(self, day: date) -> bool:
        """Say whether people work on this day.

        Raises:
            NeedsPerson: the day lies outside the years whose holidays are known, which is nearly always a wrong date
                of receipt.
        """
        if not self.first_year <= day.year <= self.last_year:
            raise NeedsPerson(
                Cause.CONFLICT,
                f"No working days are known for {day.isoformat()}, only for {self.first_year} to {self.last_year}. "
                "Correct the date of receipt; if it is right, the years in calendar.toml must be widened.",
            )
        return day.weekday() not in self.weekend and day not in self.holidays and day not in self.closures

    def next_on_or_after(self, day: date) -> date:
        """Return the day itself if it is a working day, else the first working day after it."""
        while not self.is_working(day):
            day += _A_DAY
        return day

    def nth_after(self, day: date, number: int, disregarded: AbstractSet[date] = frozenset()) -> date:
        """Return the `number`-th working day after a day, the day itself and disregarded days not counted."""
        for _ in range(number):
            day = self.next_on_or_after(day + _A_DAY)
            while day in disregarded:
                day = self.next_on_or_after(day + _A_DAY)
        return day


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Local times of a working day: from when post counts for the next day, and when the council is open."""

    cut_off: time = time(17)
    opens: time = time(9)
    closes: time = time(17)


@dataclass(frozen=True, slots=True)
class Calendars:
    """All calendars of a council by name (`tenant`, `england`, ..., `uk_union`), and its hours."""

    by_name: Mapping[str, WorkingCalendar]
    hours: OfficeHours = OfficeHours()

    def named(self, name: str, *, closures: bool) -> WorkingCalendar:
        """Return a calendar, with the council's closures as days off or without.

        Raises:
            ValueError: there is no calendar of this name.
        """
        if name not in self.by_name:
            raise ValueError(f"there is no calendar {name!r}; there are {', '.join(sorted(self.by_name))}")
        calendar = self.by_name[name]
        return calendar if closures else replace(calendar, closures=frozenset())


def local(moment: datetime) -> datetime:
    """Return a moment as London's clocks show it.

    Raises:
        ValueError: it does not say its zone, so it is no moment.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(LONDON)


def local_date(moment: datetime) -> date:
    """Return the date in London at a moment."""
    return local(moment).date()


def moment_at(day: date, clock_time: time) -> datetime:
    """Return the moment (UTC) at which London's clocks show this time on this day."""
    return datetime.combine(day, clock_time, LONDON).astimezone(UTC)
