"""By when what came in must have been done, for whole spans of time at once instead of item by item.

Before: somebody asks what became of a promise in a month. After: `records/figures.py` counts on which side of its
moment each item lies. A clock that counts in days gives everything received between midnight and the cut-off the same
moment, and everything after the cut-off another: two spans a day say all, whatever the number of items, and nothing
that is stored grows stale when a calendar or a date of receipt is corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from mailroom.domain.errors import Misconfigured, NeedsPerson
from mailroom.domain.sla import LONDON, Calendars, ClockRule, DayZero, Unit, due_at

_A_DAY = timedelta(days=1)
_IN_HOURS = frozenset({Unit.HOURS, Unit.WORKING_HOURS})

CAPTURE = "capture_one_working_day"
ACKNOWLEDGE = "acknowledge_one_working_day"
HAND_OFF = "hand_off_one_working_day"
PROMISES = (CAPTURE, ACKNOWLEDGE, HAND_OFF)
"""The clocks of `config/clocks.toml` whose keeping is measured for everything that comes in."""


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time in which all that is received is due at the same moments.

    Attributes:
        day: the London date of receipt.
        begins: its first moment.
        ends: the first moment after it.
        due: last moment of each promise by the name of its clock; None where no working days are known for that time.
        due_without_cut_off: last moment of the capture when a minute after the cut-off gives no further day.
        unknown: the sentence that says why no moment is known, else None.
    """

    day: date
    begins: datetime
    ends: datetime
    due: Mapping[str, datetime | None]
    due_without_cut_off: datetime | None
    unknown: str | None = None


@dataclass(frozen=True, slots=True)
class Promises:
    """The spans of days by the rules and calendars of one council, each day cut once.

    Attributes:
        rules: clocks by name.
        calendars: working days by calendar name.
    """

    rules: Mapping[str, ClockRule]
    calendars: Calendars
    _cut: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def spans_of(self, days: Iterable[date]) -> list[Span]:
        """Return what `spans` yields for these London dates.

        Raises:
            Misconfigured: one of the promises cannot be measured.
        """
        return [span for day in days for span in self._spans_of(day)]

    def _spans_of(self, day: date) -> tuple[Span, ...]:
        if day not in self._cut:
            self._cut[day] = tuple(spans([day], self.rules, self.calendars))
        return self._cut[day]


def spans(days: Iterable[date], rules: Mapping[str, ClockRule], calendars: Calendars) -> Iterator[Span]:
    """Yield the spans of these London dates, in their order.

    Raises:
        Misconfigured: one of the promises is missing, or counted in hours, so that every item has a moment of its own.
    """
    for name in PROMISES:
        if name not in rules or rules[name].unit in _IN_HOURS:
            raise Misconfigured(f"clocks.toml: [clocks.{name}] must be there and be counted in days. Correct its unit.")
    without = replace(rules[CAPTURE], cut_off=False, day_zero=DayZero.SAME_DAY)
    for day in days:
        cut_off, tomorrow = _at(day, calendars.hours.cut_off), _at(day + _A_DAY, time())
        for begins, ends in ((_at(day, time()), cut_off), (cut_off, tomorrow)):
            if begins < ends:
                yield Span(day, begins, ends, *_due(begins, rules, without, calendars))


def _due(
    begins: datetime, rules: Mapping[str, ClockRule], without: ClockRule, calendars: Calendars
) -> tuple[Mapping[str, datetime | None], datetime | None, str | None]:
    """Return when what comes in from this moment on is due, by promise and without the cut-off, or why not known."""
    try:
        due = {name: due_at(rules[name], begins, calendars) for name in PROMISES}
        return due, due_at(without, begins, calendars), None
    except NeedsPerson as fault:
        return dict.fromkeys(PROMISES), None, fault.sentence


def _at(day: date, clock_time: time) -> datetime:
    return datetime.combine(day, clock_time, LONDON)
