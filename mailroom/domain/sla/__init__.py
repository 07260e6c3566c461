"""The clocks: by when something must have happened, computed from the moment it came in; pure arithmetic.

Before: `records/calendars.py` has read the bank holidays and `settings.py` the rules of `config/clocks.toml`. After:
`open_case` gives a case its clocks, the desk and the reports ask whether they were met.

All moments are UTC; days are counted on Europe/London dates and turned into a moment only at the end.
"""

from mailroom.domain.sla.days import LONDON, Calendars, OfficeHours, WorkingCalendar, local_date
from mailroom.domain.sla.due import Pause, day_zero, due_at, is_met, start_of
from mailroom.domain.sla.endings import Ending, ending, promised_due
from mailroom.domain.sla.rules import ClockRule, DayZero, Event, MetBy, PauseRule, Roll, Unit
from mailroom.domain.sla.tables import clock_rule_from

__all__ = [
    "LONDON",
    "Calendars",
    "ClockRule",
    "DayZero",
    "Ending",
    "Event",
    "MetBy",
    "OfficeHours",
    "Pause",
    "PauseRule",
    "Roll",
    "Unit",
    "WorkingCalendar",
    "clock_rule_from",
    "day_zero",
    "due_at",
    "ending",
    "is_met",
    "local_date",
    "promised_due",
    "start_of",
]
