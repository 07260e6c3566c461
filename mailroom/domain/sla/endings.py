"""How a handed-off case ends by the ten-day promise: answered, told when the answer will come, or broken.

Before: replies are on record with the moment they went out, and `due.py` has said when they were due. After: the
performance report counts the endings; a broken promise is never to be found there.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from mailroom.domain.sla.days import Calendars, local_date, moment_at
from mailroom.domain.sla.due import is_met


class Ending(StrEnum):
    """The one ending that a handed-off case has."""

    FULL = "full"
    HOLDING = "holding"
    BREACH = "breach"


def ending(
    due: datetime,
    now: datetime,
    *,
    replied_at: datetime | None = None,
    held_at: datetime | None = None,
    promised_for: date | None = None,
) -> Ending | None:
    """Return how a case ended as far as is known now, or None while it is open and not yet due.

    The promise (South Northamptonshire contact strategy, 2008): 75 % get a complete response within ten working days,
    the other 25 % a response in that time which explains when the full one will come. A holding reply can still be
    overtaken by a full one in time.

    Args:
        due: the ten working days' end.
        now: the moment of asking.
        replied_at: when the complete response went out.
        held_at: when the holding reply went out.
        promised_for: the date it promises; without one, or with one that had passed, it is no holding reply.
    """
    if replied_at is not None and is_met(replied_at, due):
        return Ending.FULL
    if held_at is not None and is_met(held_at, due) and _promises(promised_for, held_at):
        return Ending.HOLDING
    return None if is_met(now, due) else Ending.BREACH


def promised_due(promised_for: date, calendars: Calendars) -> datetime:
    """Return when a promised full reply is due (UTC): the council's cut-off time on the date it named."""
    return moment_at(promised_for, calendars.hours.cut_off)


def _promises(promised_for: date | None, held_at: datetime) -> bool:
    return promised_for is not None and promised_for >= local_date(held_at)
