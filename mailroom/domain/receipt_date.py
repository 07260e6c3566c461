"""Whether the date of receipt that a channel gives can be true; the clocks of an item hang on it.

Before: a channel says when something was received, from a header, a folder's name or a machine's clock. After: the
door writes that moment down, or its own with the mark *assumed*, which the post room is asked about. What one of our
own officers passes on counts from the day on which it came to the council first.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from mailroom.domain.capture import Capture
from mailroom.domain.sla.days import local_date, moment_at

OLDEST = timedelta(days=20 * 365)
"""A receipt longer ago than this is a clock that was never set (1970, 1980, 2000 are their usual years)."""

FURTHEST_BACK = timedelta(days=60)
"""A first arrival longer ago than this is not believed without a person's word."""

_A_DAY = timedelta(days=1)


def believable(capture: Capture, now: datetime) -> Capture:
    """Return the capture, with now as its assumed receipt where the one it gives lies after today or decades back.

    Later today is believed: post is dated noon of its day of delivery, also when it is scanned in the morning.

    Args:
        capture: as the channel made it.
        now: the time of day (aware).
    """
    midnight = moment_at(local_date(now) + _A_DAY, time())
    if now - OLDEST <= capture.received_at < midnight:
        return capture
    return replace(capture, received_at=now, receipt_assumed=True)


def first_arrival(received_at: datetime, said: datetime | None, *, proven: bool) -> tuple[datetime, bool]:
    """Return when something that one of us passed on counts as received, and whether a person must be asked.

    It never moves later than the moment at which it came in here.

    Args:
        received_at: when it came in here.
        said: when our own servers took it in first, as far as they say so; None where they do not.
        proven: whether they say so of all that was passed on.
    """
    if said is None or said < received_at - FURTHEST_BACK:
        return received_at, True
    return min(said, received_at), not proven


def possible_receipt(received_at: datetime, taken_at: datetime, now: datetime) -> datetime:
    """Return a moment that a person gives, at the latest that of the taking in, where a date alone stands for noon.

    Args:
        received_at: as they give it (aware).
        taken_at: when it was taken in.
        now: the time of day.

    Raises:
        ValueError: it was here on the day before that, or the year is a slip; the message is for that person.
    """
    if received_at < now - OLDEST:
        years = OLDEST.days // 365
        raise ValueError(f"that is more than {years} years ago. Correct the year.")
    if received_at <= taken_at:
        return received_at
    if local_date(received_at) != local_date(taken_at):
        raise ValueError(f"it was in the mailroom at {taken_at:%d %B %Y %H:%M} UTC.")
    return taken_at
