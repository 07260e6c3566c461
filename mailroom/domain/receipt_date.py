"""Whether the date of receipt that a channel gives can be true; the clocks of an item hang on it.

Before: a channel says when something was received, from a header, a folder's name or a machine's clock. After: the
door writes that moment down, or its own with the mark *assumed*, which the post room is asked about.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from mailroom.domain.capture import Capture
from mailroom.domain.sla.days import local_date, moment_at

OLDEST = timedelta(days=20 * 365)
"""A receipt longer ago than this is a clock that was never set (1970, 1980, 2000 are their usual years)."""

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
