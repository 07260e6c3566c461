"""The manager's page in figures: what became of the promises, day by day and channel by channel, and what lies ahead.

Before: somebody chooses a period. After: they have sums and shares, the late items as far as they may see them, what
lies before each team, and the clocks that will run out. Figures count everything and name nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from mailroom.desk.acting import Refused, refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.performance import late_lines, reason_in_words, spans_of
from mailroom.domain.access import Task, Viewer
from mailroom.domain.capture import Channel
from mailroom.domain.figures import Figures, total
from mailroom.domain.promise import Span
from mailroom.domain.sla import local_date
from mailroom.records.figures import Key
from mailroom.records.late import LateCount, late_by_reason, late_items
from mailroom.records.ledger import Days
from mailroom.records.outlook import piles, returned_by_team, run_out
from mailroom.services import Services

A_PAGE = 50
LONGEST = timedelta(days=366)
"""The longest period that is measured at once: beyond a year figures are compared, not added up."""

_A_DAY = timedelta(days=1)
_Name = TypeVar("_Name", date, Channel)


@dataclass(frozen=True, slots=True)
class Reason:
    """So many items of a channel are late for one reason."""

    channel: Channel
    reason: str
    number: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a period.

    Attributes:
        days: its first and last date of receipt.
        total: of all channels and days.
        channels: by channel, in the order of the channels; those by which nothing came are left out.
        series: by day, every day of the period, also those on which nothing came.
        by_key: by day and channel, for export.
        late: the late items of this page that the viewer may see.
        late_not_shown: how many more are late that they may not see.
        late_seen: how many are late that they may see.
        reasons: why, in numbers, most first.
        page: number of this page of late items, from 1.
        returned: how often each team, by key, sent something of the period back.
    """

    days: Days
    total: Figures
    channels: Mapping[Channel, Figures]
    series: Mapping[date, Figures]
    by_key: Mapping[Key, Figures]
    late: Sequence[Mapping[str, Any]]
    late_not_shown: int
    late_seen: int
    reasons: Sequence[Reason]
    page: int
    returned: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What lies before one team.

    Attributes:
        team: key.
        name: what people call it.
        open: cases that are not closed.
        oldest_days: age of the oldest, in days.
        late: how many of them have a clock that has run out.
        exceptions: how many need a person of the post room.
        runs_out: how many clocks run out on each of the days asked for.
    """

    team: str
    name: str
    open: int
    oldest_days: int
    late: int
    exceptions: int
    runs_out: Mapping[date, int]


def measure(days: Days, viewer: Viewer, services: Services, page: int = 1) -> Measured:
    """Return the figures of all that was received in the period.

    Raises:
        Refused: figures are not theirs, or the period has no beginning, no end, or is longer than a year.
    """
    refuse_unless_theirs_to_do(viewer, Task.MEASURE)
    first, last = _ends_of(days)
    now = services.now()
    with services.records.look() as session:
        cut = spans_of(session, days, services)
        by_key = services.counted_days.figures(session, cut, now)
        with_late = _with_late(cut, by_key)
        counts = late_by_reason(session, with_late, now, viewer) if with_late else []
        seen = sum(count.number for count in counts if count.seen)
        late = late_items(session, with_late, now, viewer, A_PAGE, (page - 1) * A_PAGE) if seen else []
        returned = returned_by_team(session, days)
    whole = total(by_key.values())
    by_channel, by_day = _summed(by_key, lambda key: key[1]), _summed(by_key, lambda key: key[0])
    return Measured(
        days=days,
        total=whole,
        channels={channel: by_channel[channel] for channel in Channel if channel in by_channel},
        series={day: by_day.get(day, Figures()) for day in _every_day(first, last)},
        by_key=by_key,
        late=late_lines(late, cut),
        late_not_shown=whole.late - seen,
        late_seen=seen,
        reasons=_reasons(counts),
        page=page,
        returned=returned,
    )


def late_and_why(
    days: Days, viewer: Viewer, services: Services
) -> tuple[Sequence[Mapping[str, Any]], Sequence[Reason]]:
    """Return every late item of the period that the viewer may see, and in numbers why the others are late.

    Raises:
        Refused: figures are not theirs, or the period has no beginning, no end, or is longer than a year.
    """
    refuse_unless_theirs_to_do(viewer, Task.MEASURE)
    _ends_of(days)
    now = services.now()
    with services.records.look() as session:
        cut = spans_of(session, days, services)
        counts = late_by_reason(session, cut, now, viewer)
        late = late_items(session, cut, now, viewer)
        return late_lines(late, cut), _reasons(count for count in counts if not count.seen)


def ahead(viewer: Viewer, services: Services, number_of_days: int = 5) -> tuple[Sequence[date], Sequence[Ahead]]:
    """Return the next days, today first, and what lies before each team that has anything open.

    Raises:
        Refused: figures are not theirs.
    """
    refuse_unless_theirs_to_do(viewer, Task.MEASURE)
    now = services.now()
    days = _every_day(local_date(now), local_date(now) + (number_of_days - 1) * _A_DAY)
    with services.records.look() as session:
        ends = run_out(session, now, now + number_of_days * _A_DAY)
        lying = piles(session, now, services.catalogue.post_room)
    found: dict[str, dict[date, int]] = {}
    for one in ends:
        by_day = found.setdefault(one.team, {})
        by_day[local_date(one.due_at)] = by_day.get(local_date(one.due_at), 0) + one.number
    return days, [
        Ahead(
            pile.team,
            name_of_team(pile.team, services),
            pile.open,
            _age_in_days(pile.oldest, now),
            pile.late,
            pile.exceptions,
            {day: found.get(pile.team, {}).get(day, 0) for day in days},
        )
        for pile in lying
    ]


def _ends_of(days: Days) -> tuple[date, date]:
    if days.first is None or days.last is None:
        raise Refused("Name the first and the last day of the period.")
    first, last = days.first, days.last
    refuse_unless(first <= last, "The period ends before it begins. Change one of the two days.")
    refuse_unless(last - first < LONGEST, "A period can be a year at the most. Choose a shorter one.")
    return first, last


def _with_late(cut: Iterable[Span], by_key: Mapping[Key, Figures]) -> list[Span]:
    """Return the spans of the days that have a late item: of a good month none needs to be looked through."""
    days = {day for (day, _), numbers in by_key.items() if numbers.late}
    return [span for span in cut if span.day in days]


def _every_day(first: date, last: date) -> list[date]:
    return [first + number * _A_DAY for number in range((last - first).days + 1)]


def _summed(by_key: Mapping[Key, Figures], name: Callable[[Key], _Name]) -> dict[_Name, Figures]:
    parts: dict[_Name, list[Figures]] = {}
    for key, part in by_key.items():
        parts.setdefault(name(key), []).append(part)
    return {key: total(some) for key, some in parts.items()}


def _reasons(counts: Iterable[LateCount]) -> list[Reason]:
    found: dict[tuple[Channel, str], int] = {}
    for count in counts:
        key = count.channel, reason_in_words(count.why)
        found[key] = found.get(key, 0) + count.number
    return sorted((Reason(*key, number) for key, number in found.items()), key=lambda line: -line.number)


def name_of_team(team: str, services: Services) -> str:
    """Return what people call a team, which may be one that the catalogue has no more."""
    known = services.catalogue.teams.get(team)
    return known.name if known else team


def _age_in_days(received_at: datetime, now: datetime) -> int:
    return (local_date(now) - local_date(received_at)).days
