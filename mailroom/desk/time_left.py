"""How long there is until something is due, in the words of somebody who looks at a clock; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailroom.domain.sla import LONDON, local_date

_A_DAY = timedelta(days=1)
_FAR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due.

    Attributes:
        clock: name of the clock.
        at: when.
        late: whether that has passed.
        left: how long there is, or how long it has been late: `3 h 12 min left`, `4 days left`, `2 days late`.
        when: the moment as people say it: `today 17:00`, `Mon 23 Nov 17:00`.
    """

    clock: str
    at: datetime
    late: bool
    left: str
    when: str


def due(clock: str, at: datetime, now: datetime) -> Due:
    """Return when this clock is due, seen from now."""
    late = at < now
    span = _span(abs(at - now))
    return Due(clock, at, late, f"{span} {'late' if late else 'left'}", moment(at, now))


def moment(at: datetime, now: datetime) -> str:
    """Return the moment in London as people say it; the year only where it is another one."""
    local = at.astimezone(LONDON)
    if local_date(at) == local_date(now):
        return f"today {local:%H:%M}"
    year = "" if local.year == local_date(now).year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


def _span(span: timedelta) -> str:
    if span >= _FAR:
        return f"{span // _A_DAY} days"
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
