"""The items that had no case in time, one by one and by the reason.

Before: `figures.py` has said how many. After: whoever may see an item is told which and why; everybody else how many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, case, func
from sqlalchemy.orm import Session

from mailroom.domain.access import Viewer
from mailroom.domain.capture import Channel
from mailroom.domain.promise import Span
from mailroom.records.spans import NOW, is_embedded, is_late, items_in, span_table, values_of
from mailroom.records.tables import Item
from mailroom.records.visibility import visible_to

_VIEWERS = 64
"""For so many people the questions are kept put together."""


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
    query = _one_by_one(viewer, embedded=is_embedded(session)).limit(most).offset(leave_out)
    rows = session.execute(query, values_of(spans, now))
    return [Late(item, day, Why(bool(known), bool(late), item.cause)) for item, day, known, late in rows]


def late_by_reason(session: Session, spans: Iterable[Span], now: datetime, viewer: Viewer) -> Sequence[LateCount]:
    """Count the late items by channel, reason, and whether the viewer may see them."""
    rows = session.execute(_by_reason(viewer, embedded=is_embedded(session)), values_of(spans, now))
    return [
        LateCount(channel, Why(bool(known), bool(late), cause), bool(seen), number)
        for channel, known, late, cause, seen, number in rows
    ]


@lru_cache(_VIEWERS)
def _one_by_one(viewer: Viewer, *, embedded: bool) -> Select[Any]:
    span = span_table(embedded=embedded)
    query = items_in(span, Item, span.c.day, span.c.capture.is_not(None), _came_late(embedded=embedded))
    return query.where(is_late(span), visible_to(viewer)).order_by(Item.received_at, Item.reference)


@lru_cache(_VIEWERS)
def _by_reason(viewer: Viewer, *, embedded: bool) -> Select[Any]:
    span = span_table(embedded=embedded)
    known, came_late = span.c.capture.is_not(None).label("known"), _came_late(embedded=embedded).label("came_late")
    seen = case((visible_to(viewer), 1), else_=0).label("seen")
    query = items_in(span, Item.channel, known, came_late, Item.cause, seen, func.count()).where(is_late(span))
    return query.group_by(Item.channel, "known", "came_late", Item.cause, "seen")


def _came_late(*, embedded: bool) -> ColumnElement[bool]:
    age = func.julianday if embedded else _epoch
    inside = age(func.coalesce(Item.captured_at, NOW)) - age(Item.taken_at)
    return age(Item.taken_at) - age(Item.received_at) > inside


def _epoch(moment: SQLColumnExpression[datetime]) -> ColumnElement[Any]:
    return func.extract("epoch", moment)
