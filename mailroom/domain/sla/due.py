"""When a clock is due: from a rule, the moment it started and the calendars to a moment in UTC.

Before: a case has its type, so its rules are known, and the events that start clocks are on record. After: the due
times stand on the case, and `is_met` compares them with what happened.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from mailroom.domain.sla.days import END_OF_DAY, Calendars, OfficeHours, WorkingCalendar, local, local_date, moment_at
from mailroom.domain.sla.rules import ClockRule, DayZero, Event, PauseRule, Roll, Unit

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in which a clock may stand still: from the notice or question to the payment or answer.

    For a pause that lasts, `ended_at` is the present moment; the due time then moves on with every day.

    Raises:
        ValueError: it ends before it began.
    """

    began_at: datetime
    ended_at: datetime

    def __post_init__(self) -> None:
        """Refuse a pause that ends before it began."""
        if self.ended_at < self.began_at:
            raise ValueError(f"a pause cannot end at {self.ended_at.isoformat()}, before it began")


def start_of(rule: ClockRule, events: Mapping[Event, datetime]) -> datetime | None:
    """Return the moment a clock runs from, or None while its start has not happened.

    Args:
        rule: the clock.
        events: the latest moment of each kind of event that has happened to the case.
    """
    started_at = events.get(rule.starts)
    if started_at is None or rule.restart is None:
        return started_at
    return max(started_at, events.get(rule.restart, started_at))


def day_zero(rule: ClockRule, started_at: datetime, calendars: Calendars) -> date:
    """Return the date (London) after which the days of a clock are counted.

    Raises:
        ValueError: the moment has no time zone, or there is no such calendar.
        NeedsPerson: the date lies outside the years of the calendar.
    """
    start = local(started_at)
    day = start.date()
    if rule.day_zero is DayZero.DAY_BEFORE:
        return day - _A_DAY
    if rule.day_zero is DayZero.SAME_DAY:
        return day
    if rule.cut_off and start.time() >= calendars.hours.cut_off:
        day += _A_DAY
    return _calendar(rule, calendars).next_on_or_after(day)


def due_at(
    rule: ClockRule,
    started_at: datetime,
    calendars: Calendars,
    *,
    pauses: Iterable[Pause] = (),
    extended: bool = False,
) -> datetime:
    """Return the last moment (UTC) at which a clock is still met.

    A statutory clock ends at 23:59:59 London time of its last day, the council's own at the cut-off time; one in hours
    ends so many hours after it started.

    Args:
        rule: the clock.
        started_at: what `start_of` returned; aware.
        calendars: working days by name, and the council's hours.
        pauses: all pauses of the case; a clock that never pauses takes no notice. A pause that begins after the clock
            was due changes nothing.
        extended: whether the extension that the rule allows was taken.

    Raises:
        ValueError: the rule allows no extension, the moment has no time zone, or there is no such calendar.
        NeedsPerson: a date lies outside the years of the calendar.
    """
    if extended and not rule.extension:
        raise ValueError(f"the clock {rule.name} cannot be extended")
    amount = rule.amount + (rule.extension if extended else 0)
    if rule.unit is Unit.HOURS:
        return local(started_at).astimezone(UTC) + timedelta(hours=amount)
    if rule.unit is Unit.WORKING_HOURS:
        return _after_working_hours(started_at, amount, _calendar(rule, calendars), calendars.hours)
    last_day = _last_day(rule, started_at, calendars, amount, _days_disregarded(rule.pause, pauses))
    return moment_at(last_day, END_OF_DAY if rule.statutory else calendars.hours.cut_off)


def is_met(event_at: datetime, due: datetime) -> bool:
    """Say whether something happened in time, compared as moments to the whole second, as due times are."""
    return event_at.replace(microsecond=0) <= due


def _calendar(rule: ClockRule, calendars: Calendars) -> WorkingCalendar:
    return calendars.named(rule.calendar, closures=rule.closures)


def _last_day(
    rule: ClockRule, started_at: datetime, calendars: Calendars, amount: int, idle: AbstractSet[date]
) -> date:
    calendar = _calendar(rule, calendars)
    zero = day_zero(rule, started_at, calendars)
    if rule.unit is Unit.WORKING_DAYS:
        return calendar.nth_after(zero, amount, idle)
    last_day = _moved_by(idle, zero, _calendar_end(rule, zero, amount))
    return calendar.next_on_or_after(last_day) if rule.roll is Roll.FORWARD else last_day


def _calendar_end(rule: ClockRule, zero: date, amount: int) -> date:
    if rule.unit is Unit.MONTHS:
        return _months_after(zero, amount, beginning_with_next=rule.day_zero is DayZero.DAY_BEFORE)
    return zero + timedelta(days=amount * (7 if rule.unit is Unit.WEEKS else 1))


def _months_after(zero: date, months: int, *, beginning_with_next: bool) -> date:
    """Return the corresponding date, or the last day of its month where there is none.

    Months that begin with a day end on the day before the corresponding one: from 1 March, two months end on 30 April,
    which is not the date that corresponds to 28 February.
    """
    first = zero + _A_DAY if beginning_with_next else zero
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    day_of_month = first.day - 1 if beginning_with_next else first.day
    length = monthrange(year, month + 1)[1]
    return date(year, month + 1, 1) + timedelta(days=min(day_of_month, length) - 1)


def _moved_by(idle: AbstractSet[date], zero: date, last_day: date) -> date:
    for day in sorted(idle):
        if zero < day <= last_day:
            last_day += _A_DAY
    return last_day


def _days_disregarded(rule: PauseRule, pauses: Iterable[Pause]) -> frozenset[date]:
    if rule is PauseRule.NEVER:
        return frozenset()
    skipped = 1 if rule is PauseRule.WORKING_DAYS else 0
    return frozenset(day for pause in pauses for day in _dates(pause)[skipped:])


def _dates(pause: Pause) -> list[date]:
    first = local_date(pause.began_at)
    return [first + timedelta(days=n) for n in range((local_date(pause.ended_at) - first).days + 1)]


def _after_working_hours(started_at: datetime, hours: int, calendar: WorkingCalendar, office: OfficeHours) -> datetime:
    remaining = timedelta(hours=hours)
    day = calendar.next_on_or_after(local_date(started_at))
    while True:
        begin = max(started_at.astimezone(UTC), moment_at(day, office.opens))
        open_for = max(moment_at(day, office.closes) - begin, timedelta())
        if remaining <= open_for:
            return begin + remaining
        remaining -= open_for
        day = calendar.next_on_or_after(day + _A_DAY)
