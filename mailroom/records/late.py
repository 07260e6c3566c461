"""The items that had no case in time, one by one and by the reason.

Before: `figures.py` has said how many. After: whoever may see an item is told which and why; everybody else how many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, literal
from sqlalchemy.orm import Session

from mailroom.domain.access import Viewer
from mailroom.domain.capture import Channel
from mailroom.domain.promise import Span
from mailroom.records.spans import is_late, items_in, table_of
from mailroom.records.tables import Instant, Item
from mailroom.records.visibility import visible_to


@dataclass(frozen=True, slots=True)
class Why:
    """What the reason is read from.

    Attributes:
        known: whether its date of receipt has a due moment at all.
        came_late: more of the time was over before it reached us than after.
        cause: why it needs a person, where it does now.
    """

    known: bool
    came_late: bool
    cause: str | None


@dataclass(frozen=True, slots=True)
class Late:
    """One late item, its date of receipt and what the reason is read from."""

    item: Item
    day: date
    why: Why


@dataclass(frozen=True, slots=True)
class LateCount:
    """So many late items of a channel for one reason, and whether the viewer may see them."""

    channel: Channel
    why: Why
    seen: bool
    number: int


def late_items(
    session: Session, spans: Iterable[Span], now: datetime, viewer: Viewer, most: int | None = None, leave_out: int = 0
) -> list[Late]:
    """Return the late items that the viewer may see, earliest receipt first.

    Args:
        session: a look at the records.
        spans: when what is meant was received.
        now: the time of day.
        viewer: who asks.
        most: how many at the most; None for all.
        leave_out: how many of the first ones stood on the pages before.
    """
    span = table_of(session, spans)
    known = span.c.capture.is_not(None)
    query = items_in(span, Item, span.c.day, known, _came_late(session, now)).where(is_late(span, now))
    query = query.where(visible_to(viewer)).order_by(Item.received_at, Item.reference).limit(most).offset(leave_out)
    rows = session.execute(query)
    return [Late(item, day, Why(bool(known), bool(late), item.cause)) for item, day, known, late in rows]


def late_by_reason(session: Session, spans: Iterable[Span], now: datetime, viewer: Viewer) -> Sequence[LateCount]:
    """Count the late items by channel, reason, and whether the viewer may see them."""
    span = table_of(session, spans)
    known, came_late = span.c.capture.is_not(None).label("known"), _came_late(session, now).label("came_late")
    seen = case((visible_to(viewer), 1), else_=0).label("seen")
    query = items_in(span, Item.channel, known, came_late, Item.cause, seen, func.count()).where(is_late(span, now))
    rows = session.execute(query.group_by(Item.channel, "known", "came_late", Item.cause, "seen"))
    return [
        LateCount(channel, Why(bool(known), bool(late), cause), bool(seen), number)
        for channel, known, late, cause, seen, number in rows
    ]


def _came_late(session: Session, now: datetime) -> ColumnElement[bool]:
    before = _age(session, Item.taken_at) - _age(session, Item.received_at)
    inside = _age(session, func.coalesce(Item.captured_at, literal(now, Instant))) - _age(session, Item.taken_at)
    return before > inside


def _age(session: Session, moment: SQLColumnExpression[datetime]) -> ColumnElement[Any]:
    if session.get_bind().dialect.name == "sqlite":
        return func.julianday(moment)
    return func.extract("epoch", moment)
