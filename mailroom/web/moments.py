"""Moments as people read them: days of the week and times in London, what is left until a deadline in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from mailroom.domain.sla import LONDON

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


def moment(value: datetime | str | None) -> str:
    """Return day and time, for instance `Mon 23 Nov 2026 17:00`; a dash where there is none."""
    return f"{_local(value):%a %-d %b %Y %H:%M}" if value else "-"


def day(value: datetime | str | None) -> str:
    """Return the day, for instance `Mon 23 Nov 2026`; a dash where there is none."""
    return f"{_local(value):%a %-d %b %Y}" if value else "-"


def short(value: datetime | str | None) -> str:
    """Return day and time without the year, for instance `Mon 23 Nov 17:00`; a dash where there is none."""
    return f"{_local(value):%a %-d %b %H:%M}" if value else "-"


def left(due: datetime | str | None, now: datetime) -> str:
    """Return what is left until a deadline, or by how much it is missed, in the largest unit that says enough."""
    if not due:
        return "no deadline"
    span = _local(due) - now
    return f"{in_words(span)} left" if span >= timedelta() else f"{in_words(-span)} late"


def late(due: datetime | str | None, now: datetime) -> bool:
    """Return whether a deadline has passed."""
    return due is not None and _local(due) < now


def in_words(span: timedelta) -> str:
    """Return a span of time, for instance `2 d`, `3 h 12 min` or `5 min`."""
    if span >= 2 * _DAY:
        return f"{span // _DAY} d"
    if span >= _HOUR:
        return f"{span // _HOUR} h {span % _HOUR // _MINUTE} min"
    return f"{span // _MINUTE} min"


def _local(value: datetime | str) -> datetime:
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return read.astimezone(LONDON)


FILTERS: dict[str, Callable[..., str | bool]] = {
    "moment": moment,
    "day": day,
    "short": short,
    "left": left,
    "late": late,
    "span": in_words,
}
"""By the names that templates use."""
