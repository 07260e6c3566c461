"""What a clock is: how much time, of which kind, counted from what, and what may stop it or start it anew.

Before: `tables.py` makes these values from `config/clocks.toml`. After: `due.py` computes due times by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What is counted."""

    HOURS = "hours"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    WEEKS = "weeks"
    MONTHS = "months"


class Event(StrEnum):
    """What starts a clock or makes it start anew."""

    RECEIPT = "receipt"
    ACKNOWLEDGEMENT = "acknowledgement"
    HAND_OFF = "hand_off"
    PUBLICITY = "publicity"
    INVESTIGATION = "investigation"
    CLARIFICATION = "clarification"
    IDENTITY_PROVED = "identity_proved"


class MetBy(StrEnum):
    """What must have happened when a clock ends."""

    CASE = "case"
    ACKNOWLEDGEMENT = "acknowledgement"
    HAND_OFF = "hand_off"
    HOLDING = "holding"
    REPLY = "reply"


class DayZero(StrEnum):
    """Which day comes before day 1.

    `same_day` is the strict reading of the Freedom of Information Act 2000 s10(1), where the day after receipt is day 1
    even if receipt was on a day off; `roll_receipt` is the other reading; `day_before` is for laws that say
    "beginning with the day".
    """

    SAME_DAY = "same_day"
    ROLL_RECEIPT = "roll_receipt"
    DAY_BEFORE = "day_before"


class Roll(StrEnum):
    """What becomes of a due date on a day off."""

    NONE = "none"
    FORWARD = "forward"


class PauseRule(StrEnum):
    """Which days of a pause do not count.

    `fees_notice` is the Freedom of Information Act 2000 s10(2): working days from the notice to the payment, both
    included. `information_asked` is the UK GDPR art 12A: all days from asking to the answer, both included.
    `working_days` leaves out the day it was paused.
    """

    NEVER = "never"
    WORKING_DAYS = "working_days"
    FEES_NOTICE = "fees_notice"
    INFORMATION_ASKED = "information_asked"


_IN_HOURS = frozenset({Unit.HOURS, Unit.WORKING_HOURS})
_UNITS_THAT_PAUSE = {
    PauseRule.WORKING_DAYS: frozenset({Unit.WORKING_DAYS}),
    PauseRule.FEES_NOTICE: frozenset({Unit.WORKING_DAYS}),
    PauseRule.INFORMATION_ASKED: frozenset({Unit.CALENDAR_DAYS, Unit.WEEKS, Unit.MONTHS}),
}


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One kind of clock: a `[clocks.NAME]` table of `config/clocks.toml`, whose head explains each field.

    Raises:
        ValueError: two fields contradict each other; the message names one of them.
    """

    name: str
    title: str
    unit: Unit
    amount: int
    source: str
    statutory: bool = False
    extension: int = 0
    calendar: str = "tenant"
    closures: bool = False
    cut_off: bool = False
    starts: Event = Event.RECEIPT
    day_zero: DayZero = DayZero.SAME_DAY
    roll: Roll = Roll.NONE
    pause: PauseRule = PauseRule.NEVER
    restart: Event | None = None
    met_by: MetBy = MetBy.REPLY

    def __post_init__(self) -> None:
        """Refuse a rule that contradicts itself."""
        for contradicts, fault in self._faults():
            if contradicts:
                raise ValueError(fault)

    def _faults(self) -> tuple[tuple[bool, str], ...]:
        rolled = self.day_zero is DayZero.ROLL_RECEIPT
        return (
            (self.amount < 1, f"amount: {self.amount} is less than 1"),
            (self.extension < 0, f"extension: {self.extension} is less than 0"),
            (self.statutory and self.closures, "closures: a statutory clock runs on while the council is closed"),
            (self.statutory and self.cut_off, "cut_off: a statutory day runs to midnight"),
            (self.cut_off and not rolled, f"cut_off: needs day_zero = {DayZero.ROLL_RECEIPT.value!r}"),
            (self._counts_days_in_hours(), f"unit: {self.unit} know no day_zero, roll or cut_off"),
            (not self._pause_fits(), f"pause: {self.pause} does not fit a clock in {self.unit}"),
        )

    def _counts_days_in_hours(self) -> bool:
        return self.unit in _IN_HOURS and (self.day_zero is not DayZero.SAME_DAY or self.roll is not Roll.NONE)

    def _pause_fits(self) -> bool:
        return self.pause is PauseRule.NEVER or self.unit in _UNITS_THAT_PAUSE[self.pause]
