"""The figures of days, kept for as long as nothing touches them, so that a year costs no more than a look at its days.

Before: `figures.py` can count all that was received in some spans. After: only days on which something has changed
since are counted again. Nothing is told here of a change: whatever changes an item leaves an event in the same commit
(`custody.py`), so the global log and what still waits for its place in it say which days were touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from threading import Lock

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from mailroom.domain.figures import Figures
from mailroom.domain.promise import CAPTURE, Span
from mailroom.domain.sla import local_date
from mailroom.records.figures import Key, figures
from mailroom.records.tables import CustodyEvent, CustodyNumber, CustodyPending, Item

MOVED = "received_corrected"
"""The kind of event after which an item counts on another day than before."""

_A_SECOND = timedelta(seconds=1)
_MANY = 5000
"""After so many events it is quicker to count anew than to ask which days they touched."""

_NEWEST = select(func.max(CustodyNumber.number))
_EVENTS = select(CustodyNumber.event_id).where(CustodyNumber.number > bindparam("number"))
_HAPPENED = (
    select(CustodyEvent.item_id, CustodyEvent.kind)
    .where(CustodyEvent.id.in_(_EVENTS.union_all(select(CustodyPending.event_id))))
    .distinct()
)


@dataclass(frozen=True, slots=True)
class _Day:
    """What was counted of a day: under which due moments, when, and the figures by channel."""

    spans: Sequence[Span]
    counted_at: datetime
    figures: dict[Key, Figures]

    def stands(self, cut: Sequence[Span], now: datetime) -> bool:
        """Whether the due moments are the same, and none of them has passed since and made items late."""
        return self.spans == cut and not any(
            due is not None and self.counted_at - _A_SECOND <= due <= now for span in cut for due in [span.due[CAPTURE]]
        )


@dataclass(slots=True)
class CountedDays:
    """What has been counted; every process has its own, and loses nothing but time with it."""

    _days: dict[date, _Day] = field(default_factory=dict)
    _number: int = 0
    _lock: Lock = field(default_factory=Lock)

    def figures(self, session: Session, spans: Iterable[Span], now: datetime) -> dict[Key, Figures]:
        """Return what `figures.figures` returns for these spans.

        Args:
            session: a look at the records.
            spans: all spans of each day that is asked for.
            now: the time of day.
        """
        asked: dict[date, list[Span]] = {}
        for span in spans:
            asked.setdefault(span.day, []).append(span)
        with self._lock:
            if not self._follow(session):
                return figures(session, chain.from_iterable(asked.values()), now)
            to_count = {day: cut for day, cut in asked.items() if not self._stands(day, cut, now)}
            if to_count:
                self._keep(to_count, figures(session, chain.from_iterable(to_count.values()), now), now)
            return {key: found for day in asked for key, found in self._days[day].figures.items()}

    def _stands(self, day: date, cut: Sequence[Span], now: datetime) -> bool:
        kept = self._days.get(day)
        return kept is not None and kept.stands(cut, now)

    def _keep(self, counted: Mapping[date, Sequence[Span]], found: Mapping[Key, Figures], now: datetime) -> None:
        self._days.update({day: _Day(cut, now, {}) for day, cut in counted.items()})
        for (day, channel), numbers in found.items():
            self._days[day].figures[day, channel] = numbers

    def _follow(self, session: Session) -> bool:
        """Forget the days that were touched; False where this look at the records is older than what is kept."""
        newest = session.scalar(_NEWEST) or 0
        if newest < self._number:
            return False
        touched = _touched_since(self._number, newest, session) if self._days else set()
        self._days = {} if touched is None else {day: kept for day, kept in self._days.items() if day not in touched}
        self._number = newest
        return True


def _touched_since(number: int, newest: int, session: Session) -> set[date] | None:
    """Return the days on which items were received that something has happened to; None where it may be any."""
    if newest - number > _MANY:
        return None
    happened = session.execute(_HAPPENED, {"number": number}).all()
    if any(kind == MOVED for _, kind in happened):
        return None
    items = {item_id for item_id, _ in happened}
    if not items:
        return set()
    return {local_date(moment) for moment in session.scalars(select(Item.received_at).where(Item.id.in_(items)))}
