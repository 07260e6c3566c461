"""The manager's morning in one look: did we keep the promise on the last working day, and what runs out today.

Before: a manager opens the figures. After: they know whether to read on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mailroom.desk.acting import refuse_unless_theirs_to_do
from mailroom.desk.measuring import Ahead, ahead
from mailroom.desk.performance import spans_of
from mailroom.domain.access import Task, Viewer
from mailroom.domain.figures import Figures, total
from mailroom.domain.sla import local_date
from mailroom.records.ledger import Days
from mailroom.services import Services

_A_DAY = timedelta(days=1)
_WEEKEND = (5, 6)
_FAR_BACK = 14
"""After so many days without a working one it no longer matters which was the last."""


@dataclass(frozen=True, slots=True)
class Morning:
    """The last working day, and what lies ahead.

    Attributes:
        day: the last working day before today.
        figures: what was received on it.
        today: deadlines that run out today and nothing has met.
        late: open cases of which a deadline has run out.
        days: the next days, today first; Saturdays and Sundays only where a deadline runs out on them.
        teams: what lies before each team.
    """

    day: date
    figures: Figures
    today: int
    late: int
    days: tuple[date, ...]
    teams: tuple[Ahead, ...]


def morning(viewer: Viewer, services: Services) -> Morning:
    """Return the morning's look.

    Raises:
        Refused: figures are not theirs.
    """
    refuse_unless_theirs_to_do(viewer, Task.MEASURE)
    day = last_working_day(local_date(services.now()), services)
    with services.records.look() as session:
        cut = spans_of(session, Days(day, day), services)
        found = services.counted_days.figures(session, cut, services.now())
    days, teams = ahead(viewer, services)
    today = sum(team.runs_out[days[0]] for team in teams)
    return Morning(
        day, total(found.values()), today, sum(team.late for team in teams), days_to_show(days, teams), tuple(teams)
    )


def days_to_show(days: Sequence[date], teams: Sequence[Ahead]) -> tuple[date, ...]:
    """Return today and the days after it, without the Saturdays and Sundays on which nothing is due; pure."""
    busy = {day for team in teams for day, number in team.runs_out.items() if number}
    return tuple(day for day in days if day == days[0] or day.weekday() not in _WEEKEND or day in busy)


def last_working_day(today: date, services: Services) -> date:
    """Return the last day before today on which the council worked."""
    calendar = services.calendars.named("tenant", closures=True)
    before = (today - number * _A_DAY for number in range(1, _FAR_BACK))
    return next((day for day in before if calendar.is_working(day)), today - _A_DAY)
